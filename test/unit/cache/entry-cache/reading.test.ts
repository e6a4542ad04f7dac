import { beforeEach, describe, expect, test } from '@jest/globals';
import { Latencies } from '../../../../src/cache/statistics/latencies.js';
import { MemoryStore } from '../../../../src/cache/store/memory-store.js';
import {
  BREAKING,
  CacheProcess,
  keyOf,
  Load,
  never,
  onKey,
  scope,
  TTL_MS,
  UNWRITABLE,
} from '../../../support/cache-process.js';
import { ManualClock, settled } from '../../../support/manual-clock.js';

const value = (text: string | null) => async () => text;

describe('a read through an entry cache', () => {
  let clock: ManualClock;
  let store: MemoryStore;
  let one: CacheProcess;
  let two: CacheProcess;
  const open = (name: string, options: { near?: boolean; nearTtlMs?: number } = {}) =>
    new CacheProcess({ name, store, clock, ...options });

  beforeEach(() => {
    clock = new ManualClock();
    store = new MemoryStore({ clock });
    one = open('one');
    two = open('two');
  });

  test('loads what is missing once, and answers from memory then', async () => {
    expect(await one.cache.read(keyOf('1'), value('v'))).toBe('v');
    expect(await one.cache.read(keyOf('1'), never)).toBe('v');
    await settled();
    expect(one.counters).toMatchObject({ loads: 1, fills: 1, misses: 1, nearHits: 1, hits: 0 });
  });

  test('is answered from the shared cache in another process, and from memory the next time', async () => {
    await one.cache.read(keyOf('1'), value('v'));
    await settled();
    expect(await two.cache.read(keyOf('1'), never)).toBe('v');
    expect(await two.cache.read(keyOf('1'), never)).toBe('v');
    expect(two.counters).toMatchObject({ loads: 0, hits: 1, nearHits: 1, roundTrips: 1 });
  });

  test('counts the bytes that it stored and read, and times what it did not find in memory', async () => {
    await one.cache.read(keyOf('1'), value('v'));
    await settled();
    await two.cache.read(keyOf('1'), never);
    await two.cache.read(keyOf('1'), never);
    const bytes = 'text:v'.length;
    expect(one.counters).toMatchObject({ bytesRead: 0, bytesWritten: bytes, rawBytesWritten: bytes });
    expect(two.counters).toMatchObject({ bytesRead: bytes, bytesWritten: 0 });
    const [ofOne, ofTwo] = [one, two].map(({ latencies }) => Latencies.statisticsOf([latencies]));
    expect(ofOne).toMatchObject({ sharedReads: { count: 1 }, loads: { count: 1 } });
    expect(ofTwo).toMatchObject({ sharedReads: { count: 1 }, loads: null });
  });

  test('travels together with all others of its tick, and so do their fills', async () => {
    const ids = ['1', '2', '3', '4', '5'];
    const answers = await Promise.all(ids.map((id) => one.cache.read(keyOf(id), value(id))));
    await settled();
    expect(answers).toEqual(ids);
    expect(one.counters).toMatchObject({ loads: 5, fills: 5, roundTrips: 2 });
  });

  test('asks the shared cache again when its time in memory is over', async () => {
    one = open('one', { nearTtlMs: 100 });
    await one.cache.read(keyOf('1'), value('v'));
    await clock.advance(101);
    expect(await one.cache.read(keyOf('1'), never)).toBe('v');
    expect(one.counters).toMatchObject({ nearHits: 0, hits: 1 });
  });

  test('loads again when the time of the entry is over', async () => {
    await one.cache.read(keyOf('1'), value('v'));
    await clock.advance(TTL_MS + 1);
    expect(await one.cache.read(keyOf('1'), value('later'))).toBe('later');
  });

  test('is not answered from memory without the time lease', async () => {
    await one.cache.read(keyOf('1'), value('v'));
    one.lease.lose();
    expect(await one.cache.read(keyOf('1'), never)).toBe('v');
    expect(one.counters).toMatchObject({ nearHits: 0, hits: 1 });
  });

  test('remembers nothing in memory that it asked for without the time lease', async () => {
    one.lease.lose();
    await one.cache.read(keyOf('1'), value('v'));
    one.lease.extend(Number.POSITIVE_INFINITY);
    expect(one.near?.size).toBe(0);
  });

  test('asks neither tier while the store is not trusted, and fills nothing', async () => {
    await one.cache.read(keyOf('1'), value('v'));
    await settled();
    two.trust.isTrusted = false;
    expect(await two.cache.read(keyOf('1'), value('from the database'))).toBe('from the database');
    expect(two.counters).toMatchObject({ bypasses: 1, loads: 1, roundTrips: 0, fills: 0 });
    expect(two.near?.size).toBe(0);
  });

  test('fills nothing where trust was lost during its load', async () => {
    const load = new Load();
    const reading = one.cache.read(keyOf('1'), load.run);
    await settled();
    one.trust.isTrusted = false;
    load.end('v');
    expect(await reading).toBe('v');
    await settled();
    expect((await store.read(scope, [keyOf('1')], 'x', 1_000)).outcomes[0]?.kind).toBe('busy');
  });

  describe('of what does not exist', () => {
    test('is remembered in both tiers', async () => {
      expect(await one.cache.read(keyOf('1'), value(null))).toBeNull();
      await settled();
      expect(await one.cache.read(keyOf('1'), never)).toBeNull();
      expect(await two.cache.read(keyOf('1'), never)).toBeNull();
      expect(two.counters).toMatchObject({ hits: 1, negativeHits: 1, loads: 0 });
    });

    test('is forgotten sooner than a value', async () => {
      one = open('one', { near: false });
      await one.cache.read(keyOf('1'), value(null));
      await clock.advance(30_001);
      expect(await one.cache.read(keyOf('1'), value('v'))).toBe('v');
    });

    test('is remembered nowhere where entries are always values, and the lease is given back', async () => {
      const process = new CacheProcess({ name: 'p', store, clock, scope: { ...scope, absence: null } });
      expect(await process.cache.read(keyOf('1'), value(null))).toBeNull();
      await settled();
      expect(await process.cache.read(keyOf('1'), value('v'))).toBe('v');
      expect(process.counters).toMatchObject({ loads: 2, leaseWaits: 0 });
    });
  });

  test('of a value that cannot be written is answered, remembered nowhere, and gives its lease back', async () => {
    expect(await one.cache.read(keyOf('1'), value(UNWRITABLE))).toBe(UNWRITABLE);
    await settled();
    expect(one.near?.size).toBe(0);
    expect(await two.cache.read(keyOf('1'), value('v'))).toBe('v');
    expect(two.counters).toMatchObject({ loads: 1, leaseWaits: 0 });
  });

  test('of a value that breaks while it is written is answered, and so are those beside it, which are stored', async () => {
    const answers = [one.cache.read(keyOf('1'), value(BREAKING)), one.cache.read(keyOf('2'), value('v'))];
    expect(await Promise.all(answers)).toEqual([BREAKING, 'v']);
    await settled();
    expect(one.counters).toMatchObject({ fills: 1, errors: 1 });
    expect(one.near?.size).toBe(1);
    expect(await two.cache.read(keyOf('2'), never)).toBe('v');
    // Its lease was given back.
    expect(await two.cache.read(keyOf('1'), value('w'))).toBe('w');
    expect(two.counters).toMatchObject({ loads: 1, leaseWaits: 0 });
  });

  test('whose lease is given back counts no value as stored', async () => {
    await one.cache.read(keyOf('1'), value(UNWRITABLE));
    await settled();
    expect(one.counters).toMatchObject({ fills: 0 });
  });

  describe('of an entry that is corrupt', () => {
    beforeEach(async () => {
      const { versions } = await store.read(scope, [keyOf('1')], 'x', 1_000);
      const fill = { key: keyOf('1'), token: 'x', versions, value: Uint8Array.of(1, 2, 3), ttlMs: TTL_MS };
      expect(await store.fill(scope, [fill])).toBe(1);
    });

    test('is a miss, and the entry is deleted', async () => {
      expect(await one.cache.read(keyOf('1'), value('v'))).toBe('v');
      expect(one.counters).toMatchObject({ corrupt: 1, hits: 0, misses: 1, loads: 1 });
      await settled();
      expect((await store.read(scope, [keyOf('1')], 'y', 1_000)).outcomes[0]?.kind).toBe('lease');
    });

    test('leaves the next one to load, fill and find it', async () => {
      await one.cache.read(keyOf('1'), value('v'));
      await settled();
      await one.cache.read(keyOf('1'), value('v'));
      await settled();
      expect(await two.cache.read(keyOf('1'), never)).toBe('v');
    });
  });

  test('after a drop loads again, in every process that hears of it', async () => {
    await one.cache.read(keyOf('1'), value('v'));
    await settled();
    await two.cache.read(keyOf('1'), never);
    await one.cache.drop(keyOf('1'));
    two.hears(onKey('1'));
    expect(await two.cache.read(keyOf('1'), value('new'))).toBe('new');
  });
});
