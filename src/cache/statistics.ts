/** What the cache has done since it was made: plain counts. */
export interface CacheCounters {
  /** Reads answered from the cache. */
  hits: number;
  /** Reads that found nothing there, or found another reader or a writer at work. */
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
  /** Round trips to the store. */
  roundTrips: number;
  /** Times that everything cached was invalidated, because an invalidation could not be delivered or was asked for. */
  epochChanges: number;
}

/** The counters and what follows from them. */
export interface CacheStatistics extends Readonly<CacheCounters> {
  /** Hits by reads that asked the cache, 0 to 1; null while there were none. */
  readonly hitRate: number | null;
}

export function newCounters(): CacheCounters {
  return {
    hits: 0,
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
    epochChanges: 0,
  };
}

export function statisticsOf(counters: CacheCounters): CacheStatistics {
  const asked = counters.hits + counters.misses;
  return Object.freeze({ ...counters, hitRate: asked === 0 ? null : counters.hits / asked });
}
