import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CacheManager, ModelCache } from '../../../../src/cache/index.js';
import { CacheUnavailableError, InvalidArgumentError, WiringError } from '../../../../src/errors.js';
import type { ManualClock } from '../../../support/manual-clock.js';
import { CountedLoad, memoryCache, plainModel, schemaOf, updateOf } from '../../../support/memory-cache.js';

const SCHEMA = schemaOf(plainModel('Task'), plainModel('User'));

let cache: CacheManager;
let clock: ManualClock;

beforeEach(() => {
  ({ manager: cache, clock } = memoryCache(SCHEMA));
});

describe('a value that was set', () => {
  test('is read, frozen, until its time is over', async () => {
    expect(await cache.get('a')).toBeNull();
    expect(await cache.set('a', { list: [1, new Date(5)] }, { ttlSeconds: 10 })).toBe(true);
    const value = await cache.get<{ list: unknown[] }>('a');
    expect(value).toEqual({ list: [1, new Date(5)] });
    expect(Object.isFrozen(value?.list)).toBe(true);
    expect(await cache.exists('a')).toBe(true);
    expect(await cache.ttl('a')).toBe(10);
    await clock.advance(9_999);
    expect(await cache.get('a')).not.toBeNull();
    expect(await cache.ttl('a')).toBe(1);
    await clock.advance(1);
    expect(await cache.get('a')).toBeNull();
    expect(await cache.exists('a')).toBe(false);
    expect(await cache.ttl('a')).toBeNull();
  });

  test('is replaced by a later one, and gone when it is deleted', async () => {
    await cache.set('a', 1);
    expect(await cache.get('a')).toBe(1);
    await cache.set('a', 2);
    expect(await cache.get('a')).toBe(2);
    expect(await cache.delete('a')).toBe(true);
    expect(await cache.get('a')).toBeNull();
    expect(await cache.delete('a')).toBe(true);
  });

  test.each([[false], [0], [''], [1n], [new Uint8Array([0, 255])], [[]]])('may be %p', async (value) => {
    await cache.set('a', value);
    expect(await cache.get('a')).toEqual(value);
  });

  test("with bytes in it is each reader's own", async () => {
    await cache.set('a', { bytes: new Uint8Array([1]) });
    for (let i = 0; i < 3; i += 1) {
      const read = await cache.get<{ bytes: Uint8Array }>('a');
      expect(read?.bytes[0]).toBe(1);
      read?.bytes.fill(9);
    }
  });

  test('gets a new time, within which it is answered', async () => {
    await cache.set('a', 1, { ttlSeconds: 10 });
    await cache.get('a');
    expect(await cache.expire('a', 100)).toBe(true);
    await clock.advance(99_000);
    expect(await cache.get('a')).toBe(1);
    expect(await cache.expire('a', 0.5)).toBe(true);
    await clock.advance(500);
    expect(await cache.get('a')).toBeNull();
    expect(await cache.expire('a', 100)).toBe(false);
  });

  test('lives as long as its strategy says, or a little less', async () => {
    await cache.set('a', 1, { strategy: 'SHORT' });
    const ttl = await cache.ttl('a');
    expect(ttl).toBeLessThanOrEqual(300);
    expect(ttl).toBeGreaterThanOrEqual(270);
  });

  test('is invalidated by any of its tags, and by all that is cleared', async () => {
    const tags = ['t', 'u'];
    for (const invalidate of [() => cache.invalidateTags(['u', 'other']), () => cache.clear()]) {
      await cache.set('a', 1, { tags });
      expect(await cache.get('a')).toBe(1);
      expect(await cache.get('a')).toBe(1);
      expect(await invalidate()).toBe(true);
      expect(await cache.get('a')).toBeNull();
    }
    await cache.set('a', 1, { tags });
    await cache.invalidateTags(['other']);
    expect(await cache.get('a')).toBe(1);
  });

  test('and many others are put and read together', async () => {
    const entries = Array.from({ length: 2_500 }, (_, index) => ({ key: `k${index}`, value: index }));
    expect(await cache.setMultiple(entries)).toBe(true);
    const before = cache.getStatistics().roundTrips;
    const read = await cache.getMultiple(['never', ...entries.map(({ key }) => key)]);
    expect(read).toEqual([null, ...entries.map(({ value }) => value)]);
    expect(cache.getStatistics().roundTrips - before).toBe(1);
    expect(await cache.deleteMultiple(['k0', 'k2499', 'never'])).toBe(true);
    expect(await cache.getMultiple(['k0', 'k1', 'k2499'])).toEqual([null, 1, null]);
    expect(await cache.getMultiple([])).toEqual([]);
    expect(await cache.setMultiple([])).toBe(true);
    expect(await cache.deleteMultiple([])).toBe(true);
  });
});

