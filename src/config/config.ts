import { ConfigurationError } from '../errors.js';
import { refuseContradictions } from './contradictions.js';
import { layOut } from './overrides.js';
import { type EnvironmentVariables, Settings } from './settings.js';
import type {
  CacheStrategiesConfig,
  Config,
  ConfigOverrides,
  RedisClusterConfig,
  RedisConfig,
  RedisSentinelConfig,
  UpstashConfig,
} from './types.js';
import { REDIS_PORT, redisUrlOf } from './urls.js';
import type { Variable } from './variable.js';
import { variables } from './variables.js';

export type * from './types.js';

/**
 * The configuration: what `overrides` say, else what the environment says, else the defaults; validated, copied and
 * deep-frozen. An empty variable counts as unset, and surrounding blanks are ignored. Variables are read here, once,
 * and nowhere else.
 *
 * @param environment the variables; by default those of the process
 * @param overrides values given in code, which win; `null` for `redis`, `redisSentinel`, `redisCluster` or `upstash` means none, whatever is
 *   set
 * @throws ConfigurationError with every problem at once, secrets masked
 */
export function loadConfig(
  environment: EnvironmentVariables = process.env,
  overrides: ConfigOverrides = {},
): Config {
  const { given, problems } = layOut(overrides);
  const settings = new Settings(environment, given);
  refuseContradictions(settings);
  const all = [...problems, ...settings.problems];
  if (all.length > 0) throw new ConfigurationError(all);
  return deepFreeze(assemble(settings));
}

function assemble(settings: Settings): Config {
  const v = variables;
  return {
    environment: settings.get(v.environment),
    database: {
      url: settings.get(v.databaseUrl),
      directUrl: settings.get(v.directUrl),
      readUrls: [...settings.get(v.readUrls)],
      pool: {
        min: settings.get(v.poolMin),
        max: settings.get(v.poolMax),
        idleTimeoutMs: settings.get(v.poolIdleTimeout),
        acquireTimeoutMs: settings.get(v.poolAcquireTimeout),
        maxLifetimeMs: settings.get(v.poolMaxLifetime),
        leakThresholdMs: settings.get(v.poolLeakThreshold),
        dynamic: settings.get(v.poolDynamic),
      },
      transactionPooler: settings.get(v.transactionPooler),
      applicationName: settings.get(v.applicationName),
      queryTimeoutMs: settings.get(v.queryTimeout),
      statementTimeoutMs: settings.get(v.statementTimeout),
      enableReindex: settings.get(v.enableReindex),
    },
    redis: redis(settings),
    redisSentinel: redisSentinel(settings),
    redisCluster: redisCluster(settings),
    upstash: upstash(settings),
    cache: {
      preset: settings.get(v.cachePreset),
      enabled: settings.get(v.cacheEnabled),
      localEnabled: settings.get(v.cacheLocalEnabled),
      coherence: settings.get(v.cacheCoherence),
      near: {
        maxEntries: settings.get(v.cacheNearMaxEntries),
        maxBytes: settings.get(v.cacheNearMaxBytes),
        ttlSeconds: settings.get(v.cacheNearTtl),
      },
      outboxSchema: settings.get(v.cacheOutboxSchema),
      sharedEnabled: settings.get(v.cacheSharedEnabled),
      prefix: settings.get(v.cachePrefix),
      defaultTtlSeconds: settings.get(v.cacheDefaultTtl),
      compressionThresholdBytes: settings.get(v.cacheCompressionThreshold),
      stalenessSampling: settings.get(v.cacheStalenessSampling),
      strategies: strategies(settings),
    },
    queryLog: {
      slowThresholdMs: settings.get(v.slowThreshold),
      logQueries: settings.get(v.logQueries),
      logParams: settings.get(v.logParams),
    },
  };
}

// A command to a server next door takes 1 ms; one over the internet, 50, and the first one besides a TLS handshake.
const UPSTASH_COMMAND_TIMEOUT_MS = 1_000;

function redis(settings: Settings): RedisConfig | null {
  const url = redisUrl(settings);
  return url === null || isSentinel(settings) ? null : { url, ...reaching(settings) };
}

function redisSentinel(settings: Settings): RedisSentinelConfig | null {
  if (!isSentinel(settings)) return null;
  return {
    url: redisUrl(settings) ?? redisUrlOf('localhost', REDIS_PORT, settings.get(variables.redisPassword)),
    urls: [...settings.get(variables.sentinelUrls)],
    master: settings.get(variables.sentinelMaster),
    ...reaching(settings),
  };
}

function redisCluster(settings: Settings): RedisClusterConfig | null {
  const urls = [...settings.get(variables.clusterUrls)];
  return urls.length === 0 ? null : { urls, ...reaching(settings) };
}

function upstash(settings: Settings): UpstashConfig | null {
  const url = settings.get(variables.upstashUrl);
  const token = settings.get(variables.upstashToken);
  if (url === null || token === null) return null;
  const { redisConnectTimeout, redisCommandTimeout } = variables;
  return {
    url,
    token,
    connectTimeoutMs: settings.get(redisConnectTimeout),
    commandTimeoutMs: settings.isGiven(redisCommandTimeout)
      ? settings.get(redisCommandTimeout)
      : UPSTASH_COMMAND_TIMEOUT_MS,
  };
}

function isSentinel(settings: Settings): boolean {
  return settings.get(variables.sentinelUrls).length > 0;
}

function redisUrl(settings: Settings): string | null {
  const host = settings.get(variables.redisHost);
  const { redisPort, redisPassword } = variables;
  const ofParts =
    host === null ? null : redisUrlOf(host, settings.get(redisPort), settings.get(redisPassword));
  return settings.get(variables.redisUrl) ?? ofParts;
}

function reaching(settings: Settings): Omit<RedisConfig, 'url'> {
  return {
    maxRetries: settings.get(variables.redisMaxRetries),
    connectTimeoutMs: settings.get(variables.redisConnectTimeout),
    commandTimeoutMs: settings.get(variables.redisCommandTimeout),
    tlsCaFile: settings.get(variables.redisTlsCa),
  };
}

/** A lifetime that was said comes first, then a general one that was said, then the default of the kind. */
function strategies(settings: Settings): CacheStrategiesConfig {
  const isGeneral = settings.isGiven(variables.cacheDefaultTtl);
  const of = <T>(strategy: Variable<T>): T | null =>
    isGeneral && !settings.isGiven(strategy) ? null : settings.get(strategy);
  return {
    entities: of(variables.strategyEntities),
    queries: of(variables.strategyQueries),
    aggregations: of(variables.strategyAggregations),
    userSessions: settings.get(variables.strategyUserSessions),
  };
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  return Object.freeze(value);
}
