import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Clock, systemClock } from '../../../src/cache/clock.js';
import { fleetTiming } from '../../../src/cache/fleet/timing.js';
import { newCounters } from '../../../src/cache/statistics.js';
import { StoreGuard } from '../../../src/cache/store-guard.js';
import { silentLogger } from '../../../src/config/index.js';
import { eventually } from '../../support/eventually.js';

const limits = { commandTimeoutMs: 50, connectTimeoutMs: 50 };
const timing = fleetTiming(limits);

let restedMs: number;
let offsetMs: number;
let answers: boolean;
let probes: number;
let guard: StoreGuard;

/**
 * The time that the prober has rested, and what a test says that its process was stopped for besides. Where a busy machine
 * really stops it, that does not count.
 */
const clock: Clock = {
  ...systemClock,
  now: () => restedMs + offsetMs,
  rest: async (ms) => {
    await systemClock.rest(ms);
    restedMs += ms;
  },
};

const operation = async (): Promise<string> => {
  if (!answers) throw new Error('away');
  return 'done';
};

beforeEach(() => {
  restedMs = 0;
  offsetMs = 0;
  answers = false;
  probes = 0;
  guard = new StoreGuard({
    commandTimeoutMs: limits.commandTimeoutMs,
    timing,
    counters: newCounters(),
    logger: silentLogger,
    clock,
    hooks: {
      ping: async () => {
        probes += 1;
        await operation();
      },
      onBroken: () => undefined,
      onAnswering: async () => undefined,
    },
  });
});

afterEach(() => guard.close());

describe('a write that waits for a store that is away', () => {
  test('gives up when probes without a gap have found it away for as long as others may answer from memory', async () => {
    const startedAt = clock.now();
    expect(await guard.attemptPatiently(operation)).toEqual({ ok: false });
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(timing.leaseMs);
    // The next one of the same outage knows at once, or with the next probe.
    const again = clock.now();
    expect(await guard.attemptPatiently(operation)).toEqual({ ok: false });
    expect(clock.now() - again).toBeLessThan(timing.leaseMs);
  });

  test('goes on as soon as the store answers', async () => {
    const waiting = guard.attemptPatiently(operation);
    await eventually(
      () => probes,
      (count) => count > 1,
    );
    answers = true;
    expect(await waiting).toEqual({ ok: true, value: 'done' });
  });

  test('does not take the time in which its process was stopped for an outage', async () => {
    const waiting = guard.attemptPatiently(operation);
    await eventually(
      () => probes,
      (count) => count > 1,
    );
    offsetMs += 10_000;
    const before = probes;
    // Found away once more, but what was in between nobody knows.
    await eventually(
      () => probes,
      (count) => count > before,
    );
    answers = true;
    expect(await waiting).toEqual({ ok: true, value: 'done' });
  });
});