describe('names', () => {
  const names = [
    '__proto__',
    'constructor',
    'a:b',
    'a*?[]',
    'ü',
    ' ',
    '\n',
    '\0',
    '{x}',
    '#h',
    '%41',
    'A',
    'a',
  ];

  test('are any text, each its own', async () => {
    const lone = ['\ud800', '\udc00', 'x'.repeat(300), 'x'.repeat(301), 'é'.repeat(100_000)];
    const all = [...names, ...lone];
    for (const [index, name] of all.entries()) await cache.set(name, index);
    expect(await cache.getMultiple(all)).toEqual(all.map((_, index) => index));
  });

  test('are told apart, whatever they are', async () => {
    const name = fc.oneof(
      fc.string({ minLength: 1, unit: 'binary' }),
      fc.string({
        minLength: 1,
        unit: fc.constantFrom(':', '%', '#', '=', '{', '}', '/', '*', '\\', 'a', 'A', '\ud800'),
      }),
      fc.constantFrom('__proto__', 'constructor', 'toString', 'x'.repeat(199), 'x'.repeat(201)),
    );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 20 }), async (all) => {
        await cache.setMultiple(all.map((key, index) => ({ key, value: index })));
        expect(await cache.getMultiple(all)).toEqual(all.map((_, index) => index));
        const [first = ''] = all;
        await cache.delete(first);
        expect(await cache.getMultiple(all)).toEqual(all.map((_, index) => (index === 0 ? null : index)));
      }),
    );
  });

  test.each([[''], ['x'.repeat(524_289)], [1], [null], [undefined], [{}]])('%p is none', async (name) => {
    const wrong = name as string;
    for (const call of [
      () => cache.get(wrong),
      () => cache.set(wrong, 1),
      () => cache.delete(wrong),
      () => cache.getOrLoad(wrong, async () => 1),
      () => cache.ttl(wrong),
      () => cache.increment(wrong),
      () => cache.getSetMembers(wrong),
    ]) {
      await expect((async () => call())()).rejects.toThrow(InvalidArgumentError);
    }
  });
});

describe('what cannot be kept is refused', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  test.each([[null], [undefined], [circular], [() => 1], [Symbol('s')], [{ deep: [() => 1] }]])(
    'when it is set, and leaves what was there: case %#',
    async (value) => {
      await cache.set('a', 'before');
      await expect((async () => cache.set('a', value))()).rejects.toThrow(InvalidArgumentError);
      expect(await cache.get('a')).toBe('before');
    },
  );

  test.each([[Number.NaN], [0], [-1], [Number.POSITIVE_INFINITY], ['5'], [null]])(
    'with a time of %p',
    async (seconds) => {
      const ttlSeconds = seconds as number;
      for (const call of [
        () => cache.set('a', 1, { ttlSeconds }),
        () => cache.getOrLoad('a', async () => 1, { ttlSeconds }),
        () => cache.expire('a', ttlSeconds),
        () => cache.increment('a', 1, { ttlSeconds }),
      ]) {
        await expect((async () => call())()).rejects.toThrow(InvalidArgumentError);
      }
    },
  );

  test('with options that mean nothing', async () => {
    const wrong: readonly object[] = [
      { strategy: 'FOREVER' },
      { tags: 'one' },
      { tags: Array.from({ length: 101 }, (_, index) => `t${index}`) },
      { dependsOn: [''] },
      { staleWhileRevalidateSeconds: -1 },
      { graceSeconds: Number.NaN },
      { loadTimeoutMs: 0 },
    ];
    for (const options of wrong)
      await expect(cache.getOrLoad('a', async () => 1, options)).rejects.toThrow(InvalidArgumentError);
    await expect(cache.getOrLoad('a', async () => 1, { models: ['Nothing'] })).rejects.toThrow(WiringError);
  });
});

