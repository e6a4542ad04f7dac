import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { InvalidArgumentError } from '../../../src/errors.js';
import { type CacheFunctions, cacheFunctions, type FlushOptions } from '../../../src/index.js';
import { countOperations, domainFactory, IMPATIENT, someProject } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { servesInTime } from '../../support/patience.js';
import { openRedisClient } from '../../support/redis-stores.js';
import { createDatabase, ownRedis, sharedRedis, type TestDatabase } from '../../support/servers.js';

let database: TestDatabase;
let factory: DomainRepositoryFactory;
let functions: CacheFunctions;

beforeAll(async () => {
  database = await createDatabase();
  const { url, keyPrefix } = sharedRedis();
  factory = domainFactory({ databaseUrl: database.url, redisUrl: url, prefix: keyPrefix });
  functions = cacheFunctions(factory);
  await factory.initialize();
  expect(await servesInTime(factory.cache)).toBe(true);
});

afterAll(async () => {
  await factory.shutdown();
  await database.drop();
});

describe('the plain functions of a cache', () => {
  test('store, find and remove values with their types', async () => {
    const { get, set, del, exists } = functions;
    expect(await get('value')).toBeNull();
    expect(await set('value', { at: new Date(1), big: 7n })).toBe(true);
    expect(await get('value')).toEqual({ at: new Date(1), big: 7n });
    expect(await exists('value')).toBe(true);
    expect(await del('value', 'none')).toBe(true);
    expect(await del()).toBe(true);
    expect(await exists('value')).toBe(false);
  });

  test('store and find JSON, which is the caller’s own', async () => {
    const { get, set, getJSON, setJSON } = functions;
    const given = { at: new Date(1), list: [1], ['__proto__']: 1 };
    expect(await setJSON('json', given)).toBe(true);
    const found = await getJSON<{ list: number[] }>('json');
    expect(found).toEqual(JSON.parse(JSON.stringify(given)));
    found?.list.push(2);
    expect(await getJSON('json')).toEqual(JSON.parse(JSON.stringify(given)));
    expect(await get('json')).toBe(JSON.stringify(given));
    expect(await getJSON('no json')).toBeNull();
    await set('object', { list: [1] });
    const own = await getJSON<{ list: number[] }>('object');
    own?.list.push(2);
    expect(await get('object')).toEqual({ list: [1] });
    await set('text', 'no {json');
    await expect(getJSON('text')).rejects.toThrow('"text" holds a text that is no JSON');
    const circle: { self?: unknown } = {};
    circle.self = circle;
    for (const wrong of [circle, undefined, null, () => 1, 1n]) {
      await expect(setJSON('json', wrong)).rejects.toThrow(InvalidArgumentError);
    }
  });

  test('keep values for the seconds that they are told', async () => {
    const { set, setJSON, ttl, expire, DEFAULT_TTL } = functions;
    await set('short', 1, DEFAULT_TTL.SHORT);
    expect(await ttl('short')).toBe(300);
    await setJSON('short', 1, { ttlSeconds: 60, tags: ['t'] });
    expect(await ttl('short')).toBe(60);
    expect(await expire('short', 1_000)).toBe(true);
    expect(await ttl('short')).toBe(1_000);
    expect(await expire('none', 60)).toBe(false);
    expect(await ttl('none')).toBeNull();
    await set('default', 1);
    const left = (await ttl('default')) ?? 0;
    expect(left).toBeGreaterThan(250);
    expect(left).toBeLessThanOrEqual(300);
    await expect(set('short', 1, -1)).rejects.toThrow(InvalidArgumentError);
  });

  test('keep sessions', async () => {
    const { setSession, getSession, extendSession, deleteSession, deleteSessionsOf } = functions;
    expect(await setSession('id', { name: 'Ada' }, { userId: 7 })).toBe(true);
    expect(await getSession('id')).toEqual({ name: 'Ada' });
    expect(await extendSession('id', 60)).toBe(true);
    expect(await deleteSession('id')).toBe(true);
    expect(await getSession('id')).toBeNull();
    await setSession('id', { name: 'Ada' }, { userId: 7 });
    expect(await deleteSessionsOf(7)).toBe(true);
    expect(await getSession('id')).toBeNull();
    expect(await extendSession('id')).toBe(false);
  });

  test('remove by a pattern, and leave what it does not mean', async () => {
    const { set, get, deletePattern } = functions;
    for (const key of ['page:1', 'page:2', 'page*', 'other']) await set(key, key);
    expect(await deletePattern('page:*')).toMatchObject({ matched: 2, invalidated: 2, failed: 0 });
    expect(await Promise.all(['page:1', 'page*', 'other'].map((key) => get(key)))).toEqual([
      null,
      'page*',
      'other',
    ]);
    expect(await deletePattern(/^(page\*|none)$/)).toMatchObject({ matched: 1 });
    expect(await get('page*')).toBeNull();
  });

  test('offer the cache itself', async () => {
    expect(await functions.redis.increment('hits', 2)).toBe(2);
    expect(functions.redis.tier).toBe('redis');
  });
});

