import { describe, expect, test } from '@jest/globals';
import { type Config, loadConfig } from '../../../src/config/config.js';

const DATABASE_URL = 'postgresql://app:pw@db:5432/app';

function load(environment: Record<string, string> = {}): Config {
  return loadConfig({ DATABASE_URL, ...environment });
}

describe('with nothing but DATABASE_URL', () => {
  test('the documented defaults hold', () => {
    expect(load()).toEqual({
      environment: 'development',
      database: {
        url: DATABASE_URL,
        directUrl: null,
        readUrls: [],
        pool: {
          min: 0,
          max: 10,
          idleTimeoutMs: 30_000,
          acquireTimeoutMs: 10_000,
          maxLifetimeMs: 1_800_000,
          leakThresholdMs: 0,
          dynamic: false,
        },
        transactionPooler: false,
        applicationName: 'holdfast',
        queryTimeoutMs: 30_000,
        statementTimeoutMs: 30_000,
        enableReindex: false,
      },
      redis: null,
      redisSentinel: null,
      redisCluster: null,
      upstash: null,
      cache: {
        preset: 'moderate',
        enabled: true,
        localEnabled: null,
        coherence: 'strict',
        near: { maxEntries: 10_000, maxBytes: 67_108_864, ttlSeconds: 60 },
        outboxSchema: 'holdfast_outbox',
        sharedEnabled: true,
        prefix: 'holdfast',
        defaultTtlSeconds: 300,
        compressionThresholdBytes: 0,
        stalenessSampling: 10_000,
        strategies: { entities: 'MEDIUM', queries: 'SHORT', aggregations: 'SHORT', userSessions: 'SESSION' },
      },
      queryLog: { slowThresholdMs: 200, logQueries: false, logParams: false },
    });
  });

  test('an empty or blank variable counts as unset', () => {
    expect(load({ DB_POOL_MAX: '', REDIS_URL: '  ', REDIS_PASSWORD: '', CACHE_ENABLED: '' })).toEqual(load());
  });
});

