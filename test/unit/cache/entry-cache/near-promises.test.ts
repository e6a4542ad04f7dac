import { beforeEach, describe, expect, test } from '@jest/globals';
import { Trust } from '../../../../src/cache/fleet/trust.js';
import { MemoryStore } from '../../../../src/cache/store/memory-store.js';
import type { Targets } from '../../../../src/cache/store/shared-store.js';
import {
  CacheProcess,
  keyOf,
  Load,
  never,
  onAbsence,
  onKey,
  TIMING,
} from '../../../support/cache-process.js';
import { ManualClock, settled } from '../../../support/manual-clock.js';

const value = (text: string | null) => async () => text;

/*
 * What a near cache must not remember, or no longer answer, for its answers to be as new as those of the store. A lift
 * that found its fences standing is announced to nobody, so what is remembered while they stand stays.
 */
describe('what a process remembers', () => {
  let clock: ManualClock;
  let store: MemoryStore;
  let process: CacheProcess;

  beforeEach(() => {
    clock = new ManualClock();
    store = new MemoryStore({ clock });
    process = new CacheProcess({ name: 'one', store, clock });
  });

  const fence = async (targets: Targets): Promise<void> => {
    await store.fence(targets, 'w', 60_000);
    process.hears(targets);
  };

  test('while a row is changed is nothing of that row', async () => {
    await process.cache.read(keyOf('1'), value('old'));
    await settled();
    await fence(onKey('1'));
    expect(await process.cache.read(keyOf('1'), value('old'))).toBe('old');
    expect(await store.lift(onKey('1'), 'w')).toBeNull();
    expect(await process.cache.read(keyOf('1'), value('new'))).toBe('new');
  });

  test('while a row appears is not that there is none', async () => {
    await fence(onAbsence);
    // Before the commit.
    expect(await process.cache.read(keyOf('1'), value(null))).toBeNull();
    await settled();
    expect(await store.lift(onAbsence, 'w')).toBeNull();
    expect(await process.cache.read(keyOf('1'), value('appeared'))).toBe('appeared');
  });

  test('while a row appears is not joined by who asks when it is there', async () => {
    await fence(onAbsence);
    const before = new Load();
    const early = process.cache.read(keyOf('1'), before.run);
    await settled();
    expect(await store.lift(onAbsence, 'w')).toBeNull();
    const after = new Load();
    const late = process.cache.read(keyOf('1'), after.run);
    await settled();
    before.end(null);
    expect(await early).toBeNull();
    await settled();
    if (after.isRunning) after.end('appeared');
    expect(await late).toBe('appeared');
  });

  test('while a row appears may be values of others', async () => {
    await fence(onAbsence);
    await process.cache.read(keyOf('2'), value('v'));
    await store.lift(onAbsence, 'w');
    expect(await process.cache.read(keyOf('2'), never)).toBe('v');
  });

  test('is answered no longer than the store may be believed', async () => {
    let drained = 0;
    const trust = new Trust(TIMING, clock, async () => {
      drained += 1;
      return true;
    });
    process = new CacheProcess({ name: 'one', store, clock, trust });
    trust.onLost(() => process.lease.lose());
    process.lease.lose();
    // As the fleet does it: a pulse is answered, and its heartbeat comes back.
    const sentAt = clock.now();
    trust.pulsed(sentAt, TIMING.settleMs);
    await settled();
    process.lease.extend(sentAt + TIMING.leaseMs - TIMING.leaseMarginMs);
    await process.cache.read(keyOf('1'), value('old'));
    await settled();

    // A process that stood still for so long has missed its pulses. Others that missed the store as well may have
    // written without fences from now on.
    await clock.advance(TIMING.unfencedAfterMs);
    expect(await process.cache.read(keyOf('1'), value('written without a fence'))).toBe(
      'written without a fence',
    );
    expect(drained).toBe(1);
  });
});
