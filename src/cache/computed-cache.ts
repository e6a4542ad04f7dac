import { modelOf } from '../database/index.js';
import { EntryCache } from './entry-cache.js';
import { EntryCachePool } from './entry-cache-pool.js';
import { checkedTags, checkedTtlMs } from './entry-options.js';
import type { ModelCacheContext } from './model-cache.js';
import { shapeOf } from './shape.js';
import type { Guard, Targets } from './store/shared-store.js';

// In one script; one that takes long holds up everybody else's.
const INVALIDATED_AT_ONCE = 500;

/** A value that the application computes, as the cache is told of it. */
export interface ComputedRequest {
  /** Its name; any text. Who uses one name for two values gets the one for the other. */
  readonly key: string;
  /**
   * Names by which it can be invalidated. A write of which it is known that it concerns entities of such a tag does so too;
   * what sees to every write is `models`.
   */
  readonly tags: readonly string[];
  /** The models that it is computed from: every write of one of them invalidates it. */
  readonly models: readonly string[];
  /** How long it is kept, though in memory never longer than any other entry. */
  readonly ttlMs: number;
}

/** Values that the application computes, under names of its own. */
export class ComputedCache {
  readonly #context: ModelCacheContext;
  /** By what they hang on. */
  readonly #caches = new EntryCachePool();

  constructor(context: ModelCacheContext) {
    this.#context = context;
  }

  /**
   * The value under this name, frozen. A null or undefined one is returned and not kept.
   *
   * @throws InvalidArgumentError when it has more than 100 tags, or its time is none
   * @throws WiringError when the schema has no such model
   */
  read<T>({ key, tags, models, ttlMs }: ComputedRequest, load: () => Promise<T>): Promise<T> {
    const named = checkedTags(tags);
    const asked = [...new Set(models)].sort();
    const cache = this.#caches.get(JSON.stringify([named, asked]), () => this.#newCache(named, asked));
    return cache.read(this.#context.keys.computed(key), load, checkedTtlMs(ttlMs)) as Promise<T>;
  }

  /** Invalidates the values under these names. Resolves to whether the store and all near caches have confirmed it. */
  invalidateKeys(names: readonly string[]): Promise<boolean> {
    const keys = [...new Set(names)].map((name) => this.#context.keys.computed(name));
    return this.#invalidate(keys, (some) => ({ keys: some, guards: [] }));
  }

  /** Invalidates all that hangs on one of these tags, queries of models too. As `invalidateKeys`. */
  invalidateTags(tags: readonly string[]): Promise<boolean> {
    const guards = [...new Set(tags)].map((tag) => this.#context.keys.tag(tag));
    return this.#invalidate(guards, (some) => ({ keys: [], guards: some }));
  }

  async #invalidate<T>(all: readonly T[], targetsOf: (some: readonly T[]) => Targets): Promise<boolean> {
    let done = true;
    for (let first = 0; first < all.length; first += INVALIDATED_AT_ONCE) {
      const targets = targetsOf(all.slice(first, first + INVALIDATED_AT_ONCE));
      done = (await this.#context.writer.invalidate(targets, { near: 'awaited' })) && done;
    }
    return done;
  }

  #newCache(tags: readonly string[], models: readonly string[]): EntryCache<unknown> {
    const { keys, metadata, read } = this.#context;
    const asked = models.map((model) => modelOf(metadata, model));
    const guards: readonly Guard[] = [
      keys.namespace,
      ...asked.flatMap((model) => [keys.lists(model), keys.taggedChanges(model)]),
      ...tags.map((tag) => keys.tag(tag)),
    ];
    // Two uses of one name that hang on different things take each other's entry for another shape, which is a miss.
    const shape = shapeOf(
      asked,
      guards.map((guard) => guard.version),
    );
    const scope = { guards, absence: null, shape, keyed: false };
    return new EntryCache(read, scope, { ttlMs: 0, holdsBytes: true });
  }
}
