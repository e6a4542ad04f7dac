import { environmentName, flag, integer, MAX_TIMEOUT_MS, oneOf, secret, text, url, urls } from './kinds.js';
import { DEFAULT_TTL } from './strategy.js';
import type { Coherence, Environment } from './types.js';
import { isHost, isHttpUrl, isPostgresUrl, isRedisUrl, REDIS_PORT } from './urls.js';
import { type Variable, variable } from './variable.js';

const MAX_CONNECTIONS = 1_000;
const MAX_TTL_SECONDS = 31_536_000;
// The longest string Redis stores (512 MB): beyond it, no entry could ever be compressed.
const MAX_ENTRY_BYTES = 536_870_912;

const connections = (min: number) => integer('a number of connections', min, MAX_CONNECTIONS);
const milliseconds = (min: 0 | 1) => integer('milliseconds', min, MAX_TIMEOUT_MS);
const lifetime = oneOf(['SHORT', 'MEDIUM', 'LONG', 'SESSION', 'WEEK']);
const postgresExample = 'postgresql://user:password@host:5432/database, special characters percent-encoded';

function strategy(name: string, key: string, preset: keyof typeof DEFAULT_TTL, of: string) {
  return variable({
    name: `CACHE_STRATEGY_${name}`,
    path: `cache.strategies.${key}`,
    kind: lifetime,
    default: preset,
    meaning: `The lifetime of ${of}: SHORT (${DEFAULT_TTL.SHORT} s), MEDIUM (${DEFAULT_TTL.MEDIUM} s), LONG (${DEFAULT_TTL.LONG} s), SESSION (${DEFAULT_TTL.SESSION} s) or WEEK (${DEFAULT_TTL.WEEK} s).`,
    actedOn: false,
  });
}

/**
 * Every setting there is. Parsing, messages, overrides and the test of the documentation all follow from this table,
 * whose order is the documentation's.
 */
