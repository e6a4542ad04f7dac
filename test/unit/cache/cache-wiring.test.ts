import { afterEach, describe, expect, test } from '@jest/globals';
import { CacheManager } from '../../../src/cache/index.js';
import { type ConfigOverrides, loadConfig, silentLogger } from '../../../src/config/index.js';
import { nothingRecorded, plainModel, schemaOf } from '../../support/memory-cache.js';

const REDIS = { REDIS_URL: 'redis://127.0.0.1:1' };

describe('where values live', () => {
  let manager: CacheManager | null = null;
  afterEach(() => manager?.disconnect());

  /** Connects to nothing. */
  function cacheWith(environment: Record<string, string>, overrides: ConfigOverrides = {}): CacheManager {
    const config = loadConfig(
      { NODE_ENV: 'test', DATABASE_URL: 'postgresql://unused/unused', ...environment },
      overrides,
    );
    const metadata = schemaOf(plainModel('Thing'));
    manager = new CacheManager({ config, logger: silentLogger, metadata, outbox: nothingRecorded });
    return manager;
  }

  test.each<[string, Record<string, string>, string]>([
    ['one Redis', REDIS, 'redis'],
    ['sentinels', { REDIS_SENTINEL_URLS: 'redis://127.0.0.1:1', ...REDIS }, 'redis-sentinel'],
    ['a cluster', { REDIS_CLUSTER_URLS: 'redis://127.0.0.1:1' }, 'redis-cluster'],
    ['Upstash', { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1', UPSTASH_REDIS_REST_TOKEN: 't' }, 'upstash'],
    ['memory alone', { ENABLE_LOCAL_CACHE: 'true' }, 'memory'],
    ['nothing', {}, 'off'],
    ['Redis and the preset memoryOnly', { ...REDIS, CACHE_PRESET: 'memoryOnly' }, 'memory'],
    ['Redis that is switched off', { ...REDIS, ENABLE_REDIS_CACHE: 'false' }, 'off'],
    [
      'Redis that is asked for beside memoryOnly',
      { ...REDIS, CACHE_PRESET: 'memoryOnly', ENABLE_REDIS_CACHE: 'true' },
      'redis',
    ],
  ])('with %s', (_, environment, tier) => {
    expect(cacheWith(environment).tier).toBe(tier);
  });

  test('is chosen in code past the environment', () => {
    const upstash = { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:1', UPSTASH_REDIS_REST_TOKEN: 't' };
    expect(cacheWith({ ...REDIS, ...upstash }, { redis: null }).tier).toBe('upstash');
  });
});
