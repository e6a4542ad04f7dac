import { LRUCache } from 'lru-cache';
import type { EntryCache } from './entry-cache.js';

const MAX_CACHES = 1_000;

/**
 * The caches of entries that hang on tags. Tags are as many as the application likes, so only those used last are kept. One
 * that is dropped loses what it held in memory; what it stored in the shared cache, the next one of the same guards finds.
 */
export class EntryCachePool {
  readonly #caches: LRUCache<string, EntryCache<unknown>>;

  constructor(max = MAX_CACHES) {
    this.#caches = new LRUCache({ max, dispose: (cache) => cache.dispose() });
  }

  /** The one cache of this name. */
  get(name: string, make: () => EntryCache<unknown>): EntryCache<unknown> {
    let cache = this.#caches.get(name);
    if (cache === undefined) {
      cache = make();
      this.#caches.set(name, cache);
    }
    return cache;
  }
}
