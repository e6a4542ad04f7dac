import { beforeEach, describe, expect, test } from '@jest/globals';
import { HitRateWindows } from '../../../../src/cache/statistics/hit-rate-windows.js';

const MINUTE_MS = 60_000;
const STEP_MS = 10_000;

describe('the hit rates of the last minutes', () => {
  let windows: HitRateWindows;
  let now: number;
  let answered: number;
  let asked: number;

  beforeEach(() => {
    now = 5_000;
    answered = 0;
    asked = 0;
    windows = new HitRateWindows(now);
  });

  /** So many minutes of reads, of which this share is answered, with a snapshot now and then. */
  const pass = (minutes: number, share: number, reads = 100): void => {
    for (let step = 0; step < (minutes * MINUTE_MS) / STEP_MS; step += 1) {
      now += STEP_MS;
      asked += reads;
      answered += reads * share;
      windows.note(now, answered, asked);
    }
  };
  const rates = () => windows.rates(now, answered, asked);

  test('are null while nothing was asked', () => {
    expect(rates()).toEqual({ lastMinute: null, last5Minutes: null, last15Minutes: null });
    pass(20, 0, 0);
    expect(rates()).toEqual({ lastMinute: null, last5Minutes: null, last15Minutes: null });
  });

  test('are of all reads while the cache is younger than the window', () => {
    asked = 10;
    answered = 4;
    expect(rates()).toEqual({ lastMinute: 0.4, last5Minutes: 0.4, last15Minutes: 0.4 });
  });

  test('each forget what is older than its window', () => {
    pass(30, 0);
    pass(1, 1);
    expect(rates()).toEqual({ lastMinute: 1, last5Minutes: 0.2, last15Minutes: 1 / 15 });
    pass(4, 1);
    expect(rates()).toMatchObject({ lastMinute: 1, last5Minutes: 1 });
    pass(10, 1);
    expect(rates().last15Minutes).toBe(1);
    pass(1, 0);
    expect(rates()).toEqual({ lastMinute: 0, last5Minutes: 0.8, last15Minutes: 14 / 15 });
  });

  test('become null again when nothing is asked for a minute', () => {
    pass(2, 1);
    pass(2, 0, 0);
    expect(rates()).toEqual({ lastMinute: null, last5Minutes: 1, last15Minutes: 1 });
  });

  test('do not change with snapshots that are taken more often', () => {
    pass(14, 0);
    for (let step = 0; step < 1_000; step += 1) windows.note(now + step, answered, asked);
    pass(1, 1);
    expect(rates().last15Minutes).toBe(1 / 15);
  });

  test('reach back to the last snapshot where none was taken for long', () => {
    pass(1, 0);
    now += 10 * MINUTE_MS;
    asked += 100;
    answered += 100;
    expect(rates().lastMinute).toBe(1);
  });
});
