import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** Where the cache takes time from, so that a test can move it. */
export interface Clock {
  /** Milliseconds that only ever grow; no date. */
  now(): number;
  /** Resolves after this time. */
  sleep(ms: number): Promise<void>;
  /** As `sleep`, but does not keep the process alive: for what goes on in the background. */
  rest(ms: number): Promise<void>;
  /** Calls back after this time, unless what it returns is called before. */
  after(ms: number, callback: () => void): () => void;
}

/** The system's monotonic clock. */
export const systemClock: Clock = Object.freeze({
  now: () => performance.now(),
  sleep: (ms: number) => delay(ms),
  rest: (ms: number) => delay(ms, undefined, { ref: false }),
  after: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
});
