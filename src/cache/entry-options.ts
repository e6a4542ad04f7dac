import { InvalidArgumentError } from '../errors.js';

const MAX_TAGS = 100;
// Some thirty years: far from where Redis refuses an expiry.
const MAX_TTL_MS = 1e12;

/**
 * The tags of an entry, each once and in one order.
 *
 * @throws InvalidArgumentError when they are too many: each is asked for with every read
 */
export function checkedTags(tags: readonly string[]): readonly string[] {
  if (tags.length === 0) return tags;
  const named = [...new Set(tags)].sort();
  if (named.length <= MAX_TAGS) return named;
  throw new InvalidArgumentError(
    `An entry may have up to ${MAX_TAGS} tags, not ${named.length}: give it one that stands for all of them.`,
    { context: { tags: named.length, max: MAX_TAGS } },
  );
}

/**
 * How long an entry is kept, as the stores take it.
 *
 * @throws InvalidArgumentError when it is no time; a store would refuse it, and be taken for one that is away
 */
export function checkedTtlMs(ttlMs: number): number {
  if (ttlMs > 0) return Math.min(Math.max(1, Math.round(ttlMs)), MAX_TTL_MS);
  throw new InvalidArgumentError(`The time to keep an entry must be above 0 ms, not ${String(ttlMs)}.`);
}
