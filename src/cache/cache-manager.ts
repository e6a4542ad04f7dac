import { performance } from 'node:perf_hooks';
import type { Config, Logger } from '../config/index.js';
import type { SchemaMetadata } from '../database/index.js';
import { type CacheParts, wireCache } from './cache-wiring.js';
import { type Clock, systemClock } from './clock.js';
import { ComputedCache, type ComputedRequest } from './computed-cache.js';
import { ModelCache, type ModelCacheOptions } from './model-cache.js';
import type { ChangeLog } from './relay.js';
import { type CacheCounters, type CacheStatistics, newCounters, statisticsOf, sumOf } from './statistics.js';
import type { SharedStore } from './store/shared-store.js';

/** Where cached values live: in Redis, in this process's memory, or nowhere. */
export type CacheTier = 'redis' | 'memory' | 'off';

/** Whether the cache answers, and how fast. */
export interface CacheHealth {
  readonly healthy: boolean;
  readonly tier: CacheTier;
  readonly latencyMs: number;
  /** Why it is not healthy; null when it is. */
  readonly error: string | null;
}

/**
 * The cache of one process: the store it uses, the near cache and the guard before it, and a cache for each model. Making
 * one connects to nothing.
 */
export class CacheManager {
  readonly tier: CacheTier;
  readonly #counters = newCounters();
  readonly #byModel = new Map<string, CacheCounters>();
  readonly #parts: CacheParts | null;
  readonly #computed: ComputedCache | null;

  constructor(options: {
    readonly config: Config;
    readonly logger: Logger;
    readonly metadata: SchemaMetadata;
    /** Where changes by other writers are recorded. */
    readonly outbox: ChangeLog;
    readonly clock?: Clock;
    /** Where values live, whatever the configuration says. @default what the configuration says */
    readonly store?: SharedStore;
  }) {
    this.#parts = wireCache({
      ...options,
      logger: options.logger.child({ component: 'cache' }),
      counters: this.#counters,
      clock: options.clock ?? systemClock,
    });
    this.#computed = this.#parts === null ? null : new ComputedCache(this.#parts.models);
    this.tier = this.#parts?.store.kind ?? 'off';
  }

  /**
   * Connects to the store. Resolves whether it answered or not: without it, reads are answered from PostgreSQL, and
   * attempts go on.
   */
  async connect(): Promise<void> {
    await this.#parts?.store.connect();
    await this.#parts?.fleet?.start();
  }

  /** Takes no more changes from the outbox: to be called before the pool is closed. The other processes go on. */
  rest(): void {
    this.#parts?.rest();
  }

  /** Ends the part of this process in the cache, and closes the connections. */
  async disconnect(): Promise<void> {
    await this.#parts?.stop();
  }

  /**
   * Whether the cache answers: hits come from the shared cache, and from memory where there is a near cache. Waits for it,
   * though no longer than this. After an outage, or where this is the first process after one may have been, that takes a
   * second; else it is immediate. For a benchmark or a test: a service need not wait, its reads are answered.
   */
  async waitUntilServing(timeoutMs = 5_000): Promise<boolean> {
    return (await this.#parts?.serving(timeoutMs)) ?? false;
  }

  /**
   * The cache of one model; null where the cache is off.
   *
   * @param tagging the rules by which tags follow from a row: see `ModelCacheOptions`
   */
  model(
    model: string,
    ttlSeconds: ModelCacheOptions['ttlSeconds'],
    tagging: readonly string[] = [],
  ): ModelCache | null {
    if (this.#parts === null) return null;
    const counters = this.#byModel.get(model) ?? newCounters();
    this.#byModel.set(model, counters);
    return new ModelCache(this.#parts.models, model, { ttlSeconds, tagging }, counters);
  }

  /**
   * A value that the application computes, frozen: from the cache under the name that it has there, else from `load`. A null
   * or undefined one is returned and not kept. What `load` reads, it must read outside of transactions.
   *
   * @throws InvalidArgumentError when it has more than 100 tags, or its time is none
   * @throws WiringError when the schema has no such model
   */
  async computed<T>(request: ComputedRequest, load: () => Promise<T>): Promise<T> {
    return this.#computed === null ? load() : this.#computed.read(request, load);
  }

  /**
   * Invalidates the values that `computed` keeps under these names. Resolves to whether the store has confirmed it, when the
   * near caches of all processes have dropped them.
   */
  async invalidateKeys(keys: readonly string[]): Promise<boolean> {
    return this.#computed === null || this.#computed.invalidateKeys(keys);
  }

  /** Invalidates all that hangs on one of these tags: computed values, and queries of models. As `invalidateKeys`. */
  async invalidateTags(tags: readonly string[]): Promise<boolean> {
    return this.#computed === null || this.#computed.invalidateTags(tags);
  }

  /** Asks the store for an answer; never rejects, and takes no longer than one command timeout. */
  async healthCheck(): Promise<CacheHealth> {
    if (this.#parts === null) return { healthy: true, tier: 'off', latencyMs: 0, error: null };
    const { guard, store } = this.#parts;
    const startedAt = performance.now();
    const answer = await guard.attempt(() => store.ping());
    return {
      healthy: answer.ok,
      tier: this.tier,
      latencyMs: performance.now() - startedAt,
      error: answer.ok ? null : (guard.lastError ?? 'the cache is away'),
    };
  }

  /** What it has done since it was made. */
  getStatistics(): CacheStatistics {
    const near = this.#parts?.near ?? null;
    return statisticsOf(
      sumOf([this.#counters, ...this.#byModel.values()]),
      near === null ? null : { entries: near.size, bytes: near.approximateBytes },
    );
  }

  /** Invalidates everything under this prefix, in O(1). Resolves to whether the store confirmed it. */
  async clear(): Promise<boolean> {
    if (this.#parts === null) return true;
    const { writer, keys } = this.#parts;
    const done = await writer.invalidate({ keys: [], guards: [keys.namespace] }, { near: 'awaited' });
    if (done) this.#counters.epochChanges += 1;
    return done;
  }
}
