import { describe, expect, test } from '@jest/globals';
import { type ConfigOverrides, loadConfig } from '../../../src/config/config.js';
import { ConfigurationError } from '../../../src/errors.js';

const url = 'postgresql://db/app';

function problemsOf(overrides: unknown, environment: Record<string, string> = { DATABASE_URL: url }) {
  try {
    loadConfig(environment, overrides as ConfigOverrides);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('values given in code', () => {
  test('win over the environment, other names and wrong values included', () => {
    const config = loadConfig(
      { DATABASE_URL: 'nonsense', DB_POOL_MAX: '5', DATABASE_POOL_SIZE: '6' },
      { environment: 'production', database: { url, pool: { max: 3 } } },
    );
    expect(config).toMatchObject({ environment: 'production', database: { url, pool: { min: 0, max: 3 } } });
  });

  test('leave the rest to the environment, as does undefined', () => {
    const overrides = { database: { url, pool: { max: undefined } }, cache: undefined };
    expect(loadConfig({ DB_POOL_MAX: '5', CACHE_PREFIX: 'x' }, overrides)).toMatchObject({
      database: { pool: { max: 5 } },
      cache: { prefix: 'x' },
    });
  });

  test('make DATABASE_URL unnecessary', () => {
    expect(loadConfig({}, { database: { url } }).database.url).toBe(url);
  });

  test('switch Redis and Upstash off by null, whatever the environment says', () => {
    const environment = {
      DATABASE_URL: url,
      REDIS_HOST: 'cache',
      REDIS_PORT: 'x',
      UPSTASH_REDIS_REST_TOKEN: 't',
    };
    expect(loadConfig(environment, { redis: null, upstash: null })).toMatchObject({
      redis: null,
      upstash: null,
    });
  });

  test('give Redis by URL, past the parts in the environment', () => {
    const environment = { DATABASE_URL: url, REDIS_HOST: 'cache', REDIS_COMMAND_TIMEOUT: '9' };
    expect(loadConfig(environment, { redis: { url: 'redis://other' } }).redis).toMatchObject({
      url: 'redis://other',
      commandTimeoutMs: 9,
    });
  });

  test('may say null where null has a meaning', () => {
    const environment = { DATABASE_URL: url, DIRECT_DATABASE_URL: url, ENABLE_LOCAL_CACHE: 'true' };
    const config = loadConfig(environment, { database: { directUrl: null }, cache: { localEnabled: null } });
    expect(config.database.directUrl).toBeNull();
    expect(config.cache.localEnabled).toBeNull();
  });

  test.each([
    ['one Redis', { REDIS_URL: 'redis://cache', REDIS_COMMAND_TIMEOUT: '7' }],
    [
      'sentinels',
      { REDIS_URL: 'rediss://a:b@x/3', REDIS_SENTINEL_URLS: 'redis://s1', REDIS_MAX_RETRIES: '3' },
    ],
    ['a cluster', { REDIS_CLUSTER_URLS: 'rediss://n1', REDIS_TLS_CA: '/ca.pem', REDIS_CONNECT_TIMEOUT: '7' }],
    ['Upstash', { UPSTASH_REDIS_REST_URL: 'https://h', UPSTASH_REDIS_REST_TOKEN: 't' }],
    ['lifetimes of its own', { CACHE_DEFAULT_TTL: '60', CACHE_STRATEGY_QUERIES: 'LONG' }],
    ['a preset', { CACHE_PRESET: 'memoryOnly' }],
  ])('may be a whole Config, with %s', (_, environment) => {
    const config = loadConfig({ DATABASE_URL: url, NODE_ENV: 'test', ...environment });
    expect(loadConfig({}, config)).toEqual(config);
  });

  test('are copied, neither aliased nor frozen', () => {
    const readUrls = ['postgresql://r1/app'];
    const overrides = { database: { url, readUrls, pool: { max: 3 } } };
    const config = loadConfig({}, overrides);
    readUrls.push('postgresql://r2/app');
    overrides.database.pool.max = 4;
    expect(config.database.readUrls).toEqual(['postgresql://r1/app']);
    expect(config.database.pool.max).toBe(3);
  });
});

describe('a wrong value given in code is named by its path', () => {
  test.each([
    [{ database: { pool: { max: '10' } } }, 'database.pool.max', '10'],
    [{ database: { pool: { max: Number.NaN } } }, 'database.pool.max', 'NaN'],
    [{ database: { pool: { min: 11 } } }, 'database.pool.min', '11'],
    [
      { database: { pool: { acquireTimeoutMs: Number.POSITIVE_INFINITY } } },
      'database.pool.acquireTimeoutMs',
      'Infinity',
    ],
    [{ database: { pool: 5 } }, 'database.pool', '(number)'],
    [{ database: null }, 'database', '(null)'],
    [{ database: { url: '' } }, 'database.url', '(empty)'],
    [{ database: { url: 'mysql://u:pw@h/d' } }, 'database.url', 'mysql://u:***@h/d'],
    [{ database: { readUrls: url } }, 'database.readUrls', url],
    [{ redis: { url: null } }, 'redis.url', '(null)'],
    [{ cache: { enabled: 'yes' } }, 'cache.enabled', 'yes'],
    [{ cache: { strategies: { queries: 'short' } } }, 'cache.strategies.queries', 'short'],
    [{ upstash: { url: 'https://h', token: 12_345 } }, 'upstash.token', '***'],
    [{ environment: 'staging' }, 'environment', 'staging'],
    [{ chache: { enabled: true } }, 'chache', '(object)'],
    [{ database: { pool: { maximum: 5 } } }, 'database.pool.maximum', '(number)'],
    [[], 'overrides', '(array)'],
  ])('%j', (overrides, variable, value) => {
    expect(problemsOf(overrides)).toEqual([expect.objectContaining({ variable, value })]);
  });

  test('an unknown setting comes with those that exist', () => {
    const [problem] = problemsOf({ database: { pool: { maximum: 5 } } });
    expect(problem?.expected).toBe(
      'no such setting; there are min, max, idleTimeoutMs, acquireTimeoutMs, maxLifetimeMs, leakThresholdMs, dynamic',
    );
  });

  test('together with those of the environment', () => {
    const problems = problemsOf({ database: { pool: { max: 0 } } }, { DB_QUERY_TIMEOUT: 'x' });
    expect(problems.map(({ variable }) => variable)).toEqual([
      'DATABASE_URL',
      'database.pool.max',
      'DB_QUERY_TIMEOUT',
    ]);
  });
});
