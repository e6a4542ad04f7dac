import { InvalidArgumentError } from '../../errors.js';
import type { LoadOptions } from '../values/value-options.js';
import { forEachBounded } from './for-each.js';

const DEFAULT_CONCURRENCY = 4;
const MAX_ERRORS = 100;

/** A value to be put in the cache, where it is not there yet. Give it the options that its readers give. */
export interface WarmEntry extends LoadOptions {
  readonly key: string;
  /** Computes the value. */
  load(): Promise<unknown>;
}

/** How far warming has come. */
export interface WarmProgress {
  /** Entries that are in the cache now, or failed. */
  readonly done: number;
  readonly total: number;
  /** Those of them that failed. */
  readonly failed: number;
}

/** An entry that could not be warmed. */
export interface WarmFailure {
  readonly key: string;
  readonly error: unknown;
}

/** What came of warming. */
export interface WarmResult extends WarmProgress {
  /** The first hundred failures. */
  readonly errors: readonly WarmFailure[];
}

/** How values are put in the cache. */
export interface WarmOptions {
  /** How many are loaded at a time. @default 4 */
  readonly concurrency?: number;
  /** Called after each entry; what it throws ends the warming. */
  readonly onProgress?: (progress: WarmProgress) => void;
  /** Begins no other entry when it is aborted: `done` is less than `total` then. */
  readonly signal?: AbortSignal;
}

/**
 * Puts entries in the cache, each as a read of it would. Does not reject when a loader fails.
 *
 * @param getOrLoad answers from the cache, else from the entry's loader
 * @throws InvalidArgumentError when the concurrency is no whole number above 0
 */
export async function warmCache<Entry extends { readonly key: string }>(
  entries: readonly Entry[],
  getOrLoad: (entry: Entry) => Promise<unknown>,
  { concurrency = DEFAULT_CONCURRENCY, onProgress, signal }: WarmOptions = {},
): Promise<WarmResult> {
  const atOnce = checkedConcurrency(concurrency);
  const total = entries.length;
  const errors: WarmFailure[] = [];
  let done = 0;
  let failed = 0;
  const warm = async (entry: Entry): Promise<void> => {
    try {
      await getOrLoad(entry);
    } catch (error) {
      failed += 1;
      if (errors.length < MAX_ERRORS) errors.push(Object.freeze({ key: entry.key, error }));
    }
    done += 1;
    onProgress?.(Object.freeze({ done, total, failed }));
  };
  await forEachBounded(entries, atOnce, warm, signal);
  return Object.freeze({ done, total, failed, errors: Object.freeze(errors) });
}

/** @throws InvalidArgumentError when it is no whole number above 0 */
export function checkedConcurrency(concurrency: number): number {
  if (Number.isSafeInteger(concurrency) && concurrency > 0) return concurrency;
  throw new InvalidArgumentError(
    `The concurrency of warming must be a whole number above 0, not ${String(concurrency)}.`,
  );
}
