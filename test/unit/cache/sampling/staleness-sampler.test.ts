import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ReadSampling } from '../../../../src/cache/sampling/read-sampling.js';
import { type StaleEntry, StalenessSampler } from '../../../../src/cache/sampling/staleness-sampler.js';
import { MemoryStore } from '../../../../src/cache/store/memory-store.js';
import { CacheProcess, keyOf, onAbsence, onKey, samplingOf, scope } from '../../../support/cache-process.js';
import { ManualClock, settled } from '../../../support/manual-clock.js';

const GRACE_MS = 500;

describe('a hit that is compared with the database', () => {
  let clock: ManualClock;
  let store: MemoryStore;
  let sampling: ReadSampling;
  let process: CacheProcess;
  let found: StaleEntry[];
  let database: string | null;
  let loads: number;
  let failing: Error | null;

  beforeEach(() => {
    clock = new ManualClock();
    store = new MemoryStore({ clock });
    found = [];
    database = 'v';
    loads = 0;
    failing = null;
    sampling = samplingOf(clock, { share: 1, onStale: (entry) => found.push(entry) });
    process = new CacheProcess({ name: 'one', store, clock, sampling });
  });

  const read = (of = process) =>
    of.cache.read(keyOf('1'), async () => {
      loads += 1;
      if (failing !== null) throw failing;
      return database;
    });
  const statistics = () => sampling.staleness.getStatistics();
  /** A read that is a miss, and fills. */
  const filled = async (of = process): Promise<void> => {
    await read(of);
    await settled();
    loads = 0;
  };
  const written = async (value: string | null): Promise<void> => {
    await store.fence(onKey('1'), 'w', 60_000);
    process.hears(onKey('1'));
    database = value;
    await store.lift(onKey('1'), 'w');
  };

  test('is consistent after one load, which is not counted among those of readers', async () => {
    await filled();
    expect(await read()).toBe('v');
    await settled();
    expect(loads).toBe(1);
    expect(statistics()).toMatchObject({ sampled: 1, consistent: 1, stale: 0, inconsistencyRate: 0 });
    expect(process.counters).toMatchObject({ loads: 1, nearHits: 1 });
  });

  test.each([
    ['memory', true],
    ['the shared cache', false],
  ])('is found stale, where it came from %s and stays', async (_, near) => {
    process = new CacheProcess({ name: 'one', store, clock, sampling, near });
    await filled();
    // Nobody announced this: what is cached is stale from here on.
    database = 'new';
    expect(await read()).toBe('v');
    await settled();
    expect(statistics()).toMatchObject({ sampled: 1, stale: 0 });
    await clock.advance(GRACE_MS);
    expect(statistics()).toMatchObject({ stale: 1, inconclusive: 0, lagging: 0, inconsistencyRate: 1 });
    expect(found).toEqual([
      { model: 'Thing', kind: 'row', keyHash: expect.stringMatching(/^[0-9a-f]{16}$/) },
    ]);
    expect(loads).toBe(3);
    expect(await read()).toBe('new');
    expect(loads).toBe(4);
  });

  test('is found stale where it said that there is none', async () => {
    database = null;
    await filled();
    database = 'appeared';
    expect(await read()).toBeNull();
    await clock.advance(GRACE_MS);
    expect(statistics()).toMatchObject({ stale: 1 });
    expect(await read()).toBe('appeared');
  });

  test('is inconclusive where the entry was written since', async () => {
    await filled();
    const hit = read();
    await written('new');
    expect(await hit).toBe('v');
    await clock.advance(GRACE_MS);
    expect(statistics()).toMatchObject({ sampled: 1, inconclusive: 1, stale: 0, inconsistencyRate: null });
  });

  test('is inconclusive where the entry was written, and came to be the same again', async () => {
    await filled();
    const hit = read();
    await written('new');
    await settled();
    await written('v');
    await filled();
    expect(await hit).toBe('v');
    await clock.advance(GRACE_MS);
    expect(statistics()).toMatchObject({ sampled: 1, stale: 0, lagging: 0 });
  });

  test('lags where what it says is taken away within half a second', async () => {
    await filled();
    database = 'by psql';
    await read();
    await settled();
    await store.lift(onKey('1'), 'relay');
    process.hears(onKey('1'));
    await clock.advance(GRACE_MS);
    expect(statistics()).toMatchObject({ sampled: 1, lagging: 1, stale: 0, inconsistencyRate: null });
    expect(found).toEqual([]);
  });

  test('leaves no lease behind where it looked and found nothing', async () => {
    process = new CacheProcess({ name: 'one', store, clock, sampling, near: false });
    await filled();
    await read();
    database = 'new';
    await store.lift(onKey('1'), 'x');
    await settled();
    expect(statistics()).toMatchObject({ sampled: 1, inconclusive: 1 });
    const { outcomes } = await store.read(scope, [keyOf('1')], 'y', 1_000);
    expect(outcomes[0]?.kind).toBe('lease');
  });

  test('is compared by itself: of others meanwhile, and within a tenth of a second, none is', async () => {
    await filled();
    for (let count = 0; count < 5; count += 1) await read();
    await settled();
    await read();
    expect(statistics()).toMatchObject({ sampled: 1, skipped: 5 });
    await clock.advance(100);
    await read();
    await settled();
    expect(statistics()).toMatchObject({ sampled: 2, consistent: 2, skipped: 5 });
    expect(loads).toBe(2);
  });

  test('is counted as an error where it cannot be loaded, and the next one is compared', async () => {
    await filled();
    failing = new Error('no database');
    expect(await read()).toBe('v');
    await settled();
    failing = null;
    await clock.advance(100);
    await read();
    await settled();
    expect(statistics()).toMatchObject({ sampled: 2, errors: 1, consistent: 1, stale: 0 });
  });

  test('is never drawn with a share of nothing', async () => {
    sampling = samplingOf(clock, { share: 0 });
    process = new CacheProcess({ name: 'one', store, clock, sampling });
    await filled();
    for (let count = 0; count < 5_000; count += 1) await read();
    await settled();
    expect(statistics().sampled).toBe(0);
    expect(loads).toBe(0);
  });

  test('is not stale, however many write meanwhile what was there before', async () => {
    const other = new CacheProcess({ name: 'other', store, clock, sampling });
    let seed = 42;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return (seed >> 8) % below;
    };
    const pause = async (): Promise<void> => {
      for (let turn = random(4); turn > 0; turn -= 1) await settled();
    };
    const hearAll = (targets: Parameters<CacheProcess['hears']>[0]): void => {
      for (const each of [process, other]) each.hears(targets);
    };
    let tokens = 0;
    const write = async (): Promise<void> => {
      tokens += 1;
      const token = `w${tokens}`;
      for (const targets of [onKey('1'), onAbsence]) await store.fence(targets, token, 60_000);
      for (const targets of [onKey('1'), onAbsence]) hearAll(targets);
      await pause();
      // Few values, so that one that was there comes again and again.
      database = [null, 'a', 'b'][random(3)] ?? null;
      await pause();
      for (const targets of [onKey('1'), onAbsence]) await store.lift(targets, token);
      for (const targets of [onKey('1'), onAbsence]) hearAll(targets);
    };
    const slowRead = (of: CacheProcess) =>
      of.cache.read(keyOf('1'), async () => {
        await pause();
        return database;
      });
    const work = async (rounds: number, run: () => Promise<unknown>): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        await run();
        await pause();
      }
    };
    await Promise.all([
      work(150, write),
      work(100, write),
      work(1_500, () => slowRead(process)),
      work(1_500, () => slowRead(other)),
      work(1_000, () => clock.advance(20)),
    ]);
    await clock.advance(GRACE_MS);
    expect(statistics()).toMatchObject({ stale: 0, lagging: 0, errors: 0 });
    expect(statistics().consistent).toBeGreaterThan(0);
    expect(statistics().inconclusive).toBeGreaterThan(0);
  });
});

test.each([-0.1, 1.1, Number.NaN])('a share of %s is refused', (share) => {
  const parts = { codec: null as never, clock: new ManualClock(), logger: null as never };
  expect(() => new StalenessSampler({ share }, parts)).toThrow(/from 0 to 1/);
});
