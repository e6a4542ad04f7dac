import type { CacheStatistics } from '../cache/index.js';
import type { LastError } from './access/last-error.js';

/** How a repository's way to its rows is. */
export interface RepositoryHealth {
  /** Whether the table can be read. */
  readonly healthy: boolean;
  readonly database: boolean;
  /** Whether the cache answers; true where it is off. Without it all is answered all the same. */
  readonly cache: boolean;
  readonly latencyMs: number;
  /** Why it is not healthy; null when it is. */
  readonly error: string | null;
  /** The failure that it met last; null when there was none. */
  readonly lastError: LastError | null;
}

/** What a repository has done since it was made. */
export interface RepositoryStatistics {
  readonly reads: number;
  readonly writes: number;
  /** Reads and writes that failed. */
  readonly errors: number;
  /** Null where the cache is off, or the model is a view. */
  readonly cache: CacheStatistics | null;
}

/** The entities that a search found. */
export interface SearchPage<Row extends object> {
  readonly items: readonly Row[];
  /** Whether there are more than the limit let through. */
  readonly hasMore: boolean;
}
