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
  /** Round trips to the store that failed or took too long. */
  errors: number;
  /** Round trips to the store that reads and writes made; those that keep the process in the fleet are not counted. */
  roundTrips: number;
  /** Batches of changes by other writers that were invalidated. */
  relayed: number;
  /** Times that everything cached was invalidated, because it was asked for. */
  epochChanges: number;
}

/** The counters and what follows from them. */
export interface CacheStatistics extends Readonly<CacheCounters> {
  /** Reads answered from memory or the shared cache, of those that asked it, 0 to 1; null while there were none. */
  readonly hitRate: number | null;
  /** What this process's memory holds now, in approximate bytes; null without a near cache. */
  readonly near: { readonly entries: number; readonly bytes: number } | null;
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

export function statisticsOf(counters: CacheCounters, near: CacheStatistics['near']): CacheStatistics {
  const answered = counters.nearHits + counters.hits;
  const asked = answered + counters.misses;
  return Object.freeze({ ...counters, hitRate: asked === 0 ? null : answered / asked, near });
}
