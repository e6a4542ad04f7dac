import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

// From a microsecond to a minute, within 1 %: 20 kB each, in a histogram after Gil Tene's HdrHistogram.
const HIGHEST_US = 60_000_000;
const FIGURES = 2;

/** How long something took, over all times that it was done. */
export interface LatencyStatistics {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** The times of what is not answered from memory; each null until it was done. */
export interface CacheLatencies {
  /** Round trips of reads to the shared cache. */
  readonly sharedReads: LatencyStatistics | null;
  /** Reads from the database. */
  readonly loads: LatencyStatistics | null;
  /** What a write waits for before its first statement: its fence, and that all near caches have dropped what it changes. */
  readonly fences: LatencyStatistics | null;
  /** What it waits for after its last. */
  readonly lifts: LatencyStatistics | null;
}

/** The times that one thing took. Takes no memory until the first. */
export class Latency {
  #histogram: RecordableHistogram | null = null;

  record(ms: number): void {
    this.#histogram ??= newHistogram();
    this.#histogram.record(Math.min(Math.max(1, Math.round(ms * 1_000)), HIGHEST_US));
  }

  static statisticsOf(all: readonly Latency[]): LatencyStatistics | null {
    const used = all.map((latency) => latency.#histogram).filter((histogram) => histogram !== null);
    const [only, ...more] = used;
    if (only === undefined) return null;
    if (more.length === 0) return statisticsOf(only);
    const sum = newHistogram();
    for (const histogram of used) sum.add(histogram);
    return statisticsOf(sum);
  }
}

/** The times of all that one part of the cache does. */
export class Latencies {
  readonly sharedReads = new Latency();
  readonly loads = new Latency();
  readonly fences = new Latency();
  readonly lifts = new Latency();

  /** What several took together. */
  static statisticsOf(all: readonly Latencies[]): CacheLatencies {
    return Object.freeze({
      sharedReads: Latency.statisticsOf(all.map((each) => each.sharedReads)),
      loads: Latency.statisticsOf(all.map((each) => each.loads)),
      fences: Latency.statisticsOf(all.map((each) => each.fences)),
      lifts: Latency.statisticsOf(all.map((each) => each.lifts)),
    });
  }
}

function newHistogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: HIGHEST_US, figures: FIGURES });
}

function statisticsOf(histogram: RecordableHistogram): LatencyStatistics {
  const ms = (us: number): number => us / 1_000;
  return Object.freeze({
    count: histogram.count,
    p50Ms: ms(histogram.percentile(50)),
    p95Ms: ms(histogram.percentile(95)),
    p99Ms: ms(histogram.percentile(99)),
    maxMs: ms(histogram.max),
  });
}
