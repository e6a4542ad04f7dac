import { beforeEach, describe, expect, test } from '@jest/globals';
import { Meters } from '../../../../src/cache/statistics/meters.js';
import { ManualClock, settled } from '../../../support/manual-clock.js';

const MINUTE_MS = 60_000;
const NEAR = { entries: 2, bytes: 700, evictions: 3, expired: 4 };

describe('the meters of a cache', () => {
  let clock: ManualClock;
  let meters: Meters;

  beforeEach(() => {
    clock = new ManualClock();
    meters = new Meters(clock);
  });

  test('give what follows from the counters of all models together', () => {
    Object.assign(meters.common.counters, { errors: 1, epochChanges: 1, tagsInvalidated: 2, relayed: 5 });
    Object.assign(meters.of('User').counters, { nearHits: 6, hits: 2, negativeHits: 1, misses: 2 });
    Object.assign(meters.of('Task').counters, { misses: 2, keysInvalidated: 3, modelsInvalidated: 1 });
    Object.assign(meters.of('Task').counters, { bytesRead: 7, bytesWritten: 100, rawBytesWritten: 400 });
    expect(meters.getStatistics(NEAR)).toMatchObject({
      nearHits: 6,
      hitRate: 8 / 12,
      hitRates: { lastMinute: 8 / 12, last5Minutes: 8 / 12, last15Minutes: 8 / 12 },
      near: { hits: 6, entries: 2, bytes: 700, evictions: 3, expired: 4 },
      shared: { hits: 2, negativeHits: 1, misses: 4, bytesRead: 7, bytesWritten: 100, errors: 1 },
      invalidations: { keys: 3, tags: 2, models: 1, all: 1, relayed: 5 },
      compressionRatio: 4,
    });
    expect(meters.of('User').getStatistics()).toMatchObject({ nearHits: 6, hitRate: 0.8, near: null });
    expect(meters.getStatistics(null)).toMatchObject({ near: null });
  });

  test('give no ratio of what was never stored, and no rate of what was never asked', () => {
    expect(meters.getStatistics(null)).toMatchObject({
      compressionRatio: null,
      hitRate: null,
      hitRates: { lastMinute: null },
    });
  });

  test('remember the last minutes without being asked, from when they are started until they are stopped', async () => {
    const { counters } = meters.of('User');
    meters.start();
    meters.start();
    await settled();
    expect(clock.waiting).toBe(1);
    counters.misses += 100;
    await clock.advance(2 * MINUTE_MS);
    counters.hits += 100;
    const whole = { hitRate: 0.5, hitRates: { lastMinute: 1, last5Minutes: 0.5, last15Minutes: 0.5 } };
    expect(meters.getStatistics(null)).toMatchObject(whole);
    expect(meters.of('User').getStatistics()).toMatchObject(whole);
    meters.stop();
    await clock.advance(MINUTE_MS);
    expect(clock.waiting).toBe(0);
  });

  test('count a model from the moment when it is first read', async () => {
    meters.start();
    await clock.advance(20 * MINUTE_MS);
    meters.of('Late').counters.hits += 3;
    meters.of('Late').counters.misses += 1;
    expect(meters.of('Late').getStatistics().hitRates.lastMinute).toBe(0.75);
    expect(meters.getStatistics(null).hitRates.lastMinute).toBe(0.75);
  });
});
