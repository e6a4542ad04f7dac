import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Keyv } from 'keyv';
import type { CacheManager } from '../../../src/cache/index.js';
import { KeyvHoldfast, type KeyvHoldfastOptions } from '../../../src/integrations/keyv.js';
import type { ManualClock } from '../../support/manual-clock.js';
import { memoryCache, schemaOf } from '../../support/memory-cache.js';

const DAY = 86_400_000;

let manager: CacheManager;
let clock: ManualClock;

function newCache(): void {
  ({ manager, clock } = memoryCache(schemaOf()));
}

function keyvIn(namespace?: string, options?: KeyvHoldfastOptions): Keyv {
  return new Keyv({
    store: new KeyvHoldfast(manager, options),
    ...(namespace !== undefined && { namespace }),
  });
}

async function entriesOf(keyv: Keyv): Promise<[unknown, unknown][]> {
  const entries: [unknown, unknown][] = [];
  for await (const [key, value] of keyv.iterator?.(undefined) ?? []) entries.push([key, value]);
  return entries.sort();
}

beforeEach(newCache);

describe('a Keyv over the cache', () => {
  test.each([
    false,
    null,
    undefined,
    0,
    '',
    '"',
    "'",
    'bar',
    { fizz: 'buzz' },
    [1, [2]],
    { deep: { list: [null] } },
  ])('gives back %p', async (value) => {
    const keyv = keyvIn();
    expect(await keyv.set('foo', value)).toBe(true);
    expect(await keyv.get('foo')).toEqual(value);
  });

  test('gives back bytes, alone and in an object', async () => {
    const keyv = keyvIn();
    await keyv.set('foo', Buffer.from('bar'));
    await keyv.set('object', { bytes: Buffer.from('buzz') });
    expect(await keyv.get('foo')).toEqual(Buffer.from('bar'));
    expect(await keyv.get('object')).toEqual({ bytes: Buffer.from('buzz') });
  });

  test('gives values whole, unfrozen as JSON is, or with their types where it is not to write JSON', async () => {
    const keyv = keyvIn();
    await keyv.set('foo', { list: [1] });
    expect(Object.isFrozen(await keyv.get('foo'))).toBe(false);
    const typed = keyvIn('typed');
    typed.serialize = undefined;
    typed.deserialize = undefined;
    await typed.set('foo', { at: new Date(1), big: 2n });
    expect(await typed.get('foo')).toEqual({ at: new Date(1), big: 2n });
  });

  test('finds nothing under a key that it does not have', async () => {
    const keyv = keyvIn();
    expect(await keyv.get('foo')).toBeUndefined();
    expect(await keyv.has('foo')).toBe(false);
    expect(await keyv.get(['a', 'b'])).toEqual([undefined, undefined]);
    expect(await keyv.hasMany(['a', 'b'])).toEqual([false, false]);
  });

  test('gives many in the order of their keys', async () => {
    const keyv = keyvIn();
    expect(await keyv.setMany([1, 2, 3].map((value) => ({ key: `k${value}`, value })))).toEqual([
      true,
      true,
      true,
    ]);
    expect(await keyv.getMany(['k3', 'none', 'k1'])).toEqual([3, undefined, 1]);
    expect(await keyv.hasMany(['k3', 'none', 'k1'])).toEqual([true, false, true]);
  });

  test('says of a deletion whether there was something', async () => {
    const keyv = keyvIn();
    await keyv.setMany(['a', 'b', 'c'].map((key) => ({ key, value: key })));
    expect(await keyv.delete('a')).toBe(true);
    expect(await keyv.delete('a')).toBe(false);
    expect(await keyv.get('a')).toBeUndefined();
    expect(await keyv.deleteMany(['b', 'none'])).toBe(false);
    expect(await keyv.deleteMany(['c'])).toBe(true);
    expect(await keyv.getMany(['b', 'c'])).toEqual([undefined, undefined]);
  });

  test('refuses a symbol', async () => {
    const keyv = keyvIn();
    await expect(keyv.set('foo', Symbol('s'))).rejects.toThrow('symbol cannot be serialized');
  });

  test('takes keys of any characters', async () => {
    const keyv = keyvIn();
    for (const key of ["'", '*', 'a:b', '__proto__', 'é🦊', ' ', 'x'.repeat(5_000)]) {
      await keyv.set(key, key);
      expect(await keyv.get(key)).toBe(key);
    }
  });

  test('says false for what the cache cannot hold, and tells of the error', async () => {
    const keyv = keyvIn();
    const errors: unknown[] = [];
    keyv.on('error', (error) => errors.push(error));
    expect(await keyv.set('', 1)).toBe(true);
    expect(await keyv.set('foo', 1, -1)).toBe(false);
    expect(await keyv.set('x'.repeat(600_000), 1)).toBe(false);
    expect(errors.map((error) => Reflect.get(error as object, 'code'))).toEqual([
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
    ]);
  });
});

