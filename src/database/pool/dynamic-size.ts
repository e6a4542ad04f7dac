import { performance } from 'node:perf_hooks';
import type { Logger } from '../../config/index.js';
import { LatencyHistogram } from '../statistics/latency-histogram.js';
import type { HeldPool } from './held-pool.js';
import { PoolSizer } from './pool-sizer.js';

const SAMPLE_EVERY_MS = 1_000;

/** Moves the size of a pool between two bounds, as callers have to wait for connections or do not. */
export class DynamicSize {
  readonly #pool: HeldPool;
  readonly #sizer: PoolSizer;
  readonly #logger: Logger;
  /** Of the time since the last sample. */
  readonly #recent = new LatencyHistogram();
  readonly #timer: NodeJS.Timeout;

  constructor(pool: HeldPool, bounds: { readonly min: number; readonly max: number }, logger: Logger) {
    this.#pool = pool;
    this.#logger = logger;
    this.#sizer = new PoolSizer({ min: Math.max(1, bounds.min), max: bounds.max });
    pool.options.max = Math.max(1, bounds.min);
    pool.onAcquired((waitedMs) => this.#recent.record(waitedMs));
    this.#timer = setInterval(() => this.#adjust(), SAMPLE_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #adjust(): void {
    const currentMax = this.#pool.options.max;
    const acquireP95Ms = this.#recent.snapshot().p95Ms;
    this.#recent.reset();
    const { waitingCount: waiting, idleCount: idle, totalCount: total } = this.#pool;
    const next = this.#sizer.next({ currentMax, acquireP95Ms, waiting, idle, total, now: performance.now() });
    if (next === currentMax) return;
    this.#pool.options.max = next;
    this.#logger.info({ from: currentMax, to: next, acquireP95Ms, waiting, idle }, 'pool size changed');
  }
}