describe('every variable reaches its place', () => {
  test('for PostgreSQL', () => {
    const { database } = load({
      DIRECT_DATABASE_URL: 'postgres://direct/app',
      DATABASE_READ_URLS: 'postgresql://r1/app, postgresql://r2/app',
      DB_POOL_MIN: '2',
      DB_POOL_MAX: '20',
      DB_IDLE_TIMEOUT: '1',
      DB_CONNECTION_TIMEOUT: '2',
      DB_MAX_LIFETIME: '4',
      DB_LEAK_THRESHOLD: '5',
      DB_POOL_DYNAMIC: 'true',
      DB_TRANSACTION_POOLER: 'on',
      DB_APPLICATION_NAME: 'shop: web',
      DB_QUERY_TIMEOUT: '3',
      DB_STATEMENT_TIMEOUT: '0',
      DB_ENABLE_REINDEX: 'yes',
    });
    expect(database).toEqual({
      url: DATABASE_URL,
      directUrl: 'postgres://direct/app',
      readUrls: ['postgresql://r1/app', 'postgresql://r2/app'],
      pool: {
        min: 2,
        max: 20,
        idleTimeoutMs: 1,
        acquireTimeoutMs: 2,
        maxLifetimeMs: 4,
        leakThresholdMs: 5,
        dynamic: true,
      },
      transactionPooler: true,
      applicationName: 'shop: web',
      queryTimeoutMs: 3,
      statementTimeoutMs: 0,
      enableReindex: true,
    });
  });

  const reaching = {
    REDIS_MAX_RETRIES: '0',
    REDIS_CONNECT_TIMEOUT: '1',
    REDIS_COMMAND_TIMEOUT: '2',
    REDIS_TLS_CA: '/ca.pem',
  };
  const reached = { maxRetries: 0, connectTimeoutMs: 1, commandTimeoutMs: 2, tlsCaFile: '/ca.pem' };
  const none = { redis: null, redisSentinel: null, redisCluster: null, upstash: null };

  test('for one Redis', () => {
    expect(load({ REDIS_URL: 'rediss://redis:6380/2', ...reaching })).toMatchObject({
      ...none,
      redis: { url: 'rediss://redis:6380/2', ...reached },
    });
  });

  test('for sentinels, to whose servers REDIS_URL or REDIS_PASSWORD gives the way', () => {
    const given = {
      REDIS_SENTINEL_URLS: 'rediss://:pw@s1:26379, redis://s2',
      REDIS_SENTINEL_MASTER: 'cache',
    };
    const found = { urls: ['rediss://:pw@s1:26379', 'redis://s2'], master: 'cache', ...reached };
    expect(load({ REDIS_URL: 'rediss://app:pw@unused/2', ...given, ...reaching })).toMatchObject({
      ...none,
      redisSentinel: { url: 'rediss://app:pw@unused/2', ...found },
    });
    expect(load({ ...given, ...reaching, REDIS_PASSWORD: 'p@ss' }).redisSentinel).toEqual({
      url: 'redis://:p%40ss@localhost:6379',
      ...found,
    });
    expect(load({ REDIS_SENTINEL_URLS: 'redis://s1' }).redisSentinel?.master).toBe('mymaster');
  });

  test('for a cluster', () => {
    expect(load({ REDIS_CLUSTER_URLS: 'rediss://:pw@n1:7000,rediss://:pw@n2', ...reaching })).toMatchObject({
      ...none,
      redisCluster: { urls: ['rediss://:pw@n1:7000', 'rediss://:pw@n2'], ...reached },
    });
  });

  test('for Upstash, whose commands may take a second unless something else is said', () => {
    const given = {
      UPSTASH_REDIS_REST_URL: 'https://example.upstash.io',
      UPSTASH_REDIS_REST_TOKEN: 'token',
    };
    const upstash = { url: 'https://example.upstash.io', token: 'token' };
    expect(load(given)).toMatchObject({
      ...none,
      upstash: { ...upstash, connectTimeoutMs: 500, commandTimeoutMs: 1_000 },
    });
    expect(load({ ...given, REDIS_COMMAND_TIMEOUT: '250', REDIS_CONNECT_TIMEOUT: '9' }).upstash).toEqual({
      ...upstash,
      connectTimeoutMs: 9,
      commandTimeoutMs: 250,
    });
  });

  test('for cache and query log', () => {
    const config = load({
      CACHE_PRESET: 'LIGHT',
      CACHE_ENABLED: 'off',
      ENABLE_LOCAL_CACHE: 'TRUE',
      CACHE_COHERENCE: 'Eventual',
      CACHE_NEAR_MAX_ENTRIES: '1',
      CACHE_NEAR_MAX_BYTES: '1024',
      CACHE_NEAR_TTL: '2',
      CACHE_OUTBOX_SCHEMA: 'shop_outbox',
      ENABLE_REDIS_CACHE: '0',
      CACHE_PREFIX: 'shop:eu',
      CACHE_DEFAULT_TTL: '60',
      CACHE_COMPRESSION_THRESHOLD: '4096',
      CACHE_STRATEGY_ENTITIES: 'long',
      CACHE_STRATEGY_QUERIES: 'MEDIUM',
      CACHE_STRATEGY_AGGREGATIONS: 'WEEK',
      CACHE_STRATEGY_USER_SESSIONS: 'SHORT',
      SLOW_QUERY_THRESHOLD: '0',
      DATABASE_LOG_QUERIES: 'on',
      DATABASE_LOG_QUERY_PARAMS: '1',
    });
    expect(config.cache).toEqual({
      preset: 'light',
      enabled: false,
      localEnabled: true,
      coherence: 'eventual',
      near: { maxEntries: 1, maxBytes: 1_024, ttlSeconds: 2 },
      outboxSchema: 'shop_outbox',
      sharedEnabled: false,
      prefix: 'shop:eu',
      defaultTtlSeconds: 60,
      compressionThresholdBytes: 4_096,
      stalenessSampling: 10_000,
      strategies: { entities: 'LONG', queries: 'MEDIUM', aggregations: 'WEEK', userSessions: 'SHORT' },
    });
    expect(config.queryLog).toEqual({ slowThresholdMs: 0, logQueries: true, logParams: true });
  });

  test.each([
    ['DATABASE_POOL_SIZE', (c: Config) => c.database.pool.max],
    ['DATABASE_CONNECTION_TIMEOUT', (c: Config) => c.database.pool.acquireTimeoutMs],
    ['DB_POOL_CONNECTION_TIMEOUT', (c: Config) => c.database.pool.acquireTimeoutMs],
    ['DB_POOL_IDLE_TIMEOUT', (c: Config) => c.database.pool.idleTimeoutMs],
    ['DATABASE_MAX_QUERY_EXECUTION_TIME', (c: Config) => c.queryLog.slowThresholdMs],
    ['CACHE_TTL', (c: Config) => c.cache.defaultTtlSeconds],
  ])('under its other name %s too', (name, read) => {
    expect(read(load({ [name]: '77' }))).toBe(77);
  });

  test('under two names at once, when both say the same', () => {
    expect(load({ DB_POOL_MAX: '7', DATABASE_POOL_SIZE: ' 07 ' }).database.pool.max).toBe(7);
  });
});

