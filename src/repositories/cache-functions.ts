import type {
  CacheHealth,
  CacheManager,
  PatternReport,
  SessionOptions,
  ValueOptions,
} from '../cache/index.js';
import { thawed } from '../cache/thaw.js';
import { DEFAULT_TTL } from '../config/index.js';
import type { PrismaClientLike } from '../database/index.js';
import { InvalidArgumentError, LifecycleError } from '../errors.js';
import type { HealthReport } from './database-functions.js';
import { ModelRepositories } from './facade/cached-models.js';
import { lazy } from './lazy.js';
import type { RepositoryFactory } from './repository-factory.js';

/** How long a value is kept: seconds, or that and more. @default `CACHE_DEFAULT_TTL` */
export type Lifetime = number | ValueOptions;

/** The flush that is meant: without `confirm` there is none. */
export interface FlushOptions {
  readonly confirm: true;
  /**
   * All keys of the server, those of other applications and the sessions among them. The second word is for the type of
   * mistake that confirms everything.
   */
  readonly everything?: 'all keys of the server';
}

/**
 * The cache of a factory as plain functions, for a small service. Keys are names of values, see `CacheManager`, not keys of Redis.
 * While Redis is away, nothing is found and nothing stored; none of them throws for that, but `deletePattern`.
 */
export interface CacheFunctions {
  /** Connects, and resolves to whether Redis answers; where it is away, attempts go on. After a shutdown it connects everything again. */
  connectRedis(): Promise<boolean>;
  /**
   * Closes everything that the factory has connected, as `disconnectDatabase` does: a write that goes past Redis, while other
   * processes read from it, would leave them an old value.
   */
  disconnectRedis(): Promise<void>;
  /** Whether it was connected, and answered when it was last asked. Asks nothing. */
  isConnectedToRedis(): boolean;
  /** Asks Redis; never rejects, and takes no longer than one command timeout. Not healthy where none is configured. */
  checkRedisHealth(): Promise<HealthReport<CacheHealth>>;
  /** The cache behind these functions, with all that it can do; made when it is first used. */
  readonly redis: CacheManager;
  /** The value of a key, frozen; null where there is none. */
  get<T = unknown>(key: string): Promise<T | null>;
  /** Stores any value that is not nothing, with its types. Resolves to whether it is stored. */
  set(key: string, value: unknown, lifetime?: Lifetime): Promise<boolean>;
  /**
   * What `setJSON` stored, or any other value of the key, as an object of the caller's own.
   *
   * @throws InvalidArgumentError when the key holds a text that is no JSON
   */
  getJSON<T = unknown>(key: string): Promise<T | null>;
  /**
   * Stores a value as JSON, so that classes and dates become what JSON makes of them.
   *
   * @throws InvalidArgumentError when JSON can make nothing of it
   */
  setJSON(key: string, value: unknown, lifetime?: Lifetime): Promise<boolean>;
  /** Removes these. Resolves to whether Redis and the memory of all processes have confirmed it. */
  del(...keys: readonly string[]): Promise<boolean>;
  /** Gives a value a new time from now on; false where there is none. */
  expire(key: string, ttlSeconds: number): Promise<boolean>;
  /** Whether there is a value, a counter or a set of this name. */
  exists(key: string): Promise<boolean>;
  /** Seconds left, at least one; null where there is none, infinite where it has no end. */
  ttl(key: string): Promise<number | null>;
  /** See `Sessions`. */
  setSession(id: string, data: unknown, options?: SessionOptions): Promise<boolean>;
  /** See `Sessions`. */
  getSession<T = unknown>(id: string, options?: { readonly extend?: boolean }): Promise<T | null>;
  /** See `Sessions`. */
  extendSession(id: string, ttlSeconds?: number): Promise<boolean>;
  /** See `Sessions`. */
  deleteSession(id: string): Promise<boolean>;
  /** See `Sessions`. */
  deleteSessionsOf(userId: string | number | bigint): Promise<boolean>;
  /**
   * Invalidates what is cached of a model, by its name in any case, or of one entity of it; and whatever bears the tag
   * `resource` or `resource:id`. Resolves to whether all caches have confirmed it.
   *
   * @throws InvalidArgumentError when it is empty, or no entity of the model can have this id
   */
  invalidateCache(resource: string, id?: string | number | bigint): Promise<boolean>;
  /**
   * Removes the values whose keys match a glob or a regular expression. It looks at every key of a value: prefer tags.
   *
   * @throws see `CacheManager.invalidatePattern`
   */
  deletePattern(pattern: string | RegExp): Promise<PatternReport>;
  /**
   * Empties the cache: what it holds of models, values, counters and sets; not sessions, nor keys of others. Resolves to whether
   * Redis has confirmed it.
   *
   * @throws InvalidArgumentError without `{ confirm: true }`
   */
  flushAll(options: FlushOptions): Promise<boolean>;
  /** The named lifetimes, in seconds. */
  readonly DEFAULT_TTL: typeof DEFAULT_TTL;
}

