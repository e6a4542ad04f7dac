import { describe, expect, test } from '@jest/globals';
import { type ConfigOverrides, loadConfig } from '../../../src/config/config.js';
import { ConfigurationError, type ConfigurationProblem } from '../../../src/errors.js';

const DATABASE_URL = 'postgresql://app:pw@db:5432/app';

function problemsOf(environment: Record<string, string>, overrides?: ConfigOverrides) {
  return allProblemsOf({ DATABASE_URL, ...environment }, overrides);
}

function allProblemsOf(environment: Record<string, string>, overrides?: ConfigOverrides) {
  try {
    loadConfig(environment, overrides);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

function onlyProblemOf(
  environment: Record<string, string>,
  overrides?: ConfigOverrides,
): ConfigurationProblem {
  const problems = problemsOf(environment, overrides);
  expect(problems).toHaveLength(1);
  const [problem] = problems;
  if (problem === undefined) throw new Error('no problem found');
  return problem;
}

describe('a wrong value is refused by name', () => {
  const pool = 'a whole number from 1 to 1000';
  const time = 'milliseconds, a whole number from 1 to 2147483647';
  const yesOrNo = 'true or false';
  test.each([
    ['DB_POOL_MAX', 'abc', pool],
    ['DB_POOL_MAX', 'NaN', pool],
    ['DB_POOL_MAX', '1.5', pool],
    ['DB_POOL_MAX', '1e2', pool],
    ['DB_POOL_MAX', '0x10', pool],
    ['DB_POOL_MAX', '-1', pool],
    ['DB_POOL_MAX', '0', pool],
    ['DB_POOL_MAX', '1001', pool],
    ['DATABASE_POOL_SIZE', 'many', pool],
    ['DB_POOL_MIN', '-1', 'a whole number from 0 to 1000'],
    ['DB_IDLE_TIMEOUT', '2147483648', 'from 0 to 2147483647'],
    ['DB_CONNECTION_TIMEOUT', '0', time],
    ['DB_CONNECTION_TIMEOUT', 'Infinity', time],
    ['DB_CONNECTION_TIMEOUT', '10s', time],
    ['DB_QUERY_TIMEOUT', '0', time],
    ['DB_STATEMENT_TIMEOUT', '-1', 'from 0 to 2147483647'],
    ['DB_ENABLE_REINDEX', 'maybe', yesOrNo],
    ['REDIS_MAX_RETRIES', '-1', 'attempts'],
    ['REDIS_CONNECT_TIMEOUT', '0', time],
    ['REDIS_COMMAND_TIMEOUT', '0', time],
    ['REDIS_COMMAND_TIMEOUT', '99999999999999999999', time],
    ['CACHE_ENABLED', 'maybe', yesOrNo],
    ['ENABLE_LOCAL_CACHE', '2', yesOrNo],
    ['ENABLE_REDIS_CACHE', 'null', yesOrNo],
    ['CACHE_PREFIX', 'a{b}*', '1 to 64 letters'],
    ['CACHE_DEFAULT_TTL', '0', 'seconds'],
    ['CACHE_TTL', '31536001', 'seconds'],
    ['CACHE_COMPRESSION_THRESHOLD', '-1', 'bytes'],
    ['CACHE_STRATEGY_ENTITIES', 'FOREVER', 'one of SHORT, MEDIUM, LONG, SESSION, WEEK'],
    ['CACHE_STRATEGY_QUERIES', '300', 'one of SHORT'],
    ['CACHE_STRATEGY_AGGREGATIONS', 'x', 'one of SHORT'],
    ['CACHE_STRATEGY_USER_SESSIONS', 'x', 'one of SHORT'],
    ['SLOW_QUERY_THRESHOLD', '-5', 'milliseconds'],
    ['DATABASE_LOG_QUERIES', 'query', yesOrNo],
    ['DATABASE_LOG_QUERY_PARAMS', 'TRUEISH', yesOrNo],
  ])('%s=%s', (variable, value, expected) => {
    const problem = onlyProblemOf({ [variable]: value });
    expect(problem).toMatchObject({ variable, value });
    expect(problem.expected).toContain(expected);
  });

  test.each([
    ['DATABASE_URL', 'mysql://app:pw@db/app', 'mysql://app:***@db/app'],
    ['DATABASE_URL', 'db:5432/app', '***'],
    ['DATABASE_URL', 'postgresql://', 'postgresql://'],
    ['DATABASE_URL', 'postgresql://app:100%@db/app', 'postgresql://app:***@db/app'],
    ['DATABASE_URL', 'postgresql://app:12/34@db/app', 'postgresql://app:***@db/app'],
    ['DATABASE_URL', 'postgresql://app:12?34@db/app', 'postgresql://app:***@db/app'],
    ['DATABASE_URL', 'postgresql://db1,db2/app', '***'],
    ['DIRECT_DATABASE_URL', 'http://db/app', 'http://db/app'],
    ['DATABASE_READ_URLS', 'postgresql://a/app,redis://b,postgresql://c/app', 'redis://b'],
    ['DATABASE_READ_URLS', 'postgresql://a/app,', '(empty)'],
    ['REDIS_URL', 'http://cache', 'http://cache'],
    ['REDIS_URL', 'redis://', 'redis://'],
    ['REDIS_URL', 'redis://cache/name', 'redis://cache/name'],
    ['REDIS_HOST', 'redis://:pw@cache', 'redis://:***@cache'],
  ])('%s=%s, shown without its secrets', (variable, value, shown) => {
    const [problem] = problemsOf({ [variable]: value });
    expect(problem?.variable).toBe(variable);
    expect(problem?.value).toContain(shown);
    expect(problem?.expected).toMatch(/URL|host/);
  });

  test('a port out of range', () => {
    expect(onlyProblemOf({ REDIS_HOST: 'cache', REDIS_PORT: '65536' }).variable).toBe('REDIS_PORT');
  });

  test('a value of several lines takes one line of the message', () => {
    expect(onlyProblemOf({ CACHE_PREFIX: 'a\nb' }).value).toBe('a\\u{a}b');
  });
});

describe('what must be given', () => {
  test('an unset DATABASE_URL is a problem with an example', () => {
    const [problem] = allProblemsOf({});
    expect(problem).toMatchObject({ variable: 'DATABASE_URL', value: '(unset)' });
    expect(problem?.expected).toContain(
      'a PostgreSQL URL such as postgresql://user:password@host:5432/database',
    );
  });

  test('an empty DATABASE_URL is unset', () => {
    expect(allProblemsOf({ DATABASE_URL: '' })).toEqual(allProblemsOf({}));
  });
});

describe('contradictions', () => {
  test('two names of one setting with different values are refused together', () => {
    const problem = onlyProblemOf({ DB_POOL_MAX: '7', DATABASE_POOL_SIZE: '8' });
    expect(problem).toMatchObject({ variable: 'DB_POOL_MAX, DATABASE_POOL_SIZE', value: '7, 8' });
  });

  test('a pool minimum above its maximum is refused, a default maximum included', () => {
    expect(onlyProblemOf({ DB_POOL_MIN: '6', DB_POOL_MAX: '5' })).toEqual({
      variable: 'DB_POOL_MIN',
      value: '6',
      expected: 'at most DB_POOL_MAX, which is 5',
    });
    expect(onlyProblemOf({ DB_POOL_MIN: '11' }).expected).toBe('at most DB_POOL_MAX, which is 10');
  });

  test.each([
    ['UPSTASH_REDIS_REST_URL', 'https://example.upstash.io', 'UPSTASH_REDIS_REST_TOKEN'],
    ['UPSTASH_REDIS_REST_TOKEN', 'token', 'UPSTASH_REDIS_REST_URL'],
    ['REDIS_PASSWORD', 'pw', 'REDIS_HOST'],
    ['REDIS_PORT', '7000', 'REDIS_HOST'],
  ])('%s alone is refused for want of its other half', (given, value, missing) => {
    const problem = onlyProblemOf({ [given]: value });
    expect(problem).toMatchObject({ variable: missing, value: '(unset)' });
    expect(problem.expected).toContain(`since ${given} is set`);
  });

  test.each([
    ['REDIS_HOST', 'other', 'other'],
    ['REDIS_PORT', '7000', '7000'],
    ['REDIS_PASSWORD', 'other', '***'],
  ])('%s that says otherwise than REDIS_URL is refused', (variable, value, shown) => {
    const problem = onlyProblemOf({ REDIS_URL: 'redis://:pw@cache', [variable]: value });
    expect(problem).toMatchObject({ variable, value: shown });
    expect(problem.expected).toContain('REDIS_URL');
  });
});

describe('two shared caches at once', () => {
  const redis = { REDIS_URL: 'redis://cache' };
  const sentinels = { REDIS_SENTINEL_URLS: 'redis://s1' };
  const cluster = { REDIS_CLUSTER_URLS: 'redis://n1' };
  const upstash = { UPSTASH_REDIS_REST_URL: 'https://h', UPSTASH_REDIS_REST_TOKEN: 'token' };
  test.each([
    [{ ...redis, ...cluster }, 'REDIS_CLUSTER_URLS', 'REDIS_URL'],
    [{ REDIS_HOST: 'cache', ...cluster }, 'REDIS_CLUSTER_URLS', 'REDIS_HOST'],
    [{ ...redis, ...upstash }, 'UPSTASH_REDIS_REST_URL', 'REDIS_URL'],
    [{ ...sentinels, ...cluster }, 'REDIS_CLUSTER_URLS', 'REDIS_SENTINEL_URLS'],
    [{ ...sentinels, ...redis, ...upstash }, 'UPSTASH_REDIS_REST_URL', 'REDIS_SENTINEL_URLS'],
    [{ ...cluster, ...upstash }, 'UPSTASH_REDIS_REST_URL', 'REDIS_CLUSTER_URLS'],
  ])('%j are refused', (environment, variable, beside) => {
    const problem = onlyProblemOf(environment);
    expect(problem.variable).toBe(variable);
    expect(problem.expected).toContain(`nothing beside ${beside}: there is one shared cache`);
  });

  test('are accepted where code leaves one of them out', () => {
    expect(problemsOf({ ...redis, ...upstash }, { redis: null })).toEqual([]);
    expect(problemsOf({ ...redis, ...cluster }, { redisCluster: null })).toEqual([]);
    expect(problemsOf({ ...redis, ...sentinels }, { redisSentinel: null })).toEqual([]);
  });
});

test.each([
  ['REDIS_SENTINEL_URLS', 'redis://s1/2'],
  ['REDIS_CLUSTER_URLS', 'redis://n1,redis://n2/1'],
  ['REDIS_CLUSTER_URLS', 'n1:7000'],
  ['REDIS_SENTINEL_MASTER', 'a b'],
])('%s=%s is refused', (variable, value) => {
  const sentinels = variable === 'REDIS_SENTINEL_MASTER' ? { REDIS_SENTINEL_URLS: 'redis://s1' } : {};
  expect(onlyProblemOf({ ...sentinels, [variable]: value }).variable).toBe(variable);
});

test('the name of a master is refused without sentinels, and certificates without TLS', () => {
  expect(onlyProblemOf({ REDIS_SENTINEL_MASTER: 'cache' })).toMatchObject({
    variable: 'REDIS_SENTINEL_URLS',
    value: '(unset)',
  });
  expect(onlyProblemOf({ REDIS_URL: 'redis://cache', REDIS_TLS_CA: '/ca.pem' }).variable).toBe(
    'REDIS_TLS_CA',
  );
  expect(problemsOf({ REDIS_SENTINEL_URLS: 'rediss://s1', REDIS_TLS_CA: '/ca.pem' })).toEqual([]);
});

test('all problems are reported at once, in the message too', () => {
  const environment = { DB_POOL_MAX: 'abc', REDIS_URL: 'cache', CACHE_ENABLED: 'maybe', CACHE_TTL: '-1' };
  const names = ['DATABASE_URL', 'DB_POOL_MAX', 'REDIS_URL', 'CACHE_ENABLED', 'CACHE_TTL'];
  expect(allProblemsOf(environment).map(({ variable }) => variable)).toEqual(names);
  expect(() => loadConfig(environment)).toThrow(/DB_POOL_MAX=abc: expected a number of connections/);
});
