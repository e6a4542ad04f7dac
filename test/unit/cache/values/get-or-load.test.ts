import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CacheManager } from '../../../../src/cache/index.js';
import { MemoryStore } from '../../../../src/cache/store/memory-store.js';
import { valueParts } from '../../../../src/cache/wiring/values.js';
import { loadConfig } from '../../../../src/config/index.js';
import { LoadTimeoutError } from '../../../../src/errors.js';
import { type ManualClock, settled } from '../../../support/manual-clock.js';
import { CountedLoad, memoryCache, memoryCacheParts, schemaOf } from '../../../support/memory-cache.js';

let cache: CacheManager;
let clock: ManualClock;

beforeEach(() => {
  ({ manager: cache, clock } = memoryCache(schemaOf()));
});

/** Two processes that share a store, without near caches. */
function twoProcesses(shared: ManualClock): readonly [CacheManager, CacheManager] {
  const store = new MemoryStore({ clock: shared });
  const make = () => memoryCache(schemaOf(), {}, { clock: shared, store }).manager;
  return [make(), make()];
}

/** A load that the test ends. */
class HeldLoad<T> {
  calls = 0;
  readonly #waiting: { resolve(value: T): void; reject(error: Error): void }[] = [];

  readonly run = (): Promise<T> => {
    this.calls += 1;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  };

  end(value: T): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(value);
  }

  fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

describe('a value that is computed', () => {
  test('is computed once for all who ask, and kept for its time', async () => {
    const load = new HeldLoad<number>();
    const first = [1, 2, 3].map(() => cache.getOrLoad('a', load.run, { ttlSeconds: 10 }));
    await settled();
    const late = [1, 2, 3].map(() => cache.getOrCompute('a', load.run, { ttlSeconds: 10 }));
    await settled();
    expect(load.calls).toBe(1);
    load.end(5);
    expect(await Promise.all([...first, ...late])).toEqual([5, 5, 5, 5, 5, 5]);
    await clock.advance(9_999);
    expect(await cache.getOrLoad('a', load.run, { ttlSeconds: 10 })).toBe(5);
    expect(load.calls).toBe(1);
    await clock.advance(1);
    const again = cache.getOrLoad('a', load.run);
    await settled();
    load.end(6);
    expect(await again).toBe(6);
  });

  test.each([[null], [undefined]])('and is %p, is answered and not kept', async (nothing) => {
    const load = new CountedLoad<unknown>(nothing);
    expect(await cache.getOrLoad('a', load.run)).toBe(nothing);
    load.value = 1;
    expect(await cache.getOrLoad('a', load.run)).toBe(1);
  });

  test('is not kept when it cannot be, and answered all the same', async () => {
    const load = new CountedLoad<unknown>({ f: () => 1 });
    expect(await cache.getOrLoad('a', load.run)).toBe(load.value);
    expect(await load.during(() => cache.getOrLoad('a', load.run))).toBe(1);
  });

  test('and fails, fails for who waits; the next one tries again', async () => {
    const load = new HeldLoad<number>();
    const asked = [cache.getOrLoad('a', load.run), cache.getOrLoad('a', load.run)];
    const outcomes = Promise.allSettled(asked);
    await settled();
    load.fail(new Error('no'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = cache.getOrLoad('a', load.run);
    await settled();
    load.end(1);
    expect(await next).toBe(1);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['deleted', () => cache.delete('a')],
    ['set', () => cache.set('a', 'set')],
    ['invalidated by its tag', () => cache.invalidateTags(['t'])],
    ['invalidated by what it depends on', () => cache.invalidateDependents('b')],
    ['cleared', () => cache.clear()],
  ])('is not kept when it is %s meanwhile', async (_, change) => {
    const load = new HeldLoad<string>();
    const options = { tags: ['t'], dependsOn: ['b'] };
    const asked = cache.getOrLoad('a', load.run, options);
    await settled();
    expect(load.calls).toBe(1);
    await change();
    load.end('old');
    expect(await asked).toBe('old');
    await settled();
    expect(await cache.get('a')).not.toBe('old');
    const next = cache.getOrLoad('a', load.run, options);
    await settled();
    load.end('new');
    expect(await next).toBe('new');
    expect(await cache.get('a')).toBe('new');
  });

  test('after an invalidation is not one whose computation began before it', async () => {
    const load = new HeldLoad<string>();
    const before = cache.getOrLoad('a', load.run);
    await settled();
    await cache.delete('a');
    const after = cache.getOrLoad('a', load.run);
    await settled();
    expect(load.calls).toBe(2);
    load.end('x');
    expect(await Promise.all([before, after])).toEqual(['x', 'x']);
  });
});

describe('a read that is under way', () => {
  test('of what hangs on more than its reader knew, is not shared with who comes after an invalidation of that', async () => {
    const parts = memoryCacheParts(schemaOf());
    const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: 'postgresql://unused@127.0.0.1/unused' });
    const { values: elsewhere } = valueParts(config, parts.models);
    await elsewhere.setMultiple([{ key: 'a', value: 'old', tags: ['t'] }]);
    // The store looks at once; its answers come when the test says so.
    const { values: store } = parts.store;
    const look = store.look.bind(store);
    const deliver: (() => void)[] = [];
    store.look = async (...asked) => {
      const answer = await look(...asked);
      await new Promise<void>((resolve) => deliver.push(resolve));
      return answer;
    };
    const read = () => parts.values.getOrLoad('a', async () => 'new');
    const before = read();
    await settled();
    // It finds the entry, and asks how its tag is: that answer is on its way when the tag is invalidated.
    deliver.shift()?.();
    await settled();
    expect(deliver).toHaveLength(1);
    expect(await elsewhere.invalidateTags(['t'])).toBe(true);
    store.look = look;
    const after = read();
    await settled();
    deliver.shift()?.();
    expect(await before).toBe('old');
    expect(await after).toBe('new');
  });
});

