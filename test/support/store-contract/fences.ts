import { describe, expect, test } from '@jest/globals';
import type { Targets } from '../../../src/cache/store/shared-store.js';
import { type Bench, LONG_MS, PAST_SHORT_MS, SHORT_MS, valueFill } from './bench.js';

/** What a fence keeps away, wherever it stands, and what its end leaves behind. */
export function describeFences(bench: () => Bench): void {
  const places: readonly (readonly [string, () => Targets])[] = [
    ['the key', () => bench().onKeys('1')],
    ['the rows of the model', () => bench().onGuards(bench().rows)],
    ['both', () => ({ ...bench().onKeys('1'), guards: [bench().rows] })],
  ];

  describe.each(places)('a fence on %s', (_, targets) => {
    test('leaves no value and gives no lease, to whomever', async () => {
      const { one, two } = bench();
      const key = bench().person('1');
      await bench().put(key, 'old');
      await two.fence(targets(), 'w', LONG_MS);
      expect(await bench().look(one, key, 'a')).toBe('fenced');
      expect(await bench().look(two, key, 'w')).toBe('fenced');
    });

    test('leaves none to who reads for the first time', async () => {
      await bench().two.fence(targets(), 'w', LONG_MS);
      expect(await bench().look(bench().one, bench().person('1'), 'a')).toBe('fenced');
    });

    test('has a fill refused whose lease is older, while it stands and after', async () => {
      const { one, two } = bench();
      const key = bench().person('1');
      const { versions } = await bench().read(one, key, 'a');
      await two.fence(targets(), 'w', LONG_MS);
      expect(await bench().fill(one, valueFill(key, 'a', versions, 'old'))).toBe(0);
      await two.lift(targets(), 'w');
      expect(await bench().fill(one, valueFill(key, 'a', versions, 'old'))).toBe(0);
      expect(await bench().look(one, key, 'b')).toBe('lease');
    });

    test('has a fill refused by who read while it stood', async () => {
      const { one, two } = bench();
      const key = bench().person('1');
      await two.fence(targets(), 'w', LONG_MS);
      const { versions } = await bench().read(one, key, 'a');
      expect(await bench().fill(one, valueFill(key, 'a', versions, 'old'))).toBe(0);
      await two.lift(targets(), 'w');
      expect(await bench().fill(one, valueFill(key, 'a', versions, 'old'))).toBe(0);
    });

    test('lets the next reader fill when it was lifted', async () => {
      const key = bench().person('1');
      await bench().put(key, 'old');
      await bench().two.fence(targets(), 'w', LONG_MS);
      await bench().two.lift(targets(), 'w');
      await bench().put(key, 'new');
      expect(await bench().look(bench().two, key)).toBe('"new"');
    });

    test('goes when its time is over, and no value from before comes back', async () => {
      const key = bench().person('1');
      await bench().put(key, 'old');
      await bench().one.fence(targets(), 'dead', SHORT_MS);
      await bench().advance(PAST_SHORT_MS);
      expect(await bench().look(bench().two, key, 'b')).toBe('lease');
    });

    test('is lifted without a word where it stood', async () => {
      await bench().one.fence(targets(), 'w', LONG_MS);
      expect(await bench().one.lift(targets(), 'w')).toBeNull();
    });

    test('that had gone is announced when it is lifted, and what was filled meanwhile is taken away', async () => {
      const key = bench().person('1');
      await bench().one.fence(targets(), 'slow', SHORT_MS);
      await bench().advance(PAST_SHORT_MS);
      await bench().put(key, 'filled behind a lost fence');
      expect(await bench().one.lift(targets(), 'slow')).not.toBeNull();
      expect(await bench().look(bench().two, key)).toBe('lease');
    });

    test('is not lifted by a token that fences nothing, which invalidates all the same', async () => {
      const key = bench().person('1');
      await bench().put(key, 'old');
      expect(await bench().one.lift(targets(), 'nobody')).not.toBeNull();
      expect(await bench().look(bench().two, key, 'a')).toBe('lease');
      await bench().two.fence(targets(), 'w', LONG_MS);
      expect(await bench().one.lift(targets(), 'nobody')).not.toBeNull();
      expect(await bench().look(bench().two, key, 'b')).toBe('fenced');
    });
  });

  test('a fence on one key leaves the others alone', async () => {
    await bench().put(bench().person('2'), 'other');
    const { versions } = await bench().read(bench().one, bench().person('3'), 'a');
    await bench().two.fence(bench().onKeys('1'), 'w', LONG_MS);
    await bench().two.lift(bench().onKeys('1'), 'w');
    expect(await bench().look(bench().two, bench().person('2'))).toBe('"other"');
    expect(await bench().fill(bench().one, valueFill(bench().person('3'), 'a', versions, 'v'))).toBe(1);
  });

  test('a lift of several fences of which one had gone is announced', async () => {
    await bench().one.fence(bench().onKeys('1'), 'w', LONG_MS);
    expect(await bench().one.lift(bench().onKeys('1', '2'), 'w')).not.toBeNull();
    await bench().one.fence(bench().onKeys('1'), 'w', LONG_MS);
    const both = { ...bench().onKeys('1'), guards: [bench().rows] };
    expect(await bench().one.lift(both, 'w')).not.toBeNull();
  });

  test('a lift of nothing tells nobody', async () => {
    expect(await bench().one.lift({ keys: [], guards: [] }, 'w')).toBeNull();
  });
}
