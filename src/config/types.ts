import type { CacheStrategyName } from './strategy.js';

/** Where the process runs; decides what is logged when nothing else is said. */
export type Environment = 'development' | 'test' | 'production';

/** How the one connection pool of the process is run. */
export interface PoolConfig {
  /** Connections kept open while idle. @default 0 */
  readonly min: number;
  /** Connections at most. @default 10 */
  readonly max: number;
  /** How long a connection above `min` may be idle before it is closed. @default 30_000 */
  readonly idleTimeoutMs: number;
  /** How long a caller waits for a connection, opening one included; never infinite. @default 10_000 */
  readonly acquireTimeoutMs: number;
  /** The age at which a connection is replaced, less up to a tenth by chance; 0 is no limit. @default 1_800_000 */
  readonly maxLifetimeMs: number;
  /** A connection held longer is reported once with the stack that took it; 0 is off. @default 0 */
  readonly leakThresholdMs: number;
  /** Whether the number of connections follows the load between `min` and `max`. @default false */
  readonly dynamic: boolean;
}

/** PostgreSQL: where it is, and the limits of what is asked of it. */
export interface DatabaseConfig {
  /** The primary, as a `postgresql:` URL. Holds a password: show it through `maskUrl` only. */
  readonly url: string;
  /** The primary past any pooler such as PgBouncer, for migrations and maintenance. @default null */
  readonly directUrl: string | null;
  /** Read replicas. @default [] */
  readonly readUrls: readonly string[];
  readonly pool: PoolConfig;
  /** Whether a pooler in transaction mode stands between. @default false */
  readonly transactionPooler: boolean;
  /** What `pg_stat_activity` shows. @default 'holdfast' */
  readonly applicationName: string;
  /** Client side: how long an answer is waited for. @default 30_000 */
  readonly queryTimeoutMs: number;
  /** Server side: `statement_timeout`; 0 leaves it off. @default 30_000 */
  readonly statementTimeoutMs: number;
  /** Whether maintenance may run REINDEX. @default false */
  readonly enableReindex: boolean;
}

/** Redis over TCP: the shared cache. */
export interface RedisConfig {
  /** A `redis:` or `rediss:` URL. May hold a password: show it through `maskUrl` only. */
  readonly url: string;
  /** Quick reconnection attempts at the beginning of an outage; later ones are slower, and never cease. @default 10 */
  readonly maxRetries: number;
  /** How long one connection attempt may take. @default 500 */
  readonly connectTimeoutMs: number;
  /** How long one command may take before the cache is passed by. @default 250 */
  readonly commandTimeoutMs: number;
  /**
   * A PEM file of the authorities that may have signed the server's certificate, for `rediss:`; null for those that Node.js
   * knows. @default null
   */
  readonly tlsCaFile?: string | null;
}

/** Redis with Sentinel: several sentinels know which server is the master. */
export interface RedisSentinelConfig extends RedisConfig {
  /**
   * User, password, database and, by `rediss:`, TLS of the servers; its host and port are of no account.
   *
   * @default 'redis://localhost'
   */
  readonly url: string;
  /** The sentinels, as `redis:` or `rediss:` URLs with user and password of their own. */
  readonly urls: readonly string[];
  /** What the sentinels call the master. @default 'mymaster' */
  readonly master: string;
}

/** Redis Cluster. */
export interface RedisClusterConfig extends Omit<RedisConfig, 'url'> {
  /** Some of its servers, as `redis:` or `rediss:` URLs; they tell of the others, for which user and password are the same. */
  readonly urls: readonly string[];
}

/** Upstash Redis over REST. */
export interface UpstashConfig extends Pick<RedisConfig, 'connectTimeoutMs' | 'commandTimeoutMs'> {
  readonly url: string;
  /** A secret: never shown. */
  readonly token: string;
  /** How long one command may take before the cache is passed by: it travels over the internet. @default 1_000 */
  readonly commandTimeoutMs: number;
}

