import { describe, expect, test } from '@jest/globals';
import type { Targets } from '../../../src/cache/store/shared-store.js';
import { type Bench, LONG_MS, PAST_SHORT_MS, SHORT_MS } from './bench.js';

/** What holds when several writers fence the same. */
export function describeTwoWriters(bench: () => Bench): void {
  const places: readonly (readonly [string, () => Targets])[] = [
    ['a key', () => bench().onKeys('1')],
    ['a guard', () => bench().onGuards(bench().rows)],
  ];

  describe.each(places)('two fences on %s', (_, targets) => {
    const look = () => bench().look(bench().one, bench().person('1'));

    test.each([
      ['the first', 'w1', 'w2'],
      ['the second', 'w2', 'w1'],
    ])('stand until both are lifted, where %s is lifted first', async (_name, early, late) => {
      await bench().one.fence(targets(), 'w1', LONG_MS);
      await bench().two.fence(targets(), 'w2', LONG_MS);
      expect(await bench().one.lift(targets(), early)).toBeNull();
      expect(await look()).toBe('fenced');
      expect(await bench().two.lift(targets(), late)).toBeNull();
      expect(await look()).toBe('lease');
    });

    test.each([
      ['before', SHORT_MS, LONG_MS],
      ['after', LONG_MS, SHORT_MS],
    ])('stand as long as the longer, where the shorter is set %s it', async (_name, first, second) => {
      await bench().one.fence(targets(), 'w1', first);
      await bench().two.fence(targets(), 'w2', second);
      await bench().advance(PAST_SHORT_MS);
      expect(await look()).toBe('fenced');
    });

    test('of which one belongs to a dead writer fall with the lift of the other, when its time was over', async () => {
      await bench().one.fence(targets(), 'dead', SHORT_MS);
      await bench().two.fence(targets(), 'alive', LONG_MS);
      await bench().advance(PAST_SHORT_MS);
      expect(await look()).toBe('fenced');
      await bench().two.lift(targets(), 'alive');
      expect(await look()).toBe('lease');
    });

    test('of which one belongs to a dead writer stand no longer than its time, when the other was lifted before', async () => {
      await bench().one.fence(targets(), 'dead', SHORT_MS);
      await bench().two.fence(targets(), 'alive', LONG_MS);
      await bench().two.lift(targets(), 'alive');
      await bench().advance(PAST_SHORT_MS);
      expect(await look()).toBe('lease');
    });

    test('that have both run out stand no longer', async () => {
      await bench().one.fence(targets(), 'w1', SHORT_MS);
      await bench().two.fence(targets(), 'w2', SHORT_MS);
      await bench().advance(PAST_SHORT_MS);
      expect(await look()).toBe('lease');
    });
  });

  test('a key stays fenced by its model when its own fence is lifted, and the other way round', async () => {
    const key = bench().person('1');
    await bench().one.fence(bench().onKeys('1'), 'w1', LONG_MS);
    await bench().two.fence(bench().onGuards(bench().rows), 'w2', LONG_MS);
    await bench().one.lift(bench().onKeys('1'), 'w1');
    expect(await bench().look(bench().one, key)).toBe('fenced');
    await bench().one.fence(bench().onKeys('1'), 'w3', LONG_MS);
    await bench().two.lift(bench().onGuards(bench().rows), 'w2');
    expect(await bench().look(bench().one, key)).toBe('fenced');
    await bench().one.lift(bench().onKeys('1'), 'w3');
    expect(await bench().look(bench().one, key)).toBe('lease');
  });
}