describe('a value that depends on others', () => {
  const chain = async (): Promise<void> => {
    await cache.set('a', 1);
    await cache.set('b', 2, { dependsOn: ['a'] });
    await cache.set('c', 3, { dependsOn: ['b'] });
    await cache.set('d', 4, { dependsOn: ['c'], tags: ['t'] });
  };
  const there = async (): Promise<string> => {
    const names = ['a', 'b', 'c', 'd'];
    const values = await cache.getMultiple(names);
    return names.filter((_, index) => values[index] !== null).join('');
  };

  test('is invalidated with them, however far, and they stay', async () => {
    await chain();
    expect(await there()).toBe('abcd');
    expect(await cache.invalidateDependents('c')).toBe(true);
    expect(await there()).toBe('abc');
    await chain();
    await cache.invalidateDependents('a');
    expect(await there()).toBe('a');
    await cache.invalidateDependents('never');
    expect(await there()).toBe('a');
  });

  test('is invalidated also where what lies between is stored later', async () => {
    await cache.set('d', 4, { dependsOn: ['c'] });
    await cache.set('c', 3, { dependsOn: ['b'] });
    expect(await there()).toBe('c');
    await cache.set('d', 4, { dependsOn: ['c'] });
    expect(await there()).toBe('cd');
    await cache.invalidateDependents('b');
    expect(await there()).toBe('');
  });

  test('is invalidated also where what lies between has gone', async () => {
    await chain();
    await cache.delete('b');
    await cache.delete('c');
    await cache.invalidateDependents('a');
    expect(await there()).toBe('a');
  });

  test('may be part of a circle, which comes to rest', async () => {
    const circle = async (): Promise<void> => {
      await cache.set('a', 1, { dependsOn: ['c'] });
      await cache.set('b', 2, { dependsOn: ['a'] });
      await cache.set('c', 3, { dependsOn: ['b'] });
    };
    for (let round = 0; round < 4; round += 1) await circle();
    expect(await there()).toBe('abc');
    await cache.invalidateDependents('b');
    expect(await there()).toBe('');
  });

  test('may depend on itself', async () => {
    await cache.set('a', 1, { dependsOn: ['a'] });
    expect(await there()).toBe('a');
    await cache.invalidateDependents('a');
    expect(await there()).toBe('');
  });

  test('and is computed, is computed anew', async () => {
    const load = new CountedLoad(1);
    const read = () => cache.getOrLoad('b', load.run, { dependsOn: ['a'] });
    await read();
    expect(await load.during(read)).toBe(0);
    await cache.invalidateDependents('a');
    expect(await load.during(read)).toBe(1);
    expect(await load.during(read)).toBe(0);
  });
});

describe('a pattern', () => {
  const names = ['user:1', 'user:2', 'user:*', 'order:1', 'u'.repeat(400), 'üser:1'];
  const left = async (): Promise<number> =>
    (await cache.getMultiple(names)).filter((value) => value !== null).length;

  beforeEach(async () => {
    await cache.setMultiple(names.map((key) => ({ key, value: key })));
  });

  test.each<[string | RegExp, number]>([
    ['user:*', 3],
    ['user:\\*', 1],
    ['*', 6],
    ['uuu*', 1],
    ['?ser:1', 2],
    ['none*', 0],
    [/^user:\d$/, 2],
    [/u{300}/g, 1],
  ])('%p removes what it means', async (pattern, count) => {
    const steps: number[] = [];
    const report = await cache.invalidatePattern(pattern, {
      onProgress: ({ matched }) => steps.push(matched),
    });
    expect(report).toMatchObject({ matched: count, invalidated: count, failed: 0, scanned: 6 });
    expect(steps.at(-1)).toBe(count);
    expect(await left()).toBe(6 - count);
  });
});

