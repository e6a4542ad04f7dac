import { describe, expect, test } from '@jest/globals';
import { ZipfSampler } from '../../../scripts/demo/zipf.js';
import { Xoshiro128 } from '../../../scripts/support/random.js';

const sampler = (count: number, skew: number) => new ZipfSampler(count, skew, Xoshiro128.fromSeed(42));

describe('the Zipf sampler', () => {
  test('gives each rank as often as the law says', () => {
    const count = 100;
    const draws = 200_000;
    const zipf = sampler(count, 0.99);
    const counts = new Array<number>(count).fill(0);
    for (let draw = 0; draw < draws; draw++) {
      const rank = zipf.next();
      counts[rank] = (counts[rank] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, observed, rank) => {
      const expected = draws * zipf.probability(rank);
      return sum + (observed - expected) ** 2 / expected;
    }, 0);
    // The 99.9th percentile of the chi-square distribution with 99 degrees of freedom.
    expect(chiSquare).toBeLessThan(148.2);
  });

  test('halves the chance from the first rank to the second at a skew of one', () => {
    const zipf = sampler(1000, 1);
    expect(zipf.probability(0) / zipf.probability(1)).toBeCloseTo(2, 10);
    expect(zipf.probability(0) / zipf.probability(9)).toBeCloseTo(10, 10);
  });

  test('is even at a skew of zero', () => {
    expect(sampler(4, 0).probability(3)).toBeCloseTo(0.25, 10);
  });

  test('stays within its ranks at both ends of the random numbers', () => {
    const fixed = (value: number) => ({ next: () => value, nextInteger: () => 0 });
    expect(new ZipfSampler(50, 0.99, fixed(0)).next()).toBe(0);
    expect(new ZipfSampler(50, 0.99, fixed(1 - 2 ** -32)).next()).toBe(49);
  });

  test('with one rank always gives it', () => {
    expect(sampler(1, 0.99).next()).toBe(0);
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses %p ranks', (count) => {
    expect(() => sampler(count, 0.99)).toThrow(RangeError);
  });
});
