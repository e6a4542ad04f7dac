import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Keyv } from 'keyv';
import { CacheManager } from '../../../src/cache/index.js';
import { loadConfig, silentLogger } from '../../../src/config/index.js';
import { KeyvHoldfast } from '../../../src/integrations/keyv.js';
import { nothingRecorded, schemaOf } from '../../support/memory-cache.js';
import { COMMAND_PATIENCE_MS, servesInTime } from '../../support/patience.js';
import { openRedisClient, type RedisClient } from '../../support/redis-stores.js';
import { sharedRedis } from '../../support/servers.js';

const { url, keyPrefix } = sharedRedis();
/** Two processes of one service. */
let here: CacheManager;
let elsewhere: CacheManager;
let client: RedisClient;

function newCache(): CacheManager {
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: 'postgresql://unused@127.0.0.1/unused',
    REDIS_URL: url,
    REDIS_COMMAND_TIMEOUT: String(COMMAND_PATIENCE_MS),
    CACHE_PREFIX: keyPrefix,
  });
  return new CacheManager({ config, logger: silentLogger, metadata: schemaOf(), outbox: nothingRecorded });
}

beforeAll(async () => {
  [here, elsewhere, client] = [newCache(), newCache(), await openRedisClient(url)];
  for (const cache of [here, elsewhere]) {
    await cache.connect();
    expect(await servesInTime(cache)).toBe(true);
  }
});

afterAll(async () => {
  await Promise.all([here.disconnect(), elsewhere.disconnect()]);
  client.destroy();
});

async function roundTripsOf(cache: CacheManager, work: () => Promise<unknown>): Promise<number> {
  const before = cache.getStatistics().roundTrips;
  await work();
  return cache.getStatistics().roundTrips - before;
}

describe('a Keyv over Redis', () => {
  const keyvOf = (cache: CacheManager, namespace: string) =>
    new Keyv({ store: new KeyvHoldfast(cache), namespace });

  test('sees what another process sets, deletes and clears, as soon as that says so', async () => {
    const [one, other] = [keyvOf(here, 'shared'), keyvOf(elsewhere, 'shared')];
    for (let value = 0; value < 20; value += 1) {
      expect(await one.set('foo', value)).toBe(true);
      expect(await other.get('foo')).toBe(value);
    }
    expect(await other.delete('foo')).toBe(true);
    expect(await one.get('foo')).toBeUndefined();
    await one.set('foo', 1);
    expect(await other.get('foo')).toBe(1);
    await one.clear();
    expect(await other.get('foo')).toBeUndefined();
  });

  test('goes through all values of its namespace, also those whose names are too long to stand in their keys', async () => {
    const [one, other] = [keyvOf(here, 'walk'), keyvOf(here, 'walk*')];
    const long = 'x'.repeat(5_000);
    const all = new Map(
      [...Array.from({ length: 1_500 }, (_, index) => `k${index}`), long, 'é*'].map((k) => [k, `v${k}`]),
    );
    await one.setMany([...all].map(([key, value]) => ({ key, value })));
    await other.set('alien', 1);
    const found = new Map<unknown, unknown>();
    for await (const [key, value] of one.iterator?.(undefined) ?? []) found.set(key, value);
    expect(found).toEqual(all);
  });

  test('reads many in as many round trips as one', async () => {
    const keyv = keyvOf(here, 'many');
    const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
    await keyvOf(elsewhere, 'many').setMany([...keys, 'one'].map((key) => ({ key, value: key })));
    const ofOne = await roundTripsOf(here, () => keyv.get('one'));
    expect(await roundTripsOf(here, async () => expect(await keyv.getMany(keys)).toEqual(keys))).toBe(ofOne);
    expect(ofOne).toBeLessThanOrEqual(2);
  });
});

describe('a session in Redis', () => {
  test('is there for all processes, and gone for all as soon as it is deleted', async () => {
    await here.sessions.setSession('one', { name: 'Ada' }, { userId: 1 });
    expect(await elsewhere.sessions.getSession('one')).toEqual({ name: 'Ada' });
    expect(await elsewhere.sessions.deleteSession('one')).toBe(true);
    expect(await here.sessions.getSession('one')).toBeNull();
    await here.sessions.setSession('two', 2, { userId: 1 });
    expect(await elsewhere.sessions.deleteSessionsOf(1)).toBe(true);
    expect(await here.sessions.getSession('two')).toBeNull();
  });

  test('shows its id to nobody who reads Redis', async () => {
    await here.sessions.setSession('a-secret-id', 'data');
    const keys = await client.keys(`*${keyPrefix}*`);
    const dumps = await Promise.all(keys.map((key) => client.sendCommand(['DUMP', key])));
    expect(keys.some((key) => key.includes('//$'))).toBe(true);
    expect([...keys, ...dumps].join()).not.toContain('a-secret-id');
  });

  test('is not lost with its user, who is remembered for as long as it is extended', async () => {
    await here.sessions.setSession('long', 'data', { userId: 'lasting', ttlSeconds: 10 });
    await here.sessions.extendSession('long', 100_000);
    const [user, ...others] = await client.keys(`{${keyPrefix}//$lasting}:sessions`);
    expect(others).toEqual([]);
    expect(await client.pTTL(String(user))).toBeGreaterThan(100_000_000);
  });

  test('costs one round trip to read, but for the first time in a while', async () => {
    await here.sessions.setSession('counted', 1);
    await here.sessions.getSession('counted');
    expect(await roundTripsOf(here, () => here.sessions.getSession('counted'))).toBe(1);
  });
});
