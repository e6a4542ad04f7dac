import { describe, expect, test } from '@jest/globals';
import { shuffled, Xoshiro128 } from '../../../scripts/support/random.js';

describe('the seeded random numbers', () => {
  test('are those of the reference code of xoshiro128**', () => {
    const random = new Xoshiro128(1, 2, 3, 4);
    const words = Array.from({ length: 6 }, () => random.nextWord());
    expect(words).toEqual([11520, 0, 5927040, 70819200, 2031721883, 1637235492]);
  });

  test('are the same for the same seed, and others for another', () => {
    const sequence = (seed: number) => {
      const random = Xoshiro128.fromSeed(seed);
      return Array.from({ length: 5 }, () => random.next());
    };
    expect(sequence(7)).toEqual(sequence(7));
    expect(sequence(7)).not.toEqual(sequence(8));
  });

  test('spread evenly over ten equal parts', () => {
    const random = Xoshiro128.fromSeed(1);
    const counts = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw++) {
      const part = random.nextInteger(10);
      counts[part] = (counts[part] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(9_600);
    expect(Math.max(...counts)).toBeLessThan(10_400);
  });

  test('a shuffled list holds the same items, and the list given stays as it was', () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const result = shuffled(items, Xoshiro128.fromSeed(3));
    expect(result).not.toEqual(items);
    expect([...result].sort()).toEqual(items);
    expect(items).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
