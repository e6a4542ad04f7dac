import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Config, Logger } from '../config/index.js';
import { type Clock, systemClock } from './clock.js';
import { EntityCache, type EntityCacheContext } from './entity-cache.js';
import { KeySpace } from './keys.js';
import { MemoryStore } from './memory-store.js';
import { RedisConnection } from './redis-connection.js';
import { RedisStore } from './redis-store.js';
import type { SharedStore } from './shared-store.js';
import { type CacheStatistics, newCounters, statisticsOf } from './statistics.js';
import { StoreGuard } from './store-guard.js';

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

// A write that takes as long as its statement may still find its fence standing when it ends.
const FENCE_MARGIN_MS = 5_000;
const MIN_FENCE_MS = 15_000;

/**
 * The cache of one process: the store it uses, the guard before it, and an entity cache for each model. Making one
 * connects to nothing.
 */
export class CacheManager {
  readonly tier: CacheTier;
  readonly #counters = newCounters();
  readonly #context: EntityCacheContext | null;
  readonly #keys: KeySpace;

  constructor(options: {
    readonly config: Config;
    readonly logger: Logger;
    readonly schemaFingerprint: string;
    readonly clock?: Clock;
  }) {
    const { config, clock = systemClock } = options;
    const logger = options.logger.child({ component: 'cache' });
    this.#keys = new KeySpace(config.cache.prefix, options.schemaFingerprint);
    const store = chooseStore(config, options.logger, clock);
    this.tier = store?.kind ?? 'off';
    this.#context = store === null ? null : this.#contextOn(store, config, logger, clock);
  }

  /**
   * Connects to the store. Resolves whether it answered or not: without it, reads are answered from PostgreSQL, and
   * attempts go on.
   */
  async connect(): Promise<void> {
    await this.#context?.store.connect();
  }

  async disconnect(): Promise<void> {
    this.#context?.guard.close();
    await this.#context?.store.close();
  }

  /** The cache of one model's entities; null where the cache is off. */
  entities<Entity extends object>(model: string, ttlSeconds: number): EntityCache<Entity> | null {
    return this.#context === null ? null : new EntityCache<Entity>(this.#context, model, ttlSeconds);
  }

  /** Asks the store for an answer; never rejects, and takes no longer than one command timeout. */
  async healthCheck(): Promise<CacheHealth> {
    if (this.#context === null) return { healthy: true, tier: 'off', latencyMs: 0, error: null };
    const { guard, store } = this.#context;
    const startedAt = performance.now();
    const answer = await guard.deliver(() => store.ping());
    return {
      healthy: answer.ok,
      tier: this.tier,
      latencyMs: performance.now() - startedAt,
      error: answer.ok ? null : (guard.lastError ?? 'the cache is away'),
    };
  }

  getStatistics(): CacheStatistics {
    return statisticsOf(this.#counters);
  }

  /** Invalidates everything under this prefix and schema, in O(1). Resolves to whether the store confirmed it. */
  async clear(): Promise<boolean> {
    if (this.#context === null) return true;
    const { guard, store } = this.#context;
    const done = await guard.deliver(() => store.changeEpoch(this.#keys.epochKey));
    if (done.ok) this.#counters.epochChanges += 1;
    return done.ok;
  }

  #contextOn(store: SharedStore, config: Config, logger: Logger, clock: Clock): EntityCacheContext {
    const processName = randomBytes(6).toString('base64url');
    let tokens = 0;
    const guard = new StoreGuard({
      commandTimeoutMs: config.redis?.commandTimeoutMs ?? 250,
      recovery: {
        ping: () => store.ping(),
        invalidateAll: () => store.changeEpoch(this.#keys.epochKey),
      },
      counters: this.#counters,
      logger,
      clock,
    });
    return Object.freeze({
      store,
      guard,
      keys: this.#keys,
      counters: this.#counters,
      clock,
      fenceMs: Math.max(
        MIN_FENCE_MS,
        config.database.statementTimeoutMs + FENCE_MARGIN_MS,
        config.database.queryTimeoutMs + FENCE_MARGIN_MS,
      ),
      nextToken: () => {
        tokens += 1;
        return `${processName}.${tokens}`;
      },
    });
  }
}

function chooseStore(config: Config, logger: Logger, clock: Clock): SharedStore | null {
  if (!config.cache.enabled) return null;
  if (config.redis !== null && config.cache.sharedEnabled) {
    return new RedisStore(new RedisConnection(config.redis, logger));
  }
  // Never by default: a second process that writes would leave this one's memory stale.
  if (config.cache.localEnabled === true) return new MemoryStore({ clock });
  logger.info(
    'no shared cache: every read goes to PostgreSQL. Set REDIS_URL, or ENABLE_LOCAL_CACHE=true for a single process',
  );
  return null;
}