describe('Redis by its parts', () => {
  test('the host alone is enough, and the port is 6379', () => {
    expect(load({ REDIS_HOST: 'cache' }).redis?.url).toBe('redis://cache:6379');
  });

  test('a password is percent-encoded, an IPv6 address bracketed', () => {
    const { redis } = load({ REDIS_HOST: '::1', REDIS_PORT: '7000', REDIS_PASSWORD: ' p@:/ss%' });
    expect(redis?.url).toBe('redis://:%20p%40%3A%2Fss%25@[::1]:7000');
  });

  test('parts that agree with REDIS_URL are accepted', () => {
    const { redis } = load({
      REDIS_URL: 'redis://:p%40ss@cache',
      REDIS_HOST: 'cache',
      REDIS_PORT: '6379',
      REDIS_PASSWORD: 'p@ss',
    });
    expect(redis?.url).toBe('redis://:p%40ss@cache');
  });

  test('the REDIS_PORT that Kubernetes injects counts as unset', () => {
    const REDIS_PORT = 'tcp://10.0.0.11:6379';
    expect(load({ REDIS_PORT }).redis).toBeNull();
    expect(load({ REDIS_PORT, REDIS_URL: 'redis://cache:7000' }).redis?.url).toBe('redis://cache:7000');
  });
});

describe('the environment name', () => {
  test('is read without regard to case, and one of the application counts as production', () => {
    expect(load({ NODE_ENV: 'Test' }).environment).toBe('test');
    expect(load({ NODE_ENV: 'staging' }).environment).toBe('production');
  });

  test('turns the query log on where development is said, and not where it is assumed', () => {
    expect(load({ NODE_ENV: 'development' }).queryLog.logQueries).toBe(true);
    expect(load({ NODE_ENV: 'development', DATABASE_LOG_QUERIES: 'false' }).queryLog.logQueries).toBe(false);
    expect(load().queryLog.logQueries).toBe(false);
  });
});

test.each([
  ['Redis', { REDIS_URL: 'redis://cache' }],
  ['sentinels', { REDIS_SENTINEL_URLS: 'redis://s1' }],
  ['a cluster', { REDIS_CLUSTER_URLS: 'redis://n1' }],
  ['Upstash', { UPSTASH_REDIS_REST_URL: 'https://example.upstash.io', UPSTASH_REDIS_REST_TOKEN: 'token' }],
])('the result is frozen all the way down, with %s', (_, environment) => {
  const config = load({ DATABASE_READ_URLS: 'postgresql://r1/app', ...environment });
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    expect(Object.isFrozen(value)).toBe(true);
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(config);
});

test('the environment of the process is read when called, and not before', () => {
  const before = process.env['DATABASE_URL'];
  try {
    process.env['DATABASE_URL'] = 'postgresql://read-at-call/app';
    expect(loadConfig().database.url).toBe('postgresql://read-at-call/app');
  } finally {
    if (before === undefined) delete process.env['DATABASE_URL'];
    else process.env['DATABASE_URL'] = before;
  }
});

test.each([
  'postgresql://app:pw@db:5432/app?sslmode=require',
  'postgres://db/app',
  'postgresql://[::1]:5432/app',
  'postgresql://app@/app?host=/run/postgresql',
  'postgresql:///app?host=/run/postgresql',
  'postgresql://app:p%40ss@db/app',
])('%s is accepted as a PostgreSQL URL', (url) => {
  expect(load({ DATABASE_URL: url }).database.url).toBe(url);
});
