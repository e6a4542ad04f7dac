import { performance } from 'node:perf_hooks';
import { type Config, type Logger, ttlSecondsOf } from '../config/index.js';
import type { SchemaMetadata } from '../database/index.js';
import { CacheUnavailableError, LifecycleError } from '../errors.js';
import { type CacheParts, wireCache } from './cache-wiring.js';
import { type Clock, systemClock } from './clock.js';
import { flushStore } from './flush.js';
import { ModelCache, type ModelCacheOptions } from './model-cache.js';
import type { PatternReport } from './patterns/index.js';
import type { ChangeLog } from './relay.js';
import { type InvalidationRule, InvalidationRules } from './rules/index.js';
import { NO_SESSIONS, Sessions } from './sessions.js';
import { type CacheHealthDetails, healthDetails } from './statistics/health-details.js';
import { Meters } from './statistics/meters.js';
import type { CacheStatistics } from './statistics.js';
import type { SharedStore, StoreKind } from './store/shared-store.js';
import type { StoreReport } from './store/store-report.js';
import type { TallyOptions } from './values/counters-and-sets.js';
import type { ValueEntry } from './values/named-values.js';
import type { LoadOptions, ValueOptions } from './values/value-options.js';
import { NO_VALUES, type PatternOptions, type Values } from './values/values.js';
import type { CacheWarming } from './warming/cache-warming.js';
import { type WarmEntry, type WarmOptions, type WarmResult, warmCache } from './warming/warm-cache.js';
import { getOrLoadEntry, invalidatorOf, warmingOf } from './wiring/beside-values.js';

/** Where cached values live: in a store that all processes see, in this process's memory, or nowhere. */
export type CacheTier = StoreKind | 'off';

/** Whether the cache answers, and how fast. */
export interface CacheHealth {
  readonly healthy: boolean;
  readonly tier: CacheTier;
  readonly latencyMs: number;
  /** Why it is not healthy; null when it is. */
  readonly error: string | null;
  /** How it is run; null where there is none. */
  readonly details: CacheHealthDetails | null;
}

/**
 * The cache of one process: the store it uses, the near cache and the guard before it, and a cache for each model. Making
 * one connects to nothing.
 */