describe('a value over its time', () => {
  const keeping = { ttlSeconds: 10, staleWhileRevalidateSeconds: 20, graceSeconds: 60 };

  test('is answered at once while it is computed anew, by one', async () => {
    await cache.getOrLoad('a', async () => 'old', keeping);
    await clock.advance(15_000);
    const load = new HeldLoad<string>();
    const read = () => cache.getOrLoad('a', load.run, keeping);
    expect(await Promise.all([read(), read()])).toEqual(['old', 'old']);
    await settled();
    expect(await read()).toBe('old');
    await settled();
    expect(load.calls).toBe(1);
    load.end('new');
    await settled();
    expect(await read()).toBe('new');
    expect(load.calls).toBe(1);
  });

  test('is no value for who only gets it', async () => {
    await cache.getOrLoad('a', async () => 'old', keeping);
    await clock.advance(10_000);
    expect(await cache.get('a')).toBeNull();
    expect(await cache.exists('a')).toBe(false);
    expect(await cache.ttl('a')).toBeNull();
  });

  test('that could not be computed anew is answered still, and tried again', async () => {
    await cache.getOrLoad('a', async () => 'old', keeping);
    await clock.advance(15_000);
    expect(await cache.getOrLoad('a', () => Promise.reject(new Error('no')), keeping)).toBe('old');
    await settled();
    expect(cache.getStatistics().refreshFailures).toBe(1);
    expect(await cache.getOrLoad('a', async () => 'new', keeping)).toBe('old');
    await settled();
    expect(await cache.getOrLoad('a', async () => 'none', keeping)).toBe('new');
  });

  test('is waited for after that, and answered only when it fails, within its grace', async () => {
    await cache.getOrLoad('a', async () => 'old', keeping);
    await clock.advance(45_000);
    const failing = () => Promise.reject(new Error('no'));
    expect(await cache.getOrLoad('a', failing, keeping)).toBe('old');
    expect(cache.getStatistics().graceHits).toBe(1);
    await clock.advance(25_000);
    await expect(cache.getOrLoad('a', failing, keeping)).rejects.toThrow('no');
  });

  test('is answered in its grace where it is not computed in time, and the new one is kept when it comes', async () => {
    await cache.getOrLoad('a', async () => 'old', keeping);
    await clock.advance(45_000);
    const load = new HeldLoad<string>();
    expect(await cache.getOrLoad('a', load.run, { ...keeping, loadTimeoutMs: 5 })).toBe('old');
    load.end('new');
    await settled();
    expect(await cache.getOrLoad('a', load.run, keeping)).toBe('new');
    expect(load.calls).toBe(1);
  });

  test('that was invalidated is never answered', async () => {
    await cache.getOrLoad('a', async () => 'old', { ...keeping, tags: ['t'] });
    await clock.advance(15_000);
    await cache.invalidateTags(['t']);
    const load = new CountedLoad('new');
    expect(await cache.getOrLoad('a', load.run, { ...keeping, tags: ['t'] })).toBe('new');
    await cache.invalidateTags(['t']);
    const failing = () => Promise.reject(new Error('no'));
    await expect(cache.getOrLoad('a', failing, { ...keeping, tags: ['t'] })).rejects.toThrow('no');
  });

  test('and computed anew while it is invalidated, is not kept', async () => {
    await cache.getOrLoad('a', async () => 'old', keeping);
    await clock.advance(15_000);
    const load = new HeldLoad<string>();
    await cache.getOrLoad('a', load.run, keeping);
    await settled();
    await cache.delete('a');
    load.end('older than the deletion');
    await settled();
    expect(await cache.get('a')).toBeNull();
  });
});