describe('invalidateCache', () => {
  const cached = (read: () => Promise<unknown>) =>
    eventually(
      () => countOperations(factory, read),
      ({ sql }) => sql === 0,
    );
  const statements = async (read: () => Promise<unknown>) => (await countOperations(factory, read)).sql;

  test.each(['Project', 'project', 'PROJECT'])(
    'invalidates an entity of a model called %s, and no other',
    async (name) => {
      const [one, other] = [await someProject(factory), await someProject(factory)];
      const read = (id: string) => () => factory.getProjectRepository().findById(id);
      await cached(read(one.id));
      await cached(read(other.id));
      expect(await functions.invalidateCache(name, one.id)).toBe(true);
      expect(await statements(read(other.id))).toBe(0);
      expect(await statements(read(one.id))).toBe(1);
    },
  );

  test('invalidates all of a model without an id', async () => {
    const { id } = await someProject(factory);
    const read = () => factory.getProjectRepository().findById(id);
    const list = () => factory.getProjectRepository().findMany({ where: { id } });
    await cached(read);
    await cached(list);
    expect(await functions.invalidateCache('project')).toBe(true);
    expect([await statements(read), await statements(list)]).toEqual([1, 1]);
  });

  test('invalidates what bears the tag of any resource', async () => {
    const { set, get, invalidateCache } = functions;
    await set('all', 1, { tags: ['reports'] });
    await set('one', 1, { tags: ['reports:7'] });
    expect(await invalidateCache('reports', 7)).toBe(true);
    expect([await get('all'), await get('one')]).toEqual([1, null]);
    expect(await invalidateCache('reports')).toBe(true);
    expect(await get('all')).toBeNull();
  });

  test('refuses what is no name, or cannot be an id of the model', async () => {
    await expect(functions.invalidateCache('')).rejects.toThrow(InvalidArgumentError);
    await expect(functions.invalidateCache('project', 'no uuid')).rejects.toThrow(InvalidArgumentError);
  });
});

describe('flushAll', () => {
  test.each([undefined, {}, { confirm: false }, { confirm: 'true' }, { confirm: true, everything: true }])(
    'refuses %p, and removes nothing',
    async (options) => {
      await functions.set('kept', 1);
      await expect(functions.flushAll(options as unknown as FlushOptions)).rejects.toThrow(
        InvalidArgumentError,
      );
      expect(await functions.get('kept')).toBe(1);
    },
  );

  test('empties the cache, and leaves sessions and the keys of others; with its second word, nothing', async () => {
    const redis = await ownRedis();
    const servers = { databaseUrl: database.url, redisUrl: redis.url };
    const [here, elsewhere] = [
      domainFactory({ ...servers, prefix: 'here' }),
      domainFactory({ ...servers, prefix: 'here2' }),
    ];
    const client = await openRedisClient(redis.url);
    try {
      for (const each of [here, elsewhere]) {
        await each.initialize();
        expect(await servesInTime(each.cache)).toBe(true);
      }
      const own = cacheFunctions(here);
      const { cache } = here;
      const fill = async () => {
        await client.set('alien', '1');
        await Promise.all([own.set('value', 1), cache.increment('count'), cache.addToSet('set', ['a'])]);
        await own.setSession('id', 'data');
        await elsewhere.cache.set('value', 'of the other');
      };
      await fill();
      expect(await own.flushAll({ confirm: true })).toBe(true);
      expect(await own.get('value')).toBeNull();
      expect(await cache.increment('count', 0)).toBe(0);
      expect(await cache.getSetMembers('set')).toEqual([]);
      expect(await own.getSession('id')).toBe('data');
      expect(await elsewhere.cache.get('value')).toBe('of the other');
      expect(await client.get('alien')).toBe('1');

      await fill();
      expect(await own.flushAll({ confirm: true, everything: 'all keys of the server' })).toBe(true);
      expect(await own.getSession('id')).toBeNull();
      expect(await client.get('alien')).toBeNull();
      expect(await own.set('value', 2)).toBe(true);
      expect(await own.get('value')).toBe(2);
    } finally {
      client.destroy();
      await Promise.all([here.shutdown(), elsewhere.shutdown()]);
      await redis.stop();
    }
  });
});