export class CacheManager {
  readonly tier: CacheTier;
  readonly sessions: Sessions;
  /** What events make invalid: see `invalidateOn`. */
  readonly rules: InvalidationRules;
  readonly #meters: Meters;
  readonly #parts: CacheParts | null;
  readonly #values: Values;
  readonly #warming: CacheWarming | null;
  #resting = false;

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
    const clock = options.clock ?? systemClock;
    this.#meters = new Meters(clock);
    const { counters, latencies } = this.#meters.common;
    this.#parts = wireCache({
      ...options,
      logger: options.logger.child({ component: 'cache' }),
      counters,
      latencies,
      clock,
    });
    const logger = options.logger.child({ component: 'cache' });
    this.#values = this.#parts?.values ?? NO_VALUES;
    this.#warming = this.#parts === null ? null : warmingOf(this.#parts, this.#values, logger);
    this.rules = new InvalidationRules({ invalidator: invalidatorOf(this.#values), logger, clock });
    this.sessions = new Sessions(this.#parts?.sessions ?? NO_SESSIONS, {
      ttlSeconds: ttlSecondsOf(options.config.cache, 'userSessions'),
      clock,
    });
    this.tier = this.#parts?.store.kind ?? 'off';
  }

  /**
   * Connects to the store. Resolves whether it answered or not: without it, reads are answered from PostgreSQL, and
   * attempts go on.
   */
  async connect(): Promise<void> {
    await this.#parts?.store.connect();
    await this.#parts?.fleet?.start();
    // It may have been told to rest meanwhile.
    if (this.#resting) return;
    this.#meters.start();
    this.#warming?.start();
  }

  /**
   * Takes no more changes from the outbox, and ends warmers that are under way: to be called before the pool is closed. The other
   * processes go on.
   */
  async rest(): Promise<void> {
    this.#resting = true;
    this.#parts?.rest();
    await this.#warming?.stop();
  }

  /** Ends the part of this process in the cache, and closes the connections. */
  async disconnect(): Promise<void> {
    await this.rest();
    this.#meters.stop();
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
    return new ModelCache(this.#parts.models, model, { ttlSeconds, tagging }, this.#meters.of(model));
  }

  /** The value of this name, frozen; null where there is none, or the cache is away. */
  async get<T = unknown>(key: string): Promise<T | null> {
    return (await this.#values.get(key)) as T | null;
  }

  /**
   * Puts a value, whatever is there, and resolves to whether the store has it, when the memory of all processes has dropped the
   * old one: who reads after that, reads this one. While it is under way, one process may read it before another does. Nothing
   * else than its time, a deletion or an invalidation ends it: it is not stale only as long as you see to that. For what is read
   * from the database, `getOrLoad` with `models` does.
   *
   * @throws InvalidArgumentError when the key or an option is none, or the value null, undefined, or cannot be stored
   */
  set(key: string, value: unknown, options: ValueOptions = {}): Promise<boolean> {
    return this.#values.setMultiple([{ ...options, key, value }]);
  }

  /** Removes the value, counter and set of this name. Resolves to whether the store and all near caches have confirmed it. */
  delete(key: string): Promise<boolean> {
    return this.#values.deleteMultiple([key]);
  }

  /**
   * The value of this name, frozen, else what `load` computes, which is then kept. However many ask, in however many processes,
   * one computes and the others wait for it. One that is asked for often is computed anew shortly before its time is over. A null
   * or undefined value is returned and not kept.
   *
   * A value with `models` is never stale: every write of one of them invalidates it. What `load` reads, it must read outside of
   * transactions. Without `models` it is as fresh as its time and its invalidations make it.
   *
   * @throws InvalidArgumentError when the key or an option is none
   * @throws WiringError when the schema has no such model
   * @throws LoadTimeoutError when it takes longer than `loadTimeoutMs`, and no older value may be answered
   * @throws whatever `load` throws, likewise
   */
  getOrLoad<T>(key: string, load: () => Promise<T>, options: LoadOptions = {}): Promise<T> {
    return this.#values.getOrLoad(key, load, options);
  }

  /** As `getOrLoad`. */
  getOrCompute<T>(key: string, load: () => Promise<T>, options: LoadOptions = {}): Promise<T> {
    return this.getOrLoad(key, load, options);
  }

  /** The values of these names in their order, null for what is missing, in one round trip to each server. */
  async getMultiple<T = unknown>(keys: readonly string[]): Promise<(T | null)[]> {
    return (await this.#values.getMultiple(keys)) as (T | null)[];
  }

  /** Puts many values as `set` does. Where not all can be put, it resolves to false, and none of the old ones is left. */
  setMultiple(entries: readonly ValueEntry[]): Promise<boolean> {
    return this.#values.setMultiple(entries);
  }

  /** As `delete`, for many. */
  deleteMultiple(keys: readonly string[]): Promise<boolean> {
    return this.#values.deleteMultiple(keys);
  }

  /** Whether there is a value, a counter or a set of this name; false where the cache is away. */
  exists(key: string): Promise<boolean> {
    return this.#values.exists(key);
  }

  /** How many seconds it is still kept, at least one; null where it is not there, infinite where it has no end. */
  async ttl(key: string): Promise<number | null> {
    const timeLeftMs = await this.#values.timeLeftMs(key);
    return timeLeftMs === null ? null : Math.ceil(timeLeftMs / 1_000);
  }

  /** Gives what has this name a new time from now on. False where it is not there, or the cache is away. */
  expire(key: string, ttlSeconds: number): Promise<boolean> {
    return this.#values.expire(key, ttlSeconds);
  }

  /**
   * Adds to the counter of this name, which begins at 0, and gives what it has come to. `get` does not see it: add 0 to read it.
   * Counters and sets outlive `clear`.
   *
   * @throws InvalidArgumentError when `by` or the sum is no whole number that a double holds exactly
   * @throws CacheUnavailableError when the cache is away: there is no other place to count in
   */
  increment(key: string, by = 1, options: TallyOptions = {}): Promise<number> {
    return this.#values.increment(key, by, options);
  }

  /** As `increment`, downwards. */
  decrement(key: string, by = 1, options: TallyOptions = {}): Promise<number> {
    return this.#values.increment(key, -by, options);
  }

  /**
   * Adds text to the set of this name; gives how many were new.
   *
   * @throws CacheUnavailableError when the cache is away
   */
  addToSet(key: string, members: readonly string[], options: TallyOptions = {}): Promise<number> {
    return this.#values.addToSet(key, members, options);
  }

  /** Takes members out of a set; gives how many were there. As `addToSet`. */
  removeFromSet(key: string, members: readonly string[]): Promise<number> {
    return this.#values.removeFromSet(key, members);
  }

  /** The members of a set, in no order. As `addToSet`. */
  getSetMembers(key: string): Promise<readonly string[]> {
    return this.#values.members(key);
  }

  /**
   * Invalidates all that depends on the value of this name by `dependsOn`, also by way of others, in O(1). The value itself
   * stays. As `invalidateTags`.
   */
  invalidateDependents(key: string): Promise<boolean> {
    return this.#values.invalidateDependents([key]);
  }

  /**
   * Removes the values whose names match a glob, as Redis has them, or a regular expression. It looks at every key in the store,
   * a thousand at a time, and lets others have their turn: minutes for many millions. Where you know beforehand what belongs
   * together, a tag does it in O(1). What is put while it runs may be missed.
   *
   * @throws InvalidArgumentError when the pattern is none
   * @throws PatternTimeoutError when a regular expression takes too long; what was found before is invalidated
   * @throws CacheUnavailableError when the cache goes away meanwhile; likewise
   */
  invalidatePattern(pattern: string | RegExp, options: PatternOptions = {}): Promise<PatternReport> {
    return this.#values.invalidatePattern(pattern, options);
  }

  /**
   * The names of values that begin with a text, some at a time, in no order and perhaps twice. It looks at every key in the store,
   * as `invalidatePattern` does.
   *
   * @throws CacheUnavailableError when the cache goes away meanwhile
   */
  names(beginning: string): AsyncIterable<readonly string[]> {
    return this.#values.names(beginning);
  }

  /**
   * Invalidates all that hangs on one of these tags, in O(1): values, and queries of models. Resolves to whether the store has
   * confirmed it, when the near caches of all processes have dropped them.
   */
  invalidateTags(tags: readonly string[]): Promise<boolean> {
    return this.#values.invalidateTags(tags);
  }

  /**
   * Has a rule invalidate what an event makes invalid. Repositories emit `<Model>.created`, `.updated`, `.deleted`, `.upserted` and
   * `.changedMany` after the commit, with what `RepositoryEvents` says; an application emits its own by `rules.emit`. What a rule
   * invalidates may be answered until it has run: what must never be stale belongs under a tag or `models` instead. Returns what
   * takes the rule away again; `rules.getStatistics()` tells what each has done.
   *
   * @throws InvalidArgumentError when the rule has no name, or that of another
   */
  invalidateOn<Event = unknown>(event: string, rule: InvalidationRule<Event>): () => void {
    return this.rules.on(event, rule as InvalidationRule<unknown>);
  }

  /**
   * Computes values that are not there yet, a few at a time. Does not reject when one fails: see what it resolves to.
   *
   * @throws InvalidArgumentError when the concurrency is none
   */
  warmCache(entries: readonly WarmEntry[], options: WarmOptions = {}): Promise<WarmResult> {
    return warmCache(entries, (entry) => getOrLoadEntry(this.#values, entry), options);
  }

  /** Named warmers, of which one process of the fleet runs each, and what was read most. @throws LifecycleError where the cache is off */
  get warming(): CacheWarming {
    if (this.#warming !== null) return this.#warming;
    throw new LifecycleError(
      'The cache is off, so there is nothing to warm. Configure a store: see docs/configuration.md.',
    );
  }

  /** Whether the store answered when it was last asked; false where there is none. Asks nothing. */
  get isReachable(): boolean {
    return this.#parts?.guard.isReachable ?? false;
  }

  /** Asks the store for an answer; never rejects, and takes no longer than one command timeout. */
  async healthCheck(): Promise<CacheHealth> {
    if (this.#parts === null) return { healthy: true, tier: 'off', latencyMs: 0, error: null, details: null };
    const { guard, store, near, models } = this.#parts;
    const startedAt = performance.now();
    const answer = await guard.attempt(() => store.ping());
    return {
      healthy: answer.ok,
      tier: this.tier,
      latencyMs: performance.now() - startedAt,
      error: answer.ok ? null : (guard.lastError ?? 'the cache is away'),
      details: healthDetails({ ...models.read, store, guard, near }),
    };
  }

  /**
   * How the servers of the store are: memory, evictions, keys. Null where it tells nothing of itself.
   *
   * @throws CacheUnavailableError when it is away
   */
  async inspect(): Promise<StoreReport | null> {
    if (this.#parts === null) return null;
    const { guard, store } = this.#parts;
    const report = await guard.attempt(async () => (await store.inspect?.()) ?? null);
    if (report.ok) return report.value;
    throw new CacheUnavailableError(`The shared cache cannot be asked: ${guard.lastError ?? 'it is away'}.`);
  }

  /** What it has done since it was made. */
  getStatistics(): CacheStatistics {
    const { near = null, models } = this.#parts ?? {};
    return this.#meters.getStatistics(near?.use ?? null, models?.sampling.staleness.getStatistics() ?? null);
  }

  /**
   * Invalidates everything under this prefix, in O(1). Resolves to whether the store confirmed it; where it did not, it is made up
   * for when it answers again. Counters, sets and sessions stay.
   */
  async clear(): Promise<boolean> {
    if (this.#parts === null) return true;
    const { writer, keys } = this.#parts;
    const all = { keys: [], guards: [keys.namespace] };
    const done = await writer.invalidate(all, { near: 'awaited', owed: true });
    if (done) this.#meters.common.counters.epochChanges += 1;
    return done;
  }

  /**
   * Clears, and takes counters and sets away too; sessions stay. With `everything`, all other keys of the server go as well, those of
   * other applications and the sessions among them. It looks at every key, as `invalidatePattern` does. Resolves to whether the
   * store confirmed it.
   */
  async flush(options: { readonly everything?: boolean } = {}): Promise<boolean> {
    if (this.#parts === null) return true;
    const flushed = await flushStore(this.#parts, options.everything ?? false);
    return (await this.clear()) && flushed;
  }
}
