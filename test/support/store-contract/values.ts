import { describe, expect, test } from '@jest/globals';
import { newEpoch } from '../../../src/cache/epoch.js';
import type { EntryKey, Guard } from '../../../src/cache/store/shared-store.js';
import {
  asLease,
  asValue,
  type LeaseRequest,
  type Place,
  type Put,
  type ValueStore,
} from '../../../src/cache/store/value-store.js';
import { type Bench, LONG_MS, PAST_SHORT_MS, SHORT_MS } from './bench.js';

const encoder = new TextEncoder();
// Every byte, and bytes that are no text in any encoding.
const BYTES = Uint8Array.from({ length: 600 }, (_, index) => index % 256);

function putOf(key: EntryKey, text: string | Uint8Array | null, more: Partial<Put> = {}): Put {
  const bytes = typeof text === 'string' ? encoder.encode(text) : text;
  return { key, id: newEpoch(), bytes, ttlMs: LONG_MS, onlyOver: null, ...more };
}

/** Longer than what has `LONG_MS`. */
const LONGER_MS = 2 * LONG_MS;

const lease = (token: string, leaseMs = LONG_MS): LeaseRequest => ({ token, leaseMs });

function shown(place: Place | undefined): string {
  return place?.kind === 'value'
    ? JSON.stringify(Buffer.from(place.bytes).toString())
    : (place?.kind ?? 'missing');
}

