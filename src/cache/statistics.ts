import type { StalenessStatistics } from './sampling/staleness-sampler.js';
import type { HitRates } from './statistics/hit-rate-windows.js';
import type { CacheLatencies } from './statistics/latencies.js';
import type { NearUse } from './statistics/near-use.js';

/** What the cache has done since it was made: plain counts. */
export interface CacheCounters {
  /** Reads answered from this process's memory. */
  nearHits: number;
  /** Reads answered from the shared cache. */
  hits: number;
  /** Those of them whose answer was that there is none. */
  negativeHits: number;
  /** Reads that found nothing in the shared cache, or found another reader or a writer at work. */
  misses: number;
  /** Reads from the database, whatever caused them. */
  loads: number;
  /** Values stored. */
  fills: number;
  /** Values not stored, because a write came between the load and the fill. */
  fillsRefused: number;
  /** Reads that found a writer at work and filled nothing. */
  fenced: number;
  /** Polls made for a value that another reader was loading. */
  leaseWaits: number;
  /** Reads that did not ask the cache: it is off, or away. */
  bypasses: number;
  /** Entries that could not be decoded, each then treated as a miss. */
  corrupt: number;
  /** Round trips to the store that failed or took too long, and values that broke while they were encoded for it. */
  errors: number;
  /** Round trips to the store that reads and writes made; those that keep the process in the fleet are not counted. */
  roundTrips: number;
  /** Batches of changes by other writers that were invalidated. */
  relayed: number;
  /** Times that everything cached was invalidated, because it was asked for. */
  epochChanges: number;
  /** Entries that were invalidated one by one, because it was asked for. */
  keysInvalidated: number;
  /** Tags whose entries were invalidated together, because it was asked for. */
  tagsInvalidated: number;
  /** Times that all of a model was invalidated, because it was asked for. */
  modelsInvalidated: number;
  /** Values that could not be computed anew, so that one over its time was answered. */
  graceHits: number;
  /** Values that were to be computed anew before their readers need it, and could not be. */
  refreshFailures: number;
  /** Bytes of values that the shared cache gave, as they lie there. */
  bytesRead: number;
  /** Bytes of values that were sent to it, as they lie there. */
  bytesWritten: number;
  /** The same before they were compressed. */
  rawBytesWritten: number;
}

/** What was invalidated because it was asked for, or because others wrote; the writes of repositories come on top. */
export interface InvalidationCounts {
  /** Entries, one by one. */
  readonly keys: number;
  /** Tags, each with all that hangs on it. */
  readonly tags: number;
  /** Models, each with all that is cached of it. */
  readonly models: number;
  /** Times that it was everything. */
  readonly all: number;
  /** Batches of changes by other writers. */
  readonly relayed: number;
}

/** What the near cache did, and what it takes. */
export interface NearStatistics extends NearUse {
  readonly hits: number;
}

/** What the shared cache did, of the counters. */
export interface SharedStatistics {
  readonly hits: number;
  readonly negativeHits: number;
  readonly misses: number;
  readonly fills: number;
  readonly fillsRefused: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly errors: number;
  readonly roundTrips: number;
}

/** The counters and what follows from them. */
export interface CacheStatistics extends Readonly<CacheCounters> {
  /** Reads answered from memory or the shared cache, of those that asked it, 0 to 1; null while there were none. */
  readonly hitRate: number | null;
  /** The same of the last minutes alone. */
  readonly hitRates: HitRates;
  /** Of this process's memory; null without a near cache, and for a single model. */
  readonly near: NearStatistics | null;
  readonly shared: SharedStatistics;
  readonly invalidations: InvalidationCounts;
  /** How many bytes one stored byte stands for, 1 or more where compression helps; null while nothing was stored. */
  readonly compressionRatio: number | null;
  readonly latencies: CacheLatencies;
  /** What came of comparing some of the hits with the database; null for a single model, and where the cache is off. */
  readonly staleness: StalenessStatistics | null;
}

export function newCounters(): CacheCounters {
  return {
    nearHits: 0,
    hits: 0,
    negativeHits: 0,
    misses: 0,
    loads: 0,
    fills: 0,
    fillsRefused: 0,
    fenced: 0,
    leaseWaits: 0,
    bypasses: 0,
    corrupt: 0,
    errors: 0,
    roundTrips: 0,
    relayed: 0,
    epochChanges: 0,
    keysInvalidated: 0,
    tagsInvalidated: 0,
    modelsInvalidated: 0,
    graceHits: 0,
    refreshFailures: 0,
    bytesRead: 0,
    bytesWritten: 0,
    rawBytesWritten: 0,
  };
}

/** What several count together. */
export function sumOf(all: readonly CacheCounters[]): CacheCounters {
  const sum = newCounters();
  for (const counters of all) {
    for (const name of Object.keys(sum) as (keyof CacheCounters)[]) sum[name] += counters[name];
  }
  return sum;
}

/** The counters, with what follows from them and what is measured beside them. */
export function statisticsOf(
  counters: CacheCounters,
  beside: {
    readonly near: NearUse | null;
    readonly hitRates: HitRates;
    readonly latencies: CacheLatencies;
    readonly staleness: StalenessStatistics | null;
  },
): CacheStatistics {
  const { nearHits, hits, negativeHits, misses, fills, fillsRefused, errors, roundTrips } = counters;
  const { bytesRead, bytesWritten, rawBytesWritten } = counters;
  const answered = nearHits + hits;
  const asked = answered + misses;
  const { near, hitRates, latencies, staleness } = beside;
  return Object.freeze({
    ...counters,
    hitRate: asked === 0 ? null : answered / asked,
    hitRates,
    near: near === null ? null : Object.freeze({ hits: nearHits, ...near }),
    shared: Object.freeze({
      hits,
      negativeHits,
      misses,
      fills,
      fillsRefused,
      bytesRead,
      bytesWritten,
      errors,
      roundTrips,
    }),
    invalidations: Object.freeze({
      keys: counters.keysInvalidated,
      tags: counters.tagsInvalidated,
      models: counters.modelsInvalidated,
      all: counters.epochChanges,
      relayed: counters.relayed,
    }),
    compressionRatio: bytesWritten === 0 ? null : rawBytesWritten / bytesWritten,
    latencies,
    staleness,
  });
}
