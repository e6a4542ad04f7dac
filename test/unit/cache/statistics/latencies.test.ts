import { expect, test } from '@jest/globals';
import { Latencies, Latency } from '../../../../src/cache/statistics/latencies.js';

test('there are no percentiles of what was never done', () => {
  expect(Latencies.statisticsOf([new Latencies(), new Latencies()])).toEqual({
    sharedReads: null,
    loads: null,
    fences: null,
    lifts: null,
  });
});

test('the percentiles are within a hundredth of those of the times', () => {
  const latency = new Latency();
  for (let ms = 1; ms <= 1_000; ms += 1) latency.record(ms);
  const { count, p50Ms, p95Ms, p99Ms, maxMs } = Latency.statisticsOf([latency]) ?? {};
  expect(count).toBe(1_000);
  const near = (expected: number, value = 0) => Math.abs(value - expected) <= expected / 100;
  expect([near(500, p50Ms), near(950, p95Ms), near(990, p99Ms), near(1_000, maxMs)]).toEqual(
    Array(4).fill(true),
  );
});

test('several are added up as if all had been one, and stay as they are', () => {
  const [one, other, unused] = [new Latencies(), new Latencies(), new Latencies()];
  for (let count = 0; count < 99; count += 1) one.loads.record(1);
  other.loads.record(100);
  other.fences.record(2);
  const both = Latencies.statisticsOf([one, other, unused]);
  expect(both.loads?.count).toBe(100);
  expect(both.loads?.p50Ms).toBeCloseTo(1, 1);
  expect(both.loads?.maxMs).toBeGreaterThanOrEqual(99);
  expect(both.fences?.count).toBe(1);
  expect(both.lifts).toBeNull();
  expect(Latencies.statisticsOf([one]).loads?.count).toBe(99);
  expect(Latencies.statisticsOf([one]).loads?.maxMs).toBeLessThan(1.1);
});

test.each([
  ['nothing', 0, 0.001],
  ['a clock that was set back', -5, 0.001],
  ['an hour', 3_600_000, 60_000],
])('a time of %s is counted at the bounds of what is measured', (_, ms, counted) => {
  const latency = new Latency();
  latency.record(ms);
  expect((Latency.statisticsOf([latency])?.maxMs ?? 0) / counted).toBeCloseTo(1, 1);
});
