import { cacheVariables } from './cache-variables.js';
import { environmentName, flag, integer, MAX_TIMEOUT_MS, secret, text, url, urls } from './kinds.js';
import type { Environment } from './types.js';
import { isHost, isHttpUrl, isPostgresUrl, isRedisServerUrl, isRedisUrl, REDIS_PORT } from './urls.js';
import { type Variable, variable } from './variable.js';

const MAX_CONNECTIONS = 1_000;

const connections = (min: number) => integer('a number of connections', min, MAX_CONNECTIONS);
const milliseconds = (min: 0 | 1) => integer('milliseconds', min, MAX_TIMEOUT_MS);
const postgresExample = 'postgresql://user:password@host:5432/database, special characters percent-encoded';

const elsewhere = (name: string) => [`redisSentinel.${name}`, `redisCluster.${name}`];

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
    otherPaths: ['redisSentinel.url'],
    kind: url('a Redis URL such as redis://:password@host:6379 (rediss: for TLS)', isRedisUrl),
    default: null,
    example: 'redis://:change-me@localhost:6379',
    meaning:
      'The shared cache, with user, password and database where it has them; `rediss:` for TLS. With `REDIS_SENTINEL_URLS` its host is not used.',
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
  redisTlsCa: variable<string | null>({
    name: 'REDIS_TLS_CA',
    path: 'redis.tlsCaFile',
    otherPaths: elsewhere('tlsCaFile'),
    kind: text('the path of a PEM file', (path) => path.length > 0 && !path.includes('\0')),
    default: null,
    nullable: true,
    example: '/etc/ssl/certs/redis-ca.pem',
    meaning:
      'A PEM file of the authorities that may have signed the certificate of a `rediss:` server. Unset, those that Node.js knows.',
  }),
  sentinelUrls: variable<readonly string[]>({
    name: 'REDIS_SENTINEL_URLS',
    path: 'redisSentinel.urls',
    kind: urls('Redis URLs of sentinels without database, separated by commas', isRedisServerUrl),
    default: [],
    example: 'redis://sentinel-1:26379,redis://sentinel-2:26379,redis://sentinel-3:26379',
    meaning:
      'Sentinels, separated by commas, with user and password of their own; they tell which server is the master.',
  }),
  sentinelMaster: variable({
    name: 'REDIS_SENTINEL_MASTER',
    path: 'redisSentinel.master',
    kind: text('the name of a master: 1 to 255 letters, digits, dots, hyphens or underscores', (name) =>
      /^[\w.-]{1,255}$/.test(name),
    ),
    default: 'mymaster',
    meaning: 'What the sentinels call the master.',
  }),
  clusterUrls: variable<readonly string[]>({
    name: 'REDIS_CLUSTER_URLS',
    path: 'redisCluster.urls',
    kind: urls('Redis URLs of servers of a cluster without database, separated by commas', isRedisServerUrl),
    default: [],
    example: 'redis://:change-me@node-1:6379,redis://:change-me@node-2:6379',
    meaning:
      'Some servers of a Redis Cluster, separated by commas, which tell of the others. Not together with `REDIS_URL`.',
  }),
  redisMaxRetries: variable({
    name: 'REDIS_MAX_RETRIES',
    path: 'redis.maxRetries',
    otherPaths: elsewhere('maxRetries'),
    unit: 'attempts',
    kind: integer('a number of attempts', 0, 1_000),
    default: 10,
    meaning:
      'Quick reconnection attempts at the beginning of an outage. After them there are about five a second, and they never cease: a cache that stayed away after an outage would cost its gain for good.',
  }),
  redisConnectTimeout: variable({
    name: 'REDIS_CONNECT_TIMEOUT',
    path: 'redis.connectTimeoutMs',
    otherPaths: [...elsewhere('connectTimeoutMs'), 'upstash.connectTimeoutMs'],
    unit: 'ms',
    kind: milliseconds(1),
    // A second after an outage hits come again, and this is part of it.
    default: 500,
    meaning: 'How long one attempt to connect may take.',
  }),
  redisCommandTimeout: variable({
    name: 'REDIS_COMMAND_TIMEOUT',
    path: 'redis.commandTimeoutMs',
    otherPaths: [...elsewhere('commandTimeoutMs'), 'upstash.commandTimeoutMs'],
    unit: 'ms',
    kind: milliseconds(1),
    default: 250,
    meaning:
      'How long one command may take before PostgreSQL is asked instead. Unset, 1000 with Upstash, which is asked over the internet.',
  }),
  upstashUrl: variable<string | null>({
    name: 'UPSTASH_REDIS_REST_URL',
    path: 'upstash.url',
    kind: url('an https: URL such as https://example.upstash.io', isHttpUrl),
    default: null,
    example: 'https://example.upstash.io',
    meaning: 'Upstash Redis over REST; only together with the token, and with the package `@upstash/redis`.',
  }),
  upstashToken: variable<string | null>({
    name: 'UPSTASH_REDIS_REST_TOKEN',
    path: 'upstash.token',
    kind: secret('a token'),
    default: null,
    example: 'change-me',
    meaning: 'The token that belongs to the URL.',
  }),

  ...cacheVariables,

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
