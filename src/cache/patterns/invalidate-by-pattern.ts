import { performance } from 'node:perf_hooks';
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { NameMatcher } from './name-matcher.js';

/** How far an invalidation by pattern is. */
export interface PatternProgress {
  /** Keys that were looked at; the store may show one twice. */
  readonly scanned: number;
  /** Those of them that the pattern means. */
  readonly matched: number;
  /** Those of them of which the store confirmed that they are invalid. */
  readonly invalidated: number;
  /** Those of them of which it did not. */
  readonly failed: number;
}

/** What an invalidation by pattern has done. */
export interface PatternReport extends PatternProgress {
  readonly tookMs: number;
}

/** A key of the store, and the name that the application gave it. */
export interface NamedKey {
  readonly key: string;
  readonly name: string;
}

export interface PatternInvalidation {
  /** The keys to look at, a bounded number at a time. */
  readonly scan: AsyncIterable<readonly string[]>;
  /** The names of such keys, in their order; null for one that has none. */
  namesOf(keys: readonly string[]): Promise<readonly (string | null)[]> | readonly (string | null)[];
  readonly matcher: NameMatcher;
  /** Resolves to whether the store has confirmed that these are invalid. */
  invalidate(found: readonly NamedKey[]): Promise<boolean>;
  /** Called after every step; what it throws ends the run. */
  readonly onProgress?: ((progress: PatternProgress) => void) | undefined;
  /** How many keys are looked at in one step. @default 500 */
  readonly batch?: number | undefined;
}

const DEFAULT_BATCH = 500;

/**
 * Invalidates the entries whose names match, step by step, and lets others have their turn after each. It costs a look at
 * every key that is scanned, matched or not.
 *
 * @throws PatternTimeoutError when a regular expression takes too long; what was found in earlier steps is invalidated
 */
export async function invalidateByPattern(options: PatternInvalidation): Promise<PatternReport> {
  const { scan, onProgress, batch = DEFAULT_BATCH } = options;
  const startedAt = performance.now();
  const sums = { scanned: 0, matched: 0, invalidated: 0, failed: 0 };
  for await (const keys of scan) {
    for (let first = 0; first < keys.length; first += batch) {
      const some = keys.slice(first, first + batch);
      const found = await matching(some, options);
      sums.scanned += some.length;
      sums.matched += found.length;
      if (found.length > 0)
        sums[(await options.invalidate(found)) ? 'invalidated' : 'failed'] += found.length;
      onProgress?.({ ...sums });
      await othersTurn();
    }
  }
  return Object.freeze({ ...sums, tookMs: performance.now() - startedAt });
}

async function matching(
  keys: readonly string[],
  { namesOf, matcher }: PatternInvalidation,
): Promise<readonly NamedKey[]> {
  const names = await namesOf(keys);
  const named = keys.flatMap((key, index): readonly NamedKey[] => {
    const name = names[index] ?? null;
    return name === null ? [] : [{ key, name }];
  });
  const matches = matcher.matches(named.map(({ name }) => name));
  return named.filter((_, index) => matches[index]);
}
