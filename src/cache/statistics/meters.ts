import type { Clock } from '../clock.js';
import type { StalenessStatistics } from '../sampling/staleness-sampler.js';
import { type CacheStatistics, newCounters, statisticsOf, sumOf } from '../statistics.js';
import { HitRateWindows, SNAPSHOT_EVERY_MS } from './hit-rate-windows.js';
import { Latencies } from './latencies.js';
import type { NearUse } from './near-use.js';

/** What the reads and writes of one model came to, or those of none. */
export class Meter {
  readonly counters = newCounters();
  readonly latencies = new Latencies();
  readonly #clock: Clock;
  readonly #windows: HitRateWindows;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#windows = new HitRateWindows(clock.now());
  }

  /** Takes a snapshot for the hit rates of the last minutes. */
  note(): void {
    const { nearHits, hits, misses } = this.counters;
    this.#windows.note(this.#clock.now(), nearHits + hits, nearHits + hits + misses);
  }

  /** Without what is of no single model: the near cache, round trips, failures. */
  getStatistics(): CacheStatistics {
    return statisticsIn(this.#windows, this.#clock, [this], null, null);
  }
}

/** The meters of one cache: one for each model, and one for what belongs to none. */
export class Meters {
  /** What belongs to no model. */
  readonly common: Meter;
  readonly #byModel = new Map<string, Meter>();
  readonly #clock: Clock;
  readonly #windows: HitRateWindows;
  #running: object | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.common = new Meter(clock);
    this.#windows = new HitRateWindows(clock.now());
  }

  /** The one meter of a model. */
  of(model: string): Meter {
    const meter = this.#byModel.get(model) ?? new Meter(this.#clock);
    this.#byModel.set(model, meter);
    return meter;
  }

  /** Takes snapshots from now on, which does not keep the process alive. */
  start(): void {
    if (this.#running === null) void this.#run();
  }

  stop(): void {
    this.#running = null;
  }

  /** What all did together. */
  getStatistics(near: NearUse | null, staleness: StalenessStatistics | null = null): CacheStatistics {
    return statisticsIn(this.#windows, this.#clock, this.#all, near, staleness);
  }

  get #all(): readonly Meter[] {
    return [this.common, ...this.#byModel.values()];
  }

  async #run(): Promise<void> {
    const run = {};
    this.#running = run;
    // One that was stopped and started again has another run, and this one ends.
    while (this.#running === run) {
      await this.#clock.rest(SNAPSHOT_EVERY_MS);
      const { nearHits, hits, misses } = sumOf(this.#all.map((meter) => meter.counters));
      this.#windows.note(this.#clock.now(), nearHits + hits, nearHits + hits + misses);
      for (const meter of this.#all) meter.note();
    }
  }
}

function statisticsIn(
  windows: HitRateWindows,
  clock: Clock,
  meters: readonly Meter[],
  near: NearUse | null,
  staleness: StalenessStatistics | null,
): CacheStatistics {
  const counters = sumOf(meters.map((meter) => meter.counters));
  const { nearHits, hits, misses } = counters;
  const answered = nearHits + hits;
  const now = clock.now();
  const hitRates = windows.rates(now, answered, answered + misses);
  windows.note(now, answered, answered + misses);
  return statisticsOf(counters, {
    near,
    staleness,
    hitRates,
    latencies: Latencies.statisticsOf(meters.map((meter) => meter.latencies)),
  });
}
