import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Cache, createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import type { CacheManager } from '../../../src/cache/index.js';
import { KeyvHoldfast } from '../../../src/integrations/keyv.js';
import { memoryCache, schemaOf } from '../../support/memory-cache.js';

let manager: CacheManager;
let cache: Cache;

function storeIn(namespace = 'cache-manager'): Keyv {
  return new Keyv({ store: new KeyvHoldfast(manager), namespace });
}

beforeEach(() => {
  ({ manager } = memoryCache(schemaOf()));
  cache = createCache({ stores: [storeIn()] });
});

describe('a cache of cache-manager over the cache', () => {
  test('keeps a value, and says until when', async () => {
    expect(await cache.set('foo', { a: [1] }, 60_000)).toEqual({ a: [1] });
    expect(await cache.get('foo')).toEqual({ a: [1] });
    const until = await cache.ttl('foo');
    expect((until ?? 0) - Date.now()).toBeGreaterThan(50_000);
    expect(await cache.get('bar')).toBeUndefined();
    expect(await cache.ttl('bar')).toBeUndefined();
  });

  test('keeps and gives many', async () => {
    await cache.mset<unknown>([
      { key: 'a', value: 1 },
      { key: 'b', value: 'two', ttl: 60_000 },
    ]);
    expect(await cache.mget(['b', 'none', 'a'])).toEqual(['two', undefined, 1]);
  });

  test('removes one, many and all', async () => {
    for (const key of ['a', 'b', 'c', 'd']) await cache.set(key, key);
    expect(await cache.del('a')).toBe(true);
    expect(await cache.mdel(['b', 'none'])).toBe(true);
    expect(await cache.mget(['a', 'b', 'c', 'd'])).toEqual([undefined, undefined, 'c', 'd']);
    await manager.set('foo', 'own');
    expect(await cache.clear()).toBe(true);
    expect(await cache.mget(['c', 'd'])).toEqual([undefined, undefined]);
    expect(await manager.get('foo')).toBe('own');
  });

  test('wraps a function: it runs once for those who ask together, and not while its result is kept', async () => {
    let runs = 0;
    const load = async () => {
      runs += 1;
      return { run: runs };
    };
    const together = await Promise.all([1, 2, 3].map(() => cache.wrap('key', load, 60_000)));
    expect(together).toEqual([{ run: 1 }, { run: 1 }, { run: 1 }]);
    expect(await cache.wrap('key', load)).toEqual({ run: 1 });
    await cache.del('key');
    expect(await cache.wrap('key', load)).toEqual({ run: 2 });
  });

  test('keeps nothing of a function that throws', async () => {
    const failing = () => Promise.reject(new Error('no'));
    await expect(cache.wrap('key', failing)).rejects.toThrow('no');
    expect(await cache.wrap('key', async () => 1)).toBe(1);
  });

  test('computes anew in the background what is near its end', async () => {
    let runs = 0;
    const load = async () => ++runs;
    const options = { ttl: 1_000, refreshThreshold: 2_000 };
    const refreshed = new Promise((resolve) => cache.on('refresh', resolve));
    expect(await cache.wrap('key', load, options)).toBe(1);
    expect(await cache.wrap('key', load, options)).toBe(1);
    await refreshed;
    expect(await cache.get('key')).toBe(2);
  });

  test('fills its first store from the cache behind it', async () => {
    const first = storeIn('first');
    const both = createCache({ stores: [first, storeIn()] });
    await cache.set('key', 1);
    expect(await both.wrap('key', async () => 2)).toBe(1);
    expect(await first.get('key')).toBe(1);
  });

  test('leaves values of another namespace alone', async () => {
    const other = createCache({ stores: [storeIn('other')] });
    await other.set('key', 'other');
    expect(await cache.get('key')).toBeUndefined();
    await cache.clear();
    expect(await other.get('key')).toBe('other');
  });
});

test('values go through JSON, unless their types are to be kept', async () => {
  await cache.set('key', { at: new Date(1) });
  expect(await cache.get('key')).toEqual({ at: '1970-01-01T00:00:00.001Z' });
  const store = storeIn('typed');
  store.serialize = undefined;
  store.deserialize = undefined;
  const typed = createCache({ stores: [store] });
  await typed.set('key', { at: new Date(1), big: 1n });
  expect(await typed.get('key')).toEqual({ at: new Date(1), big: 1n });
  await typed.wrap('wrapped', async () => new Date(2));
  expect(await typed.wrap('wrapped', async () => new Date(3))).toEqual(new Date(2));
});