export const variables = Object.freeze({
  environment: variable<Environment>({
    name: 'NODE_ENV',
    path: 'environment',
    kind: environmentName,
    default: 'development',
    meaning:
      'Where the process runs: `development`, `test` or `production`; any other name counts as `production`. Decides what is logged.',
  }),

  databaseUrl: variable({
    name: 'DATABASE_URL',
    path: 'database.url',
    kind: url(`a PostgreSQL URL such as ${postgresExample}`, isPostgresUrl),
    default: '',
    required: true,
    example: 'postgresql://holdfast:change-me@localhost:5432/holdfast',
    meaning: 'The PostgreSQL primary. Special characters in user and password are percent-encoded.',
  }),
  directUrl: variable<string | null>({
    name: 'DIRECT_DATABASE_URL',
    path: 'database.directUrl',
    kind: url(`a PostgreSQL URL such as ${postgresExample}`, isPostgresUrl),
    default: null,
    nullable: true,
    example: 'postgresql://holdfast:change-me@localhost:5432/holdfast',
    meaning: 'The primary past a pooler such as PgBouncer, for migrations and maintenance.',
  }),
  readUrls: variable<readonly string[]>({
    name: 'DATABASE_READ_URLS',
    path: 'database.readUrls',
    kind: urls(`PostgreSQL URLs, separated by commas, each such as ${postgresExample}`, isPostgresUrl),
    default: [],
    example:
      'postgresql://holdfast:change-me@replica-1:5432/holdfast,postgresql://holdfast:change-me@replica-2:5432/holdfast',
    meaning: 'Read replicas, separated by commas; a comma inside a URL is written `%2C`.',
    actedOn: false,
  }),
  poolMin: variable({
    name: 'DB_POOL_MIN',
    path: 'database.pool.min',
    unit: 'connections',
    kind: connections(0),
    // 0, so that DB_POOL_MAX alone may be set to any value.
    default: 0,
    meaning: 'Connections kept open while idle; at most `DB_POOL_MAX`.',
  }),
  poolMax: variable({
    name: 'DB_POOL_MAX',
    aliases: ['DATABASE_POOL_SIZE'],
    path: 'database.pool.max',
    unit: 'connections',
    kind: connections(1),
    default: 10,
    meaning:
      'Connections at most. Times the number of processes, it must stay under `max_connections` of PostgreSQL.',
  }),
  poolIdleTimeout: variable({
    name: 'DB_IDLE_TIMEOUT',
    aliases: ['DB_POOL_IDLE_TIMEOUT'],
    path: 'database.pool.idleTimeoutMs',
    unit: 'ms',
    kind: milliseconds(0),
    default: 30_000,
    meaning: 'How long a connection above `DB_POOL_MIN` may be idle before it is closed; 0 keeps it open.',
  }),
  poolAcquireTimeout: variable({
    name: 'DB_CONNECTION_TIMEOUT',
    aliases: ['DB_POOL_CONNECTION_TIMEOUT', 'DATABASE_CONNECTION_TIMEOUT'],
    path: 'database.pool.acquireTimeoutMs',
    unit: 'ms',
    kind: milliseconds(1),
    default: 10_000,
    meaning: 'How long a caller waits for a connection, opening one included. Never infinite: 0 is refused.',
  }),
  poolMaxLifetime: variable({
    name: 'DB_MAX_LIFETIME',
    path: 'database.pool.maxLifetimeMs',
    unit: 'ms',
    kind: milliseconds(0),
    // HikariCP's default: https://github.com/brettwooldridge/HikariCP#frequently-used
    default: 1_800_000,
    meaning:
      'The age at which a connection is replaced, less up to a tenth by chance, so that a fleet does not reconnect at once; 0 is no limit.',
  }),
  poolLeakThreshold: variable({
    name: 'DB_LEAK_THRESHOLD',
    path: 'database.pool.leakThresholdMs',
    unit: 'ms',
    kind: milliseconds(0),
    default: 0,
    meaning:
      'A connection held longer is reported once, with the stack that took it; 0 is off, and then costs nothing.',
  }),
  poolDynamic: variable({
    name: 'DB_POOL_DYNAMIC',
    path: 'database.pool.dynamic',
    kind: flag,
    default: false,
    meaning:
      'Whether the number of connections follows the load between `DB_POOL_MIN` (at least 1) and `DB_POOL_MAX`.',
  }),
  transactionPooler: variable({
    name: 'DB_TRANSACTION_POOLER',
    path: 'database.transactionPooler',
    kind: flag,
    default: false,
    meaning:
      'Whether `DATABASE_URL` leads through a pooler in transaction mode, such as PgBouncer: no statement is then prepared by name, and no session setting relied on.',
  }),
  applicationName: variable({
    name: 'DB_APPLICATION_NAME',
    path: 'database.applicationName',
    kind: text('a name of 1 to 63 printable ASCII characters', (value) => /^[ -~]{1,63}$/.test(value)),
    default: 'holdfast',
    meaning: 'What `pg_stat_activity` shows as the name of these connections.',
  }),
  queryTimeout: variable({
    name: 'DB_QUERY_TIMEOUT',
    path: 'database.queryTimeoutMs',
    unit: 'ms',
    kind: milliseconds(1),
    default: 30_000,
    meaning: 'How long the client waits for the answer to one statement.',
  }),
  statementTimeout: variable({
    name: 'DB_STATEMENT_TIMEOUT',
    path: 'database.statementTimeoutMs',
    unit: 'ms',
    kind: milliseconds(0),
    default: 30_000,
    meaning: '`statement_timeout`: how long PostgreSQL lets one statement run; 0 leaves it off.',
  }),
  enableReindex: variable({
    name: 'DB_ENABLE_REINDEX',
    path: 'database.enableReindex',
    kind: flag,
    default: false,
    meaning: 'Whether maintenance may run REINDEX.',
  }),

  redisUrl: variable<string | null>({
    name: 'REDIS_URL',
    path: 'redis.url',
    kind: url('a Redis URL such as redis://:password@host:6379 (rediss: for TLS)', isRedisUrl),
    default: null,
    example: 'redis://:change-me@localhost:6379',
    meaning: 'The shared cache. Without it and without `REDIS_HOST` there is none.',
  }),
  redisHost: variable<string | null>({
    name: 'REDIS_HOST',
    path: null,
    partOf: 'redis.url',
    kind: text('a host name or address, without scheme and port', isHost),
    default: null,
    example: 'localhost',
    meaning: 'With the next two, another way to say `REDIS_URL`. Where both are given, they must agree.',
  }),
  redisPort: variable({
    name: 'REDIS_PORT',
    path: null,
    partOf: 'redis.url',
    kind: integer('a port', 1, 65_535),
    default: REDIS_PORT,
    // Kubernetes sets REDIS_PORT=tcp://10.0.0.1:6379 in every pod beside a service named "redis".
    ignored: /^tcp:\/\//,
    meaning:
      'The port at `REDIS_HOST`. The form `tcp://...`, which Kubernetes injects beside a service named `redis`, counts as unset.',
  }),
  redisPassword: variable<string | null>({
    name: 'REDIS_PASSWORD',
    path: null,
    partOf: 'redis.url',
    kind: secret('a password'),
    default: null,
    example: 'change-me',
    meaning: 'The password at `REDIS_HOST`, as it is: not percent-encoded.',
  }),
  redisMaxRetries: variable({
    name: 'REDIS_MAX_RETRIES',
    path: 'redis.maxRetries',
    unit: 'attempts',
    kind: integer('a number of attempts', 0, 1_000),
    default: 10,
    meaning:
      'Quick reconnection attempts at the beginning of an outage. After them there are about five a second, and they never cease: a cache that stayed away after an outage would cost its gain for good.',
  }),
  redisConnectTimeout: variable({
    name: 'REDIS_CONNECT_TIMEOUT',
    path: 'redis.connectTimeoutMs',
    unit: 'ms',
    kind: milliseconds(1),
    // A second after an outage hits come again, and this is part of it.
    default: 500,
    meaning: 'How long one attempt to connect may take.',
  }),
  redisCommandTimeout: variable({
    name: 'REDIS_COMMAND_TIMEOUT',
    path: 'redis.commandTimeoutMs',
    unit: 'ms',
    kind: milliseconds(1),
    default: 250,
    meaning: 'How long one command may take before PostgreSQL is asked instead.',
  }),
  upstashUrl: variable<string | null>({
    name: 'UPSTASH_REDIS_REST_URL',
    path: 'upstash.url',
    kind: url('an https: URL such as https://example.upstash.io', isHttpUrl),
    default: null,
    example: 'https://example.upstash.io',
    meaning: 'Upstash Redis over REST; only together with the token.',
    actedOn: false,
  }),
  upstashToken: variable<string | null>({
    name: 'UPSTASH_REDIS_REST_TOKEN',
    path: 'upstash.token',
    kind: secret('a token'),
    default: null,
    example: 'change-me',
    meaning: 'The token that belongs to the URL.',
    actedOn: false,
  }),

  cacheEnabled: variable({
    name: 'CACHE_ENABLED',
    path: 'cache.enabled',
    kind: flag,
    default: true,
    meaning: 'Off, every read goes to PostgreSQL.',
  }),
  cacheLocalEnabled: variable<boolean | null>({
    name: 'ENABLE_LOCAL_CACHE',
    path: 'cache.localEnabled',
    kind: flag,
    default: null,
    nullable: true,
    example: 'false',
    meaning:
      "With Redis, `false` leaves out the near cache in this process's memory. Without Redis, `true` makes memory the whole cache, which is right only while this process is the only one that writes; unset or `false`, there is then no cache.",
  }),
  cacheCoherence: variable<Coherence>({
    name: 'CACHE_COHERENCE',
    path: 'cache.coherence',
    kind: oneOf(['strict', 'eventual', 'off']),
    default: 'strict',
    meaning:
      "How the near cache in this process's memory follows writes of other processes: `strict`, they wait until it has dropped what they change; `eventual`, it may lag by the delivery of one message; `off`, there is no near cache. The shared cache is never stale in any of them.",
  }),
  cacheNearMaxEntries: variable({
    name: 'CACHE_NEAR_MAX_ENTRIES',
    path: 'cache.near.maxEntries',
    unit: 'entries',
    kind: integer('a number of entries', 1, 10_000_000),
    default: 10_000,
    meaning: 'Entries in the near cache at most.',
  }),
  cacheNearMaxBytes: variable({
    name: 'CACHE_NEAR_MAX_BYTES',
    path: 'cache.near.maxBytes',
    unit: 'bytes',
    kind: integer('bytes', 1_024, 17_179_869_184),
    default: 67_108_864,
    meaning: 'The approximate size of the near cache at most.',
  }),
  cacheNearTtl: variable({
    name: 'CACHE_NEAR_TTL',
    path: 'cache.near.ttlSeconds',
    unit: 's',
    kind: integer('seconds', 1, MAX_TTL_SECONDS),
    default: 60,
    meaning:
      'How long an entry lives in the near cache. With `CACHE_COHERENCE=eventual` also how long it may be stale at most.',
  }),
  cacheOutboxSchema: variable({
    name: 'CACHE_OUTBOX_SCHEMA',
    path: 'cache.outboxSchema',
    kind: text('the name of a PostgreSQL schema: 1 to 63 letters, digits or underscores', (t) =>
      /^[A-Za-z_]\w{0,62}$/.test(t),
    ),
    // Not called as a role may be: PostgreSQL looks for tables in the schema of the role's name first.
    default: 'holdfast_outbox',
    meaning:
      'The PostgreSQL schema that holds the outbox, in which the invalidation triggers record what other writers change. Services that share tables but not a cache need one each.',
  }),
  cacheSharedEnabled: variable({
    name: 'ENABLE_REDIS_CACHE',
    path: 'cache.sharedEnabled',
    kind: flag,
    default: true,
    meaning: 'Whether the configured Redis is used as the shared cache.',
  }),
  cachePrefix: variable({
    name: 'CACHE_PREFIX',
    path: 'cache.prefix',
    // Braces would break the hash tags of a cluster, `*?[]` the patterns of an invalidation.
    kind: text('1 to 64 letters, digits, dots, colons, hyphens or underscores', (t) =>
      /^[\w.:-]{1,64}$/.test(t),
    ),
    default: 'holdfast',
    meaning: 'What every key starts with, so that applications can share a Redis.',
  }),
  cacheDefaultTtl: variable({
    name: 'CACHE_DEFAULT_TTL',
    aliases: ['CACHE_TTL'],
    path: 'cache.defaultTtlSeconds',
    unit: 's',
    kind: integer('seconds', 1, MAX_TTL_SECONDS),
    default: DEFAULT_TTL.SHORT as number,
    meaning: 'How long an entry lives where its repository says nothing else.',
  }),
  cacheCompressionThreshold: variable({
    name: 'CACHE_COMPRESSION_THRESHOLD',
    path: 'cache.compressionThresholdBytes',
    unit: 'bytes',
    kind: integer('bytes', 0, MAX_ENTRY_BYTES),
    // Below, reading a compressed entry takes several times as long, to save a few hundred bytes.
    default: 4_096,
    meaning: 'Entries at least this large are compressed; 0 leaves compression off.',
  }),
  strategyEntities: strategy('ENTITIES', 'entities', 'MEDIUM', 'entities'),
  strategyQueries: strategy('QUERIES', 'queries', 'SHORT', 'lists and pages'),
  strategyAggregations: strategy('AGGREGATIONS', 'aggregations', 'SHORT', 'counts and aggregates'),
  strategyUserSessions: strategy('USER_SESSIONS', 'userSessions', 'SESSION', 'user sessions'),

  slowThreshold: variable({
    name: 'SLOW_QUERY_THRESHOLD',
    aliases: ['DATABASE_MAX_QUERY_EXECUTION_TIME'],
    path: 'queryLog.slowThresholdMs',
    unit: 'ms',
    kind: milliseconds(0),
    // The default for slow statements of Apache SkyWalking (slowDBAccessThreshold: default:200).
    default: 200,
    meaning: 'A query that took at least this long counts as slow and is logged; 0 makes every query slow.',
  }),
  logQueries: variable({
    name: 'DATABASE_LOG_QUERIES',
    path: 'queryLog.logQueries',
    kind: flag,
    default: false,
    // Only where it is said: a server on which NODE_ENV was forgotten must not pay for a line per query.
    defaultIn: { development: true },
    meaning: 'Log every query.',
  }),
  logParams: variable({
    name: 'DATABASE_LOG_QUERY_PARAMS',
    path: 'queryLog.logParams',
    kind: flag,
    default: false,
    meaning: 'Log the parameters of a query with it. They may be personal data.',
  }),
});

/** Every setting, in the order of the documentation. */
export const allVariables: readonly Variable[] = Object.freeze(Object.values(variables));
