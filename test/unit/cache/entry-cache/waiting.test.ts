import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../../../../src/cache/store/memory-store.js';
import { CacheProcess, keyOf, Load, never, onKey } from '../../../support/cache-process.js';
import { ManualClock, settled } from '../../../support/manual-clock.js';

describe('a read of a key that another process is loading', () => {
  let clock: ManualClock;
  let store: MemoryStore;
  let leader: CacheProcess;
  let waiter: CacheProcess;
  let load: Load;

  beforeEach(() => {
    clock = new ManualClock();
    store = new MemoryStore({ clock });
    leader = new CacheProcess({ name: 'leader', store, clock });
    waiter = new CacheProcess({ name: 'waiter', store, clock });
    load = new Load();
  });

  test('waits and gets the value without a load of its own', async () => {
    const leading = leader.cache.read(keyOf('1'), load.run);
    await settled();
    const waiting = waiter.cache.read(keyOf('1'), never);
    await clock.advance(100);
    load.end('v');
    expect(await leading).toBe('v');
    await clock.advance(100);
    expect(await waiting).toBe('v');
    expect(waiter.counters).toMatchObject({ loads: 0, hits: 1 });
    expect(waiter.counters.leaseWaits).toBeGreaterThan(0);
  });

  test('polls more and more seldom, so that a slow load costs few round trips', async () => {
    void leader.cache.read(keyOf('1'), load.run);
    await settled();
    const own = new Load();
    void waiter.cache.read(keyOf('1'), own.run);
    await clock.advance(900);
    expect(waiter.counters.leaseWaits).toBeGreaterThan(5);
    expect(waiter.counters.leaseWaits).toBeLessThan(200);
  });

  test('loads for itself after a second, and leaves the filling to the other', async () => {
    const leading = leader.cache.read(keyOf('1'), load.run);
    await settled();
    const own = new Load();
    const waiting = waiter.cache.read(keyOf('1'), own.run);
    await clock.advance(1_100);
    expect(own.calls).toBe(1);
    own.end('own');
    expect(await waiting).toBe('own');
    expect(waiter.near?.size).toBe(0);
    load.end('v');
    await leading;
    await settled();
    expect(await waiter.cache.read(keyOf('1'), never)).toBe('v');
    expect(waiter.counters).toMatchObject({ fills: 0, loads: 1 });
  });

  test('takes the lease over when the other failed', async () => {
    const leading = leader.cache.read(keyOf('1'), load.run);
    await settled();
    const own = new Load();
    const waiting = waiter.cache.read(keyOf('1'), own.run);
    await clock.advance(50);
    load.fail(new Error('no database'));
    await expect(leading).rejects.toThrow('no database');
    await clock.advance(100);
    own.end('v');
    expect(await waiting).toBe('v');
    await settled();
    expect(waiter.counters).toMatchObject({ fills: 1 });
  });

  test('goes to the database when a writer comes meanwhile', async () => {
    void leader.cache.read(keyOf('1'), load.run);
    await settled();
    const own = new Load();
    const waiting = waiter.cache.read(keyOf('1'), own.run);
    await clock.advance(20);
    await store.fence(onKey('1'), 'w', 60_000);
    await clock.advance(60);
    own.end('v');
    expect(await waiting).toBe('v');
    expect(waiter.counters).toMatchObject({ fenced: 1, fills: 0 });
  });
});