describe('a computation', () => {
  test('that takes long is waited for by another process, and made by it only when it hangs', async () => {
    const [one, two] = twoProcesses(clock);
    const load = new HeldLoad<string>();
    const own = new CountedLoad('own');
    const first = one.getOrLoad('a', load.run);
    await settled();
    const second = two.getOrLoad('a', own.run);
    await clock.advance(30_000);
    load.end('first');
    expect(await first).toBe('first');
    await clock.advance(250);
    expect(await second).toBe('first');
    expect(own.count).toBe(0);

    await one.delete('a');
    const hanging = one.getOrLoad('a', load.run);
    await settled();
    const third = two.getOrLoad('a', own.run);
    await clock.advance(70_000);
    expect(await third).toBe('own');
    load.end('late');
    expect(await hanging).toBe('late');
  });

  test('of which another reader asks more, is not his', async () => {
    const load = new HeldLoad<string>();
    const first = cache.getOrLoad('a', load.run);
    const own = cache.getOrLoad('a', async () => 'under its tag', { tags: ['t'] });
    await settled();
    load.end('under none');
    await clock.advance(1_000);
    expect(await Promise.all([first, own])).toEqual(['under none', 'under its tag']);
  });

  test('that takes longer than its reader waits is an error for him, and is kept when it ends', async () => {
    const load = new HeldLoad<number>();
    const asked = cache.getOrLoad('a', load.run, { loadTimeoutMs: 5 });
    await expect(asked).rejects.toThrow(LoadTimeoutError);
    load.end(7);
    await settled();
    expect(await cache.get('a')).toBe(7);
  });

  test('is made anew before the end of its value, when that is near and it takes long', async () => {
    const slow = async (): Promise<string> => {
      await clock.advance(5_000);
      return 'old';
    };
    await cache.getOrLoad('a', slow, { ttlSeconds: 100 });
    const load = new CountedLoad('new');
    const read = () => cache.getOrLoad('a', load.run, { ttlSeconds: 100 });
    await clock.advance(1_000);
    expect(await read()).toBe('old');
    await clock.advance(98_990);
    expect(await read()).toBe('old');
    await settled();
    expect(load.count).toBe(1);
    expect(await cache.get('a')).toBe('new');
    expect(await cache.ttl('a')).toBe(100);
  });
});
