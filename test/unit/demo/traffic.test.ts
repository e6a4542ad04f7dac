import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { serveTraffic, type TrafficOptions, type Workload } from '../../../scripts/demo/traffic.js';
import { Xoshiro128 } from '../../../scripts/support/random.js';

const options = (changes: Partial<TrafficOptions> = {}): TrafficOptions => ({
  durationMs: 50,
  readers: 4,
  writeShare: 0.1,
  random: Xoshiro128.fromSeed(1),
  signal: new AbortController().signal,
  ...changes,
});

/** A workload on a number in memory. */
const workload = (changes: Partial<Workload> = {}): Workload => ({
  nextRead: () => setImmediate,
  write: async () => {
    await setImmediate();
    return true;
  },
  ...changes,
});

/** Time passes with each look at the clock and not otherwise, so that much is done in it on any machine. */
function withTimeThatPassesWithEachLook(): void {
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => {
    now += 0.02;
    return now;
  });
}

describe('the traffic', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('lasts as long as asked, and writes the share that was asked for', async () => {
    withTimeThatPassesWithEachLook();
    const result = await serveTraffic(workload(), options({ durationMs: 150 }));
    expect(result.elapsedMs).toBeGreaterThanOrEqual(150);
    const share = result.writes / (result.reads + result.writes);
    expect(share).toBeGreaterThan(0.06);
    expect(share).toBeLessThan(0.14);
    expect(result.readLatency.count).toBe(result.reads);
    expect(result).toMatchObject({ errors: 0, firstError: null });
  });

  test('keeps as many operations under way as there are readers, and never more', async () => {
    withTimeThatPassesWithEachLook();
    let running = 0;
    let most = 0;
    const nextRead = () => async () => {
      running += 1;
      most = Math.max(most, running);
      await setImmediate();
      running -= 1;
    };
    await serveTraffic(workload({ nextRead }), options({ writeShare: 0, readers: 7 }));
    expect(most).toBe(7);
  });

  test('counts a stale read as a read', async () => {
    withTimeThatPassesWithEachLook();
    const result = await serveTraffic(
      workload({ nextRead: () => async () => setImmediate(false) }),
      options({ writeShare: 0 }),
    );
    expect(result.reads).toBeGreaterThan(0);
  });

  test('does not count a write for which there was nothing to write', async () => {
    withTimeThatPassesWithEachLook();
    const result = await serveTraffic(workload({ write: async () => false }), options({ writeShare: 0.5 }));
    expect(result.writes).toBe(0);
  });

  test('goes on after an error, counts it and keeps the first message', async () => {
    withTimeThatPassesWithEachLook();
    let calls = 0;
    const nextRead = () => async () => {
      await setImmediate();
      calls += 1;
      if (calls <= 2) {
        throw new Error(`failure ${calls}`);
      }
    };
    const result = await serveTraffic(workload({ nextRead }), options({ writeShare: 0 }));
    expect(result).toMatchObject({ errors: 2, firstError: 'failure 1' });
    expect(result.reads).toBeGreaterThan(0);
  });

  test('ends in time and reports progress even when every read settles at once', async () => {
    const shares: number[] = [];
    const onProgress = (share: number) => shares.push(share);
    const nextRead = () => () => Promise.resolve();
    const result = await serveTraffic(workload({ nextRead }), options({ durationMs: 2_000, onProgress }));
    expect(result.elapsedMs).toBeLessThan(10_000);
    expect(shares.length).toBeGreaterThanOrEqual(2);
  });

  test('stops with the reason when it is aborted', async () => {
    const abort = new AbortController();
    const traffic = serveTraffic(workload(), options({ durationMs: 60_000, signal: abort.signal }));
    await setImmediate();
    abort.abort(new Error('enough'));
    await expect(traffic).rejects.toThrow('enough');
  });
});