describe('the time of a value', () => {
  test('is what it was set with, in milliseconds', async () => {
    const keyv = keyvIn();
    await keyv.set('one', 1, 1_000);
    await keyv.setMany([{ key: 'two', value: 2, ttl: 2_000 }]);
    await clock.advance(999);
    expect(await manager.ttl('keyv:keyv:keyv:one')).toBe(1);
    await clock.advance(2);
    expect(await manager.exists('keyv:keyv:keyv:one')).toBe(false);
    expect(await manager.exists('keyv:keyv:keyv:two')).toBe(true);
  });

  test.each([undefined, 0])('is a week where Keyv gives %p', async (ttl) => {
    const keyv = keyvIn();
    await keyv.set('foo', 1, ttl);
    await clock.advance(7 * DAY - 1);
    expect(await keyv.get('foo')).toBe(1);
    await clock.advance(2);
    expect(await keyv.get('foo')).toBeUndefined();
  });

  test('is that of the adapter where Keyv gives none', async () => {
    const keyv = keyvIn('n', { ttlSeconds: 60 });
    await keyv.set('foo', 1);
    await clock.advance(60_001);
    expect(await keyv.get('foo')).toBeUndefined();
  });
});

describe('a namespace', () => {
  test('keeps its values from those of others, and clears and deletes its own alone', async () => {
    const [one, other, none] = [keyvIn('one'), keyvIn('one:x'), keyvIn('')];
    for (const keyv of [one, other, none]) await keyv.set('foo', keyv.namespace ?? 'none');
    expect(await other.get('foo')).toBe('one:x');
    expect(await one.delete('foo')).toBe(true);
    expect(await one.get('foo')).toBeUndefined();
    expect(await other.get('foo')).toBe('one:x');
    await other.clear();
    expect(await other.get('foo')).toBeUndefined();
    expect(await none.get('foo')).toBe('none');
  });

  test('keeps them apart also where Keyv puts no prefix before keys', async () => {
    const [one, other] = ['a', 'b'].map((namespace) => {
      return new Keyv({ store: new KeyvHoldfast(manager), namespace, useKeyPrefix: false });
    });
    await one?.set('foo', 1);
    expect(await other?.get('foo')).toBeUndefined();
  });

  test('is no place for values of the application, and its clearing leaves those', async () => {
    const keyv = keyvIn('one');
    await manager.set('foo', 'own');
    await keyv.set('foo', 1);
    await keyv.clear();
    expect(await manager.get('foo')).toBe('own');
  });

  test('is gone through with all its values, and no one else’s', async () => {
    const [one, other] = [keyvIn('one'), keyvIn('one:two')];
    for (const key of ['a', 'b', 'c:d']) await one.set(key, key.toUpperCase());
    await other.set('z', 1);
    await one.delete('b');
    await manager.increment('keyv:one:one:counter');
    expect(await entriesOf(one)).toEqual([
      ['a', 'A'],
      ['c:d', 'C:D'],
    ]);
    await one.clear();
    expect(await entriesOf(one)).toEqual([]);
  });
});

test('many are read, and many written, in one round trip', async () => {
  const keyv = keyvIn();
  const [read, write] = [jest.spyOn(manager, 'getMultiple'), jest.spyOn(manager, 'setMultiple')];
  await keyv.setMany([1, 2, 3].map((value) => ({ key: `${value}`, value })));
  await keyv.getMany(['1', '2', '3']);
  expect([read.mock.calls.length, write.mock.calls.length]).toEqual([1, 1]);
});

test('closing a Keyv leaves the cache as it is', async () => {
  const keyv = keyvIn();
  await keyv.set('foo', 1);
  await keyv.disconnect();
  expect(await keyv.get('foo')).toBe(1);
});