describe('counters and sets', () => {
  test('are apart from values of the same name, and go with it', async () => {
    await cache.set('a', 'value');
    expect(await cache.increment('a')).toBe(1);
    expect(await cache.increment('a', 5, { ttlSeconds: 10 })).toBe(6);
    expect(await cache.decrement('a', 2)).toBe(4);
    expect(await cache.addToSet('a', ['x', 'y'])).toBe(2);
    expect(await cache.removeFromSet('a', ['x'])).toBe(1);
    expect(await cache.getSetMembers('a')).toEqual(['y']);
    expect(await cache.get('a')).toBe('value');
    await cache.clear();
    expect(await cache.get('a')).toBeNull();
    expect(await cache.increment('a', 0)).toBe(4);
    expect(await cache.ttl('a')).toBe(10);
    await cache.expire('a', 100);
    expect(await cache.ttl('a')).toBe(100);
    await cache.delete('a');
    expect(await cache.exists('a')).toBe(false);
    expect(await cache.increment('a', 0)).toBe(0);
  });

  test('count by whole numbers only', async () => {
    for (const by of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      await expect(cache.increment('a', by)).rejects.toThrow(InvalidArgumentError);
    await cache.increment('a', Number.MAX_SAFE_INTEGER);
    await expect(cache.increment('a')).rejects.toThrow(InvalidArgumentError);
  });
});

describe('a value of models', () => {
  test('is invalidated by their writes, and filled by nothing that was begun before', async () => {
    const tasks = cache.model('Task', { entity: 60, query: 60 }) as ModelCache;
    const write = (during: () => Promise<unknown>) =>
      tasks.write({ effects: updateOf('Task'), ids: ['1'], named: [], tags: [] }, during, null);
    const load = new CountedLoad('old');
    const read = () => cache.getOrLoad('a', load.run, { models: ['Task'] });
    expect(await read()).toBe('old');
    expect(await load.during(read)).toBe(0);
    await write(async () => {
      // The writer has not committed: what is read now must not be kept.
      expect(await load.during(read)).toBe(1);
    });
    load.value = 'new';
    expect(await read()).toBe('new');
    expect(await load.during(read)).toBe(0);
  });

  test('is not taken from one that hangs on less', async () => {
    await cache.set('a', 'set');
    const load = new CountedLoad('loaded');
    expect(await cache.getOrLoad('a', load.run)).toBe('set');
    expect(await cache.getOrLoad('a', load.run, { models: ['User'] })).toBe('loaded');
    expect(await cache.get('a')).toBe('loaded');
  });
});

describe('where the cache is off', () => {
  test('nothing is kept, nothing fails, and only counters and sets say that they are nowhere', async () => {
    const { manager: off } = memoryCache(SCHEMA, { CACHE_ENABLED: 'false' });
    expect(await off.set('a', 1)).toBe(false);
    expect(await off.get('a')).toBeNull();
    expect(await off.getMultiple(['a', 'b'])).toEqual([null, null]);
    expect(await off.getOrLoad('a', async () => 5)).toBe(5);
    expect(await off.delete('a')).toBe(true);
    expect(await off.exists('a')).toBe(false);
    expect(await off.invalidatePattern('*')).toMatchObject({ scanned: 0 });
    await expect(off.increment('a')).rejects.toThrow(CacheUnavailableError);
    await expect(off.getSetMembers('a')).rejects.toThrow(CacheUnavailableError);
  });
});