describe('the connection', () => {
  test('is made, told of, closed, and made again', async () => {
    const { url, keyPrefix } = sharedRedis();
    const own = domainFactory({ databaseUrl: database.url, redisUrl: url, prefix: keyPrefix });
    const { connectRedis, disconnectRedis, isConnectedToRedis, checkRedisHealth, set } = cacheFunctions(own);
    try {
      expect(isConnectedToRedis()).toBe(false);
      expect(await connectRedis()).toBe(true);
      expect(isConnectedToRedis()).toBe(true);
      expect(await checkRedisHealth()).toEqual({
        healthy: true,
        latency: expect.any(Number),
        error: null,
        details: expect.objectContaining({ tier: 'redis' }),
      });
      await disconnectRedis();
      await disconnectRedis();
      expect(isConnectedToRedis()).toBe(false);
      expect(await checkRedisHealth()).toMatchObject({ healthy: false, details: null });
      expect(await connectRedis()).toBe(true);
      expect(isConnectedToRedis()).toBe(true);
      expect(await servesInTime(own.cache)).toBe(true);
      expect(await set('again', 1)).toBe(true);
    } finally {
      await own.shutdown();
    }
  });

  test('is none where no Redis is configured: nothing is found, and nothing stored', async () => {
    const own = domainFactory({ databaseUrl: database.url });
    const { connectRedis, isConnectedToRedis, checkRedisHealth, ...others } = cacheFunctions(own);
    try {
      await connectRedis();
      expect(isConnectedToRedis()).toBe(false);
      expect(await checkRedisHealth()).toMatchObject({
        healthy: false,
        error: expect.stringContaining('REDIS_URL'),
      });
      expect(await others.set('value', 1)).toBe(false);
      expect(await others.get('value')).toBeNull();
      expect(await others.setSession('id', 1)).toBe(false);
      expect(await others.ttl('value')).toBeNull();
      expect(await others.flushAll({ confirm: true })).toBe(true);
      expect(await others.deletePattern('*')).toMatchObject({ scanned: 0 });
    } finally {
      await own.shutdown();
    }
  });

  test('that is lost is told of, and nothing throws meanwhile', async () => {
    const redis = await ownRedis();
    const own = domainFactory({ databaseUrl: database.url, redisUrl: redis.url }, IMPATIENT);
    const { connectRedis, isConnectedToRedis, checkRedisHealth, ...others } = cacheFunctions(own);
    try {
      await connectRedis();
      await redis.kill();
      await eventually(
        () => others.get('value').then(() => isConnectedToRedis()),
        (connected) => !connected,
      );
      expect(await checkRedisHealth()).toMatchObject({ healthy: false, error: expect.any(String) });
      expect(await others.set('value', 1)).toBe(false);
      expect(await others.getSession('id')).toBeNull();
      expect(await others.setSession('id', 1)).toBe(false);
      expect(await others.expire('value', 60)).toBe(false);
    } finally {
      await own.shutdown();
      await redis.stop();
    }
  });
});
