import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** Where the cache takes time from, so that a test can move it. */
export interface Clock {
  /** Milliseconds that only ever grow; no date. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = Object.freeze({
  now: () => performance.now(),
  sleep: (ms: number) => delay(ms),
});