/** What a store keeps for the application: values that name their guards themselves, counters, sets and rights. */
export function describeValues(bench: () => Bench): void {
  const one = (): ValueStore => bench().one.values;
  const two = (): ValueStore => bench().two.values;
  const key = (name: string): EntryKey => bench().keys.value(name);
  const tag = (): Guard => bench().keys.tag('a tag');
  const look = async (name: string, request: LeaseRequest | null = null): Promise<string> =>
    shown((await two().look([key(name)], [], request)).places[0]);

  describe('a value', () => {
    test('that was put is found by another process, byte for byte, with its name and its time', async () => {
      const put = putOf(key('a'), BYTES);
      expect(await one().put([put], [])).toEqual([true]);
      const [place] = (await two().look([key('a')], [], null)).places;
      if (place?.kind !== 'value') throw new Error(`There is ${shown(place)}.`);
      expect(Buffer.from(place.bytes)).toEqual(Buffer.from(BYTES));
      expect(place.id).toBe(put.id);
      expect(place.ttlMs).toBeGreaterThan(LONG_MS - 10_000);
      expect(place.ttlMs).toBeLessThanOrEqual(LONG_MS);
    });

    test('goes with its time, and with a new one lives on', async () => {
      await one().put([putOf(key('a'), 'a', { ttlMs: SHORT_MS }), putOf(key('b'), 'b')], []);
      expect(await two().expire([{ key: key('b'), ttlMs: SHORT_MS }])).toEqual([true]);
      await one().put([putOf(key('c'), 'c')], []);
      expect(await two().expire([{ key: key('c'), ttlMs: LONGER_MS }])).toEqual([true]);
      await bench().advance(PAST_SHORT_MS);
      expect([await look('a'), await look('b'), await look('c')]).toEqual(['none', 'none', '"c"']);
      expect((await one().timesLeft([key('c')]))[0]).toBeGreaterThan(LONG_MS);
      expect(await two().expire([{ key: key('a'), ttlMs: LONG_MS }])).toEqual([false]);
    });

    test('is put over a value only where that is still there', async () => {
      const first = putOf(key('a'), 'first');
      await one().put([first], []);
      const second = putOf(key('a'), 'second', { onlyOver: asValue(first.id) });
      expect(await two().put([second], [])).toEqual([true]);
      expect(await one().put([putOf(key('a'), 'third', { onlyOver: asValue(first.id) })], [])).toEqual([
        false,
      ]);
      expect(await one().put([putOf(key('b'), 'b', { onlyOver: asValue(first.id) })], [])).toEqual([false]);
      expect([await look('a'), await look('b')]).toEqual(['"second"', 'none']);
    });

    test('is taken away, also by an invalidation of its key', async () => {
      await one().put([putOf(key('a'), 'a'), putOf(key('b'), 'b'), putOf(key('c'), 'c')], []);
      expect(await two().put([putOf(key('a'), null)], [])).toEqual([true]);
      await bench().two.lift({ keys: [key('b')], guards: [] }, 'x.1');
      expect(await two().remove([key('c'), key('never')])).toBe(1);
      expect([await look('a'), await look('b'), await look('c')]).toEqual(['none', 'none', 'none']);
    });

    test.each([1_000])('is one of %d that are put and found at once, in their order', async (count) => {
      const keys = Array.from({ length: count }, (_, index) => key(`n${index}`));
      const done = await one().put(
        keys.map((each, index) => putOf(each, `v${index}`)),
        [],
      );
      expect(done).toEqual(keys.map(() => true));
      const { places } = await two().look([key('never'), ...keys], [], null);
      expect(places.map(shown)).toEqual(['none', ...keys.map((_, index) => `"v${index}"`)]);
    });
  });

  describe('a lease', () => {
    test('is given to one at a time, until its time is over', async () => {
      expect(await look('a', lease('x.1'))).toBe('lease');
      expect(await look('a', lease('y.1'))).toBe('busy');
      expect(await look('a')).toBe('busy');
      expect(await look('b', lease('x.2', SHORT_MS))).toBe('lease');
      expect(await one().reclaim(key('a'), 'x.1', SHORT_MS)).toBe(true);
      await bench().advance(PAST_SHORT_MS);
      expect(await look('a', lease('y.2'))).toBe('lease');
      expect(await look('b', lease('y.3'))).toBe('lease');
    });

    test('is kept by its holder for longer', async () => {
      await look('a', lease('x.1'));
      expect(await two().reclaim(key('a'), 'y.1', LONGER_MS)).toBe(false);
      expect((await one().timesLeft([key('a')]))[0]).toBeLessThanOrEqual(LONG_MS);
      expect(await one().reclaim(key('a'), 'x.1', LONGER_MS)).toBe(true);
      expect((await one().timesLeft([key('a')]))[0]).toBeGreaterThan(LONG_MS);
      expect(await one().put([putOf(key('a'), 'yes', { onlyOver: asLease('x.1') })], [])).toEqual([true]);
    });

    test('is filled by its holder alone, and can be given back', async () => {
      await look('a', lease('x.1'));
      expect(await one().put([putOf(key('a'), 'no', { onlyOver: asLease('y.1') })], [])).toEqual([false]);
      expect(await one().put([putOf(key('a'), null, { onlyOver: asLease('x.1') })], [])).toEqual([true]);
      expect(await look('a', lease('x.2'))).toBe('lease');
      expect(await one().put([putOf(key('a'), 'yes', { onlyOver: asLease('x.2') })], [])).toEqual([true]);
      expect(await look('a', lease('y.2'))).toBe('"yes"');
    });

    test.each([
      ['a put', () => one().put([putOf(key('a'), 'new')], []), '"new"'],
      ['a deletion', () => bench().one.lift({ keys: [key('a')], guards: [] }, 'x.9'), 'none'],
    ])('is taken away by %s', async (_, change, after) => {
      await look('a', lease('x.1'));
      await change();
      expect(await one().put([putOf(key('a'), 'old', { onlyOver: asLease('x.1') })], [])).toEqual([false]);
      expect(await look('a')).toBe(after);
    });

    test('takes the place of a value that turned out invalid, unless another has come', async () => {
      const invalid = putOf(key('a'), 'invalid');
      await one().put([invalid, putOf(key('b'), 'other')], []);
      const over = asValue(invalid.id);
      const replaced = await two().replace(
        [
          { key: key('a'), onlyOver: over },
          { key: key('b'), onlyOver: over },
          { key: key('c'), onlyOver: over },
        ],
        lease('x.1'),
      );
      expect(replaced.map(shown)).toEqual(['lease', '"other"', 'lease']);
      expect((await one().replace([{ key: key('a'), onlyOver: over }], lease('y.1'))).map(shown)).toEqual([
        'busy',
      ]);
    });
  });

  describe('a guard', () => {
    const state = async (guard: Guard) => (await one().look([], [guard], null)).guards[0];

    test('has one version for all, until it is changed', async () => {
      const before = await state(tag());
      expect(before).toEqual({ version: expect.any(String), fenced: false });
      expect((await two().look([], [tag()], null)).guards).toEqual([before]);
      await bench().two.lift({ keys: [], guards: [tag()] }, 'x.1');
      const after = await state(tag());
      expect(after?.fenced).toBe(false);
      expect(after?.version).not.toBe(before?.version);
    });

    test('is fenced while a writer is at work', async () => {
      const before = await state(tag());
      await bench().two.fence({ keys: [], guards: [tag()] }, 'w', LONG_MS);
      expect((await state(tag()))?.fenced).toBe(true);
      await bench().two.lift({ keys: [], guards: [tag()] }, 'w');
      expect((await state(tag()))?.fenced).toBe(false);
      expect((await state(tag()))?.version).not.toBe(before?.version);
    });

    test('of changes by rules is another version for each rule that asks', async () => {
      const guard = (rule: string): Guard => bench().keys.otherRules({ table: 'people', schema: null }, rule);
      const [own, other] = [await state(guard('rule---1')), await state(guard('rule---2'))];
      await bench().one.lift({ keys: [], guards: [guard('rule---1')] }, 'x.1');
      expect(await state(guard('rule---1'))).toEqual(own);
      expect(await state(guard('rule---2'))).not.toEqual(other);
    });
  });

  describe('a right', () => {
    test('is one process at a time, who may keep it and give it back', async () => {
      const right = bench().keys.besideValue('a', 'refresh');
      expect(await one().claim(right, 'x', LONG_MS)).toBe(true);
      expect(await two().claim(right, 'y', LONG_MS)).toBe(false);
      expect(await two().reclaim(right, 'y', LONG_MS)).toBe(false);
      expect(await one().reclaim(right, 'x', LONG_MS)).toBe(true);
      expect(await one().reclaim(right, 'x', 0)).toBe(true);
      expect(await two().claim(right, 'y', SHORT_MS)).toBe(true);
      await bench().advance(PAST_SHORT_MS);
      expect(await two().reclaim(right, 'y', LONG_MS)).toBe(false);
      expect(await one().claim(right, 'x', LONG_MS)).toBe(true);
    });
  });

  describe('a counter', () => {
    test('counts for all, up and down, and ends with its first time', async () => {
      const counter = bench().keys.besideValue('a', 'counter');
      expect(await one().count(counter, 0, null)).toBe(0);
      expect(await one().timesLeft([counter, key('never')])).toEqual([Number.POSITIVE_INFINITY, null]);
      expect(await two().count(counter, 5, LONG_MS)).toBe(5);
      expect(await one().count(counter, -7, LONGER_MS)).toBe(-2);
      expect((await one().timesLeft([counter]))[0]).toBeLessThanOrEqual(LONG_MS);
      const brief = bench().keys.besideValue('b', 'counter');
      expect(await two().count(brief, 5, SHORT_MS)).toBe(5);
      await bench().advance(PAST_SHORT_MS);
      expect(await one().count(brief, 1, null)).toBe(1);
      expect(await one().timesLeft([brief])).toEqual([Number.POSITIVE_INFINITY]);
    });

    test('is exact as far as a double is', async () => {
      const counter = bench().keys.besideValue('a', 'counter');
      await one().count(counter, Number.MAX_SAFE_INTEGER - 1, null);
      expect(await two().count(counter, 1, null)).toBe(Number.MAX_SAFE_INTEGER);
    });
  });

  describe('a set', () => {
    test('has each member once, for all, and ends with its time', async () => {
      const set = bench().keys.besideValue('a', 'members');
      expect(await one().addMembers(set, ['x', 'ü\0', 'x'], LONG_MS)).toBe(2);
      expect(await two().addMembers(set, ['x', 'z'], null)).toBe(1);
      expect([...(await one().members(set))].sort()).toEqual(['x', 'z', 'ü\0']);
      expect(await two().removeMembers(set, ['z', 'never'])).toBe(1);
      expect((await one().timesLeft([set]))[0]).toBeLessThanOrEqual(LONG_MS);
      const brief = bench().keys.besideValue('b', 'members');
      expect(await one().addMembers(brief, ['x'], SHORT_MS)).toBe(1);
      await bench().advance(PAST_SHORT_MS);
      expect(await one().members(brief)).toEqual([]);
      expect(await one().removeMembers(brief, ['x'])).toBe(0);
    });

    test('takes many thousand members at once', async () => {
      const set = bench().keys.besideValue('a', 'members');
      const members = Array.from({ length: 9_001 }, (_, index) => `m${index}`);
      expect(await one().addMembers(set, members, null)).toBe(9_001);
      expect(await two().members(set)).toHaveLength(9_001);
      expect(await two().removeMembers(set, members)).toBe(9_001);
    });
  });

  test('a walk sees all keys that begin as asked, whatever else is there, and no others', async () => {
    const names = Array.from({ length: 2_500 }, (_, index) => `w${index}`);
    await one().put(
      names.map((name) => putOf(key(name), 'v')),
      [],
    );
    await one().put([putOf(bench().person('1'), 'other')], []);
    const seen = new Set<string>();
    let largest = 0;
    for await (const keys of two().scan(bench().keys.valuesBeginning)) {
      largest = Math.max(largest, keys.length);
      for (const each of keys) seen.add(each);
    }
    expect([...seen].sort()).toEqual(names.map(key).sort());
    expect(largest).toBeLessThan(2_500);
  });
}
