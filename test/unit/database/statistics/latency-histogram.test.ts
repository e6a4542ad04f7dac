import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LatencyHistogram } from '../../../../src/database/statistics/latency-histogram.js';

const filled = (durations: readonly number[], figures?: 1 | 2 | 3): LatencyHistogram => {
  const histogram = new LatencyHistogram(figures === undefined ? {} : { figures });
  for (const duration of durations) histogram.record(duration);
  return histogram;
};

/** The value at the nearest rank. */
function exactPercentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.floor((percent / 100) * sorted.length + 0.5) - 1)] ?? Number.NaN;
}

describe('a latency histogram', () => {
  test('gives null for every figure while nothing was recorded', () => {
    const nothing = { count: 0, avgMs: null, p50Ms: null, p95Ms: null, p99Ms: null, maxMs: null };
    expect(new LatencyHistogram().snapshot()).toEqual(nothing);
  });

  test('gives a single duration as it is', () => {
    const one = { count: 1, avgMs: 12.3456, p50Ms: 12.3456, p95Ms: 12.3456, p99Ms: 12.3456, maxMs: 12.3456 };
    expect(filled([12.3456]).snapshot()).toEqual(one);
  });

  test('tells the percentiles of a thousand durations', () => {
    const snapshot = filled(Array.from({ length: 1000 }, (_, index) => index + 1)).snapshot();
    expect(snapshot).toMatchObject({ count: 1000, avgMs: 500.5, maxMs: 1000 });
    expect(snapshot.p50Ms).toBeGreaterThanOrEqual(500);
    expect(snapshot.p50Ms).toBeLessThan(500 * 1.008);
    expect(snapshot.p99Ms).toBeGreaterThanOrEqual(990);
    expect(snapshot.p99Ms).toBeLessThan(990 * 1.008);
  });

  test.each([
    { figures: 1, error: 0.0626 },
    { figures: 2, error: 0.0079 },
    { figures: 3, error: 0.001 },
  ] as const)(
    'is never too low, and too high by $error at most, with $figures figures',
    ({ figures, error }) => {
      const durations = fc.double({ min: 0.001, max: 3_600_000, noNaN: true });
      fc.assert(
        fc.property(fc.array(durations, { minLength: 1, maxLength: 200 }), (values) => {
          const { p50Ms, p95Ms, p99Ms } = filled(values, figures).snapshot();
          for (const [percent, seen] of [[50, p50Ms] as const, [95, p95Ms] as const, [99, p99Ms] as const]) {
            const exact = exactPercentile(values, percent);
            // Half a microsecond is lost by rounding.
            expect(seen).toBeGreaterThanOrEqual(exact - 0.0005);
            expect(seen).toBeLessThanOrEqual(exact * (1 + error) + 0.002);
          }
        }),
        { numRuns: 200 },
      );
    },
  );

  test('counts what takes no time, and what takes longer than its range', () => {
    const snapshot = filled([0, 7_200_000]).snapshot();
    expect(snapshot).toMatchObject({ count: 2, avgMs: 3_600_000, maxMs: 7_200_000 });
    expect(snapshot.p50Ms).toBeCloseTo(0.001, 3);
    expect(snapshot.p99Ms).toBeGreaterThanOrEqual(3_600_000);
  });

  test('leaves out what is no duration', () => {
    expect(filled([Number.NaN, -1, Number.POSITIVE_INFINITY]).snapshot().count).toBe(0);
  });

  test('is empty again after a reset', () => {
    const histogram = filled([5, 6]);
    histogram.reset();
    expect(histogram.snapshot().count).toBe(0);
    histogram.record(1);
    expect(histogram.snapshot()).toMatchObject({ count: 1, avgMs: 1, maxMs: 1 });
  });
});