/**
 * The lifetime of each kind of cached value, where its repository says nothing else. Null stands for `defaultTtlSeconds`, and
 * is the default where that one is said.
 */
export interface CacheStrategiesConfig {
  /** Of rows. @default 'MEDIUM' */
  readonly entities: CacheStrategyName | null;
  /** Of lists and pages. @default 'SHORT' */
  readonly queries: CacheStrategyName | null;
  /** Of counts and aggregates. @default 'SHORT' */
  readonly aggregations: CacheStrategyName | null;
  /** @default 'SESSION' */
  readonly userSessions: CacheStrategyName;
}

/**
 * How a near cache follows the writes of other processes. `strict`: a write waits until it has dropped what changes, so
 * that no read is stale; `eventual`: it may lag by the delivery of one message; `off`: there is none.
 */
export type Coherence = 'strict' | 'eventual' | 'off';

/** The bounds of the cache in the memory of a process. */
export interface NearCacheConfig {
  /** @default 10_000 */
  readonly maxEntries: number;
  /** Approximate. @default 67_108_864 */
  readonly maxBytes: number;
  /** @default 60 */
  readonly ttlSeconds: number;
}

/** The name of a set of defaults: see `cachePresets`. */
export type CachePresetName = 'aggressive' | 'moderate' | 'light' | 'memoryOnly' | 'distributed';

/** What is cached, where and for how long. */
export interface CacheConfig {
  /** Where the defaults of the others come from. @default 'moderate' */
  readonly preset: CachePresetName;
  /** Off: every read goes to PostgreSQL. @default true */
  readonly enabled: boolean;
  /** Whether values may live in this process's memory; null when nothing was said. @default null */
  readonly localEnabled: boolean | null;
  /** How near caches follow the writes of other processes. @default 'strict' */
  readonly coherence: Coherence;
  readonly near: NearCacheConfig;
  /** The PostgreSQL schema of the outbox. @default 'holdfast_outbox' */
  readonly outboxSchema: string;
  /** Whether Redis is used as the shared cache where one is configured. @default true */
  readonly sharedEnabled: boolean;
  /** What every key starts with, so that applications can share a server. @default 'holdfast' */
  readonly prefix: string;
  /** How long values live for which nothing else says it. @default 300 */
  readonly defaultTtlSeconds: number;
  /** Entries at least this large are compressed; 0 leaves compression off. @default 4096 */
  readonly compressionThresholdBytes: number;
  /** Of so many hits, one is compared with the database; 0 for none. @default 10_000, in tests 0 */
  readonly stalenessSampling: number;
  readonly strategies: CacheStrategiesConfig;
}

/** Which queries are written to the log. */
export interface QueryLogConfig {
  /** A query that took at least this long counts as slow; 0 makes every query slow. @default 200 */
  readonly slowThresholdMs: number;
  /** Log every query. @default true where the environment is said to be development, else false */
  readonly logQueries: boolean;
  /** Add the parameters, which may be personal data. @default false */
  readonly logParams: boolean;
}

/** Everything that can be set, validated and deep-frozen. */
export interface Config {
  readonly environment: Environment;
  readonly database: DatabaseConfig;
  /** Null when neither `REDIS_URL` nor `REDIS_HOST` is set, or the servers are found by sentinels. */
  readonly redis: RedisConfig | null;
  /** Null when `REDIS_SENTINEL_URLS` is not set. At most one of `redis`, this and the next two is not null. */
  readonly redisSentinel: RedisSentinelConfig | null;
  /** Null when `REDIS_CLUSTER_URLS` is not set. */
  readonly redisCluster: RedisClusterConfig | null;
  /** Null when neither of its two variables is set. */
  readonly upstash: UpstashConfig | null;
  readonly cache: CacheConfig;
  readonly queryLog: QueryLogConfig;
}

/** Any part of it. */
export type Overridable<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Overridable<T[K]> | undefined }
    : T;

/** Values given in code: any part of a {@link Config}. What is undefined counts as not given. */
export type ConfigOverrides = Overridable<Config>;
