import { LRUCache } from 'lru-cache';
import { LatencyHistogram } from '../statistics/latency-histogram.js';
import type { StatementShape } from './statement-shape.js';

/** What all statements of one shape have done since the shape was first seen, or seen again after it was forgotten. */
export interface StatementSummary {
  readonly fingerprint: string;
  /** The statement without its values. */
  readonly text: string;
  readonly calls: number;
  readonly errors: number;
  readonly totalMs: number;
  readonly avgMs: number;
  /** At most 6.3 % too high. */
  readonly p95Ms: number;
  readonly maxMs: number;
  /** Rows given back or touched. */
  readonly rows: number;
}

interface Tally {
  readonly text: string;
  /** One figure: 4 KB each, as there are hundreds of them. */
  readonly times: LatencyHistogram;
  calls: number;
  errors: number;
  totalMs: number;
  rows: number;
}

/** One summary per shape of statement; of too many shapes, those not seen for longest are forgotten. */
export class StatementSummaries {
  readonly #tallies: LRUCache<string, Tally>;

  constructor(capacity: number) {
    this.#tallies = new LRUCache({ max: capacity });
  }

  record(shape: StatementShape, durationMs: number, rows: number | null, failed: boolean): void {
    let tally = this.#tallies.get(shape.fingerprint);
    if (tally === undefined) {
      const times = new LatencyHistogram({ figures: 1 });
      tally = { text: shape.text, times, calls: 0, errors: 0, totalMs: 0, rows: 0 };
      this.#tallies.set(shape.fingerprint, tally);
    }
    tally.calls += 1;
    tally.totalMs += durationMs;
    tally.times.record(durationMs);
    if (rows !== null) tally.rows += rows;
    if (failed) tally.errors += 1;
  }

  /** Those that took the most time together come first. */
  list(): readonly StatementSummary[] {
    const summaries: StatementSummary[] = [];
    for (const [fingerprint, { text, times, calls, errors, totalMs, rows }] of this.#tallies.entries()) {
      const { p95Ms, maxMs } = times.snapshot();
      summaries.push(
        Object.freeze({
          fingerprint,
          text,
          calls,
          errors,
          totalMs,
          avgMs: totalMs / calls,
          p95Ms: p95Ms ?? 0,
          maxMs: maxMs ?? 0,
          rows,
        }),
      );
    }
    return Object.freeze(summaries.sort((a, b) => b.totalMs - a.totalMs));
  }

  clear(): void {
    this.#tallies.clear();
  }
}
