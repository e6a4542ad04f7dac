import type { Logger } from '../../config/index.js';
import type { Invalidator } from '../rules/index.js';
import type { Values } from '../values/values.js';
import { CacheWarming } from '../warming/cache-warming.js';
import type { WarmEntry } from '../warming/warm-cache.js';
import type { CacheParts } from './cache-parts.js';

/** What rules invalidate with. */
export function invalidatorOf(values: Values): Invalidator {
  return Object.freeze({
    keys: (names) => values.deleteMultiple(names),
    tags: (tags) => values.invalidateTags(tags),
    dependents: (name) => values.invalidateDependents([name]),
    pattern: (pattern) => values.invalidatePattern(pattern, {}),
  } satisfies Invalidator);
}

/** Fills the cache before it is asked. */
export function warmingOf({ models, keys }: CacheParts, values: Values, logger: Logger): CacheWarming {
  const { mostRead } = models.sampling;
  const getOrLoad = (entry: WarmEntry): Promise<unknown> => getOrLoadEntry(values, entry);
  return new CacheWarming({ read: models.read, keys, logger, mostRead, getOrLoad });
}

/** Reads an entry as anyone would. */
export function getOrLoadEntry(values: Values, { key, load, ...options }: WarmEntry): Promise<unknown> {
  return values.getOrLoad(key, load, options);
}