/** The cache of a factory as plain functions. Makes and connects nothing before one is called. */
export function cacheFunctions<Client extends PrismaClientLike>(
  factory: RepositoryFactory<Client>,
): CacheFunctions {
  // The one that was asked to connect: after a shutdown there is another.
  let connected: WeakRef<CacheManager> | null = null;
  const repositories = new ModelRepositories(
    () => factory.context,
    (model) => factory.repositoryOfModel(model),
  );
  const cache = (): CacheManager => factory.cache;
  return Object.freeze({
    connectRedis: async () => {
      const answers = await connectedAnew(factory);
      connected = new WeakRef(cache());
      return answers;
    },
    disconnectRedis: async () => {
      connected = null;
      await factory.shutdown();
    },
    isConnectedToRedis: () => {
      const current = factory.isInitialized ? cache() : connected?.deref();
      return current !== undefined && isRemote(current) && current.isReachable;
    },
    checkRedisHealth: () => redisHealth(cache),
    redis: lazy(cache),
    get: <T>(key: string) => cache().get<T>(key),
    set: async (key: string, value: unknown, lifetime?: Lifetime) =>
      cache().set(key, value, optionsOf(lifetime)),
    getJSON: async <T>(key: string) => fromJson(key, await cache().get(key)) as T | null,
    setJSON: async (key: string, value: unknown, lifetime?: Lifetime) =>
      cache().set(key, asJson(key, value), optionsOf(lifetime)),
    del: async (...keys: readonly string[]) => keys.length === 0 || cache().deleteMultiple(keys),
    expire: async (key: string, ttlSeconds: number) => cache().expire(key, ttlSeconds),
    exists: async (key: string) => cache().exists(key),
    ttl: async (key: string) => cache().ttl(key),
    setSession: async (id: string, data: unknown, options?: SessionOptions) =>
      cache().sessions.setSession(id, data, options),
    getSession: async <T>(id: string, options?: { readonly extend?: boolean }) =>
      cache().sessions.getSession<T>(id, options),
    extendSession: async (id: string, ttlSeconds?: number) => cache().sessions.extendSession(id, ttlSeconds),
    deleteSession: async (id: string) => cache().sessions.deleteSession(id),
    deleteSessionsOf: async (userId: string | number | bigint) => cache().sessions.deleteSessionsOf(userId),
    invalidateCache: async (resource: string, id?: string | number | bigint) =>
      invalidateResource(factory, repositories, resource, id),
    deletePattern: async (pattern: string | RegExp) => cache().invalidatePattern(pattern),
    flushAll: async (options: FlushOptions) => cache().flush({ everything: isEverythingMeant(options) }),
    DEFAULT_TTL,
  });
}

async function connectedAnew<Client extends PrismaClientLike>(
  factory: RepositoryFactory<Client>,
): Promise<boolean> {
  try {
    return await factory.initializeRedis();
  } catch (error) {
    if (!(error instanceof LifecycleError)) throw error;
    await factory.initialize();
    return factory.initializeRedis();
  }
}

function isRemote({ tier }: CacheManager): boolean {
  return tier !== 'off' && tier !== 'memory';
}

async function redisHealth(cache: () => CacheManager): Promise<HealthReport<CacheHealth>> {
  try {
    const current = cache();
    const details = await current.healthCheck();
    const { healthy, latencyMs: latency, error } = details;
    if (isRemote(current)) return { healthy, latency, error, details };
    const missing = 'No Redis is configured, or it is not used: see REDIS_URL and ENABLE_REDIS_CACHE.';
    return { healthy: false, latency, error: missing, details };
  } catch (error) {
    return {
      healthy: false,
      latency: 0,
      error: error instanceof Error ? error.message : String(error),
      details: null,
    };
  }
}

function optionsOf(lifetime: Lifetime | undefined): ValueOptions {
  return typeof lifetime === 'object' ? lifetime : lifetime === undefined ? {} : { ttlSeconds: lifetime };
}

function asJson(key: string, value: unknown): string {
  try {
    const text: unknown = JSON.stringify(value);
    if (typeof text === 'string' && value !== null) return text;
  } catch (error) {
    throw new InvalidArgumentError(`The value of ${shown(key)} cannot be written as JSON.`, { cause: error });
  }
  throw new InvalidArgumentError(
    `The value of ${shown(key)} is nothing, or nothing to JSON. To remove it, use del(key).`,
  );
}

function fromJson(key: string, stored: unknown): unknown {
  if (typeof stored !== 'string') return thawed(stored);
  try {
    return JSON.parse(stored);
  } catch (error) {
    throw new InvalidArgumentError(`${shown(key)} holds a text that is no JSON: read it with get(key).`, {
      cause: error,
    });
  }
}

async function invalidateResource<Client extends PrismaClientLike>(
  factory: RepositoryFactory<Client>,
  repositories: ModelRepositories,
  resource: string,
  id: string | number | bigint | undefined,
): Promise<boolean> {
  if (typeof resource !== 'string' || resource === '') {
    throw new InvalidArgumentError(
      'The resource whose cache is to be invalidated must be a text that is not empty.',
    );
  }
  const { cache, metadata } = factory.context;
  const lower = resource.toLowerCase();
  const model = Object.keys(metadata.models).find((name) => name.toLowerCase() === lower);
  const repository = model === undefined ? null : repositories.of(model);
  const [ofModel, ofTag] = await Promise.all([
    repository === null || (id === undefined ? repository.invalidateAll() : repository.invalidate(id)),
    cache.invalidateTags([id === undefined ? resource : `${resource}:${id}`]),
  ]);
  return ofModel && ofTag;
}

function isEverythingMeant(options: FlushOptions | undefined): boolean {
  if (options?.confirm !== true) {
    throw new InvalidArgumentError('flushAll empties the whole cache: say flushAll({ confirm: true }).');
  }
  const { everything } = options;
  if (everything === undefined || everything === 'all keys of the server') return everything !== undefined;
  throw new InvalidArgumentError(
    "To remove also what is not of this cache, say flushAll({ confirm: true, everything: 'all keys of the server' }).",
  );
}

function shown(key: string): string {
  return JSON.stringify(String(key).slice(0, 80));
}
