import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../../../../src/cache/store/memory-store.js';
import type { Targets } from '../../../../src/cache/store/shared-store.js';
import {
  CacheProcess,
  keyOf,
  Load,
  never,
  onAbsence,
  onKey,
  onRows,
  scope,
} from '../../../support/cache-process.js';
import { ManualClock, settled } from '../../../support/manual-clock.js';

describe('a read of a key that is being read', () => {
  let clock: ManualClock;
  let store: MemoryStore;
  let process: CacheProcess;
  let first: Load;
  let second: Load;

  beforeEach(() => {
    clock = new ManualClock();
    store = new MemoryStore({ clock });
    process = new CacheProcess({ name: 'one', store, clock });
    first = new Load();
    second = new Load();
  });

  const read = (load: Load) => process.cache.read(keyOf('1'), load.run);
  /** Begins a read and lets it come to its load, or as far as it gets. */
  const begin = async (load: Load) => {
    const answer = read(load);
    answer.catch(() => undefined);
    await settled();
    return { answer };
  };
  /** What a write by another process does: its fence is announced, and its lift is not. */
  const written = async (targets: Targets): Promise<void> => {
    await store.fence(targets, 'w', 60_000);
    process.hears(targets);
    await store.lift(targets, 'w');
  };

  test.each([
    ['with', true],
    ['without', false],
  ])('joins it where it was not sent yet, %s a near cache', async (_, near) => {
    process = new CacheProcess({ name: 'one', store, clock, near });
    const answers = [read(first), read(second)];
    await settled();
    first.end('v');
    expect(await Promise.all(answers)).toEqual(['v', 'v']);
    expect(second.calls).toBe(0);
    expect(process.counters).toMatchObject({ loads: 1 });
  });

  test('joins it in flight under the time lease', async () => {
    const one = await begin(first);
    const two = await begin(second);
    first.end('v');
    expect(await Promise.all([one.answer, two.answer])).toEqual(['v', 'v']);
    expect(second.calls).toBe(0);
    await settled();
    expect(process.counters).toMatchObject({ loads: 1, misses: 1, roundTrips: 2 });
  });

  test('joins it where it waits for another process', async () => {
    const other = new CacheProcess({ name: 'other', store, clock });
    const theirs = other.cache.read(keyOf('1'), first.run);
    await settled();
    const answers = [(await begin(second)).answer, (await begin(second)).answer];
    first.end('v');
    await theirs;
    await clock.advance(1_000);
    expect(await Promise.all(answers)).toEqual(['v', 'v']);
    expect(second.calls).toBe(0);
    expect(process.counters).toMatchObject({ hits: 1 });
  });

  describe.each([
    ['its key', onKey('1')],
    ['its model', onRows],
  ])('when %s was written since', (_, targets) => {
    test('does not join it, and gets what was written', async () => {
      const before = await begin(first);
      await written(targets);
      const after = await begin(second);
      expect(second.calls).toBe(1);
      second.end('new');
      first.end('old');
      expect(await after.answer).toBe('new');
      expect(await before.answer).toBe('old');
      await settled();
      expect(await process.cache.read(keyOf('1'), never)).toBe('new');
    });

    test('does not join it where only the store was told, and the time lease has been lost', async () => {
      const before = await begin(first);
      process.lease.lose();
      await store.fence(targets, 'w', 60_000);
      await store.lift(targets, 'w');
      process.lease.extend(Number.POSITIVE_INFINITY);
      const after = await begin(second);
      expect(second.calls).toBe(1);
      first.end('old');
      second.end('new');
      expect(await after.answer).toBe('new');
      await before.answer;
      await settled();
      expect(await process.cache.read(keyOf('1'), never)).toBe('new');
    });

    test('joins the one that began after, and not the one before', async () => {
      const before = await begin(first);
      await written(targets);
      const after = [await begin(second), await begin(new Load())];
      first.end('old');
      second.end('new');
      expect(await Promise.all(after.map(({ answer }) => answer))).toEqual(['new', 'new']);
      await before.answer;
      expect(process.counters).toMatchObject({ loads: 2 });
    });
  });

  test('does not join a negative one when something has appeared since', async () => {
    const before = await begin(first);
    await written(onAbsence);
    const after = await begin(second);
    first.end(null);
    await settled();
    if (second.isRunning) second.end('new');
    expect(await after.answer).toBe('new');
    expect(await before.answer).toBeNull();
    await settled();
    expect(await process.cache.read(keyOf('1'), never)).toBe('new');
  });

  test('does not join it under a fence, and asks the database once for all who come meanwhile', async () => {
    await store.fence(onKey('1'), 'w', 60_000);
    process.hears(onKey('1'));
    const one = await begin(first);
    const others = [await begin(second), await begin(new Load()), await begin(new Load())];
    expect(second.calls).toBe(0);
    first.end('before the commit');
    expect(await one.answer).toBe('before the commit');
    await settled();
    expect(second.calls).toBe(1);
    second.end('after the commit');
    const answers = await Promise.all(others.map(({ answer }) => answer));
    expect(answers).toEqual(Array(3).fill('after the commit'));
    expect(process.counters).toMatchObject({ loads: 2, fenced: 4, fills: 0 });
    expect(process.near?.size).toBe(0);
  });

  test('does not join without the time lease, but waits for the fill of its own process', async () => {
    process = new CacheProcess({ name: 'one', store, clock, near: false });
    const one = await begin(first);
    const two = await begin(second);
    first.end('v');
    expect(await Promise.all([one.answer, two.answer])).toEqual(['v', 'v']);
    expect(second.calls).toBe(0);
    expect(clock.now()).toBe(0);
    expect(process.counters).toMatchObject({ loads: 1, hits: 1, leaseWaits: 1 });
  });

  test('gets what was written, though it waited for the fill of its own process', async () => {
    process = new CacheProcess({ name: 'one', store, clock, near: false });
    const one = await begin(first);
    const two = await begin(second);
    await written(onKey('1'));
    first.end('old');
    await settled();
    second.end('new');
    expect(await two.answer).toBe('new');
    expect(await one.answer).toBe('old');
  });

  test('is rejected with it, and leaves a free lease behind', async () => {
    const answers = [(await begin(first)).answer, (await begin(second)).answer];
    first.fail(new Error('no database'));
    const outcomes = await Promise.allSettled(answers);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.message)).toEqual([
      'no database',
      'no database',
    ]);
    await settled();
    const [outcome] = (await store.read(scope, [keyOf('1')], 'x', 1_000)).outcomes;
    expect(outcome?.kind).toBe('lease');
  });

  test('after one that failed loads at once', async () => {
    const failed = await begin(first);
    first.fail(new Error('no database'));
    await expect(failed.answer).rejects.toThrow('no database');
    const next = await begin(second);
    second.end('v');
    expect(await next.answer).toBe('v');
    expect(process.counters).toMatchObject({ loads: 2, leaseWaits: 0 });
  });
});
