import { createHistogram } from 'node:perf_hooks';

const nanosecondsPerMs = 1e6;

/** The longest time that is told apart from longer ones. */
const maxNanoseconds = 60_000 * nanosecondsPerMs;

/**
 * The distribution of latencies, in fixed memory whatever their number: Node's own HDR histogram, three significant
 * digits from one microsecond on.
 */
export class LatencyRecorder {
  readonly #histogram = createHistogram({ lowest: 1, highest: maxNanoseconds, figures: 3 });

  get count(): number {
    return this.#histogram.count;
  }

  recordMs(latencyMs: number): void {
    const nanoseconds = Math.round(latencyMs * nanosecondsPerMs);
    this.#histogram.record(Math.min(Math.max(nanoseconds, 1), maxNanoseconds));
  }

  /** The latency that this per cent of all did not exceed; 0 when none was recorded. */
  percentileMs(percent: number): number {
    return this.count === 0 ? 0 : this.#histogram.percentile(percent) / nanosecondsPerMs;
  }
}
