import { describe, expect, test } from '@jest/globals';
import { LatencyRecorder } from '../../../scripts/demo/latency-recorder.js';

describe('the latency recorder', () => {
  test('gives percentiles within a thousandth of the exact ones', () => {
    const recorder = new LatencyRecorder();
    for (let value = 1; value <= 10_000; value++) {
      recorder.recordMs(value / 1000);
    }
    expect(recorder.count).toBe(10_000);
    expect(Math.abs(recorder.percentileMs(50) - 5)).toBeLessThan(0.005);
    expect(Math.abs(recorder.percentileMs(95) - 9.5)).toBeLessThan(0.0095);
    expect(Math.abs(recorder.percentileMs(99) - 9.9)).toBeLessThan(0.0099);
  });

  test('tells times of a few microseconds apart', () => {
    const recorder = new LatencyRecorder();
    recorder.recordMs(0.0042);
    expect(recorder.percentileMs(50)).toBeCloseTo(0.0042, 5);
  });

  test('takes a time that is zero or beyond its range as the nearest one it holds', () => {
    const recorder = new LatencyRecorder();
    recorder.recordMs(0);
    recorder.recordMs(-1);
    expect(recorder.percentileMs(50)).toBeLessThan(0.001);
    recorder.recordMs(1e9);
    expect(recorder.percentileMs(100)).toBeGreaterThan(59_000);
    expect(recorder.count).toBe(3);
  });

  test('without any record gives zero', () => {
    expect(new LatencyRecorder().percentileMs(99)).toBe(0);
  });
});
