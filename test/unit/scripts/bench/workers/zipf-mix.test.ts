import { describe, expect, test } from '@jest/globals';
import { MIX, rowOfRank, ZipfMix } from '../../../../../scripts/bench/workers/zipf-mix.js';

describe('the mix of reads and updates', () => {
  test('asks for another row at each rank', () => {
    const rows = new Set(Array.from({ length: MIX.rows }, (_, rank) => rowOfRank(rank, MIX.rows)));
    expect(rows.size).toBe(MIX.rows);
  });

  test('is the same for the same seed', () => {
    const [one, other] = [new ZipfMix(7), new ZipfMix(7)];
    for (let n = 0; n < 100; n += 1) expect(one.next()).toEqual(other.next());
  });

  test('updates as often as it says, and asks for the first rank by Zipf the most', () => {
    const mix = new ZipfMix(1, { rows: 1_000, skew: 0.99, updateShare: 0.05 });
    const requests = Array.from({ length: 20_000 }, () => mix.next());
    expect(requests.filter(({ isUpdate }) => isUpdate).length / requests.length).toBeCloseTo(0.05, 2);
    const times = new Map<number, number>();
    for (const { index } of requests) times.set(index, (times.get(index) ?? 0) + 1);
    expect(times.get(rowOfRank(0, 1_000))).toBe(Math.max(...times.values()));
  });

  test('refuses a number of rows of which several ranks would be one row', () => {
    expect(() => new ZipfMix(1, { rows: 7_919, skew: 0.99, updateShare: 0.05 })).toThrow(RangeError);
  });
});
