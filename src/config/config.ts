import { ConfigurationError } from '../errors.js';
import { refuseContradictions } from './contradictions.js';
import { layOut } from './overrides.js';
import { type EnvironmentVariables, Settings } from './settings.js';
import type { Config, ConfigOverrides, RedisConfig, UpstashConfig } from './types.js';
import { redisUrlOf } from './urls.js';
import { variables } from './variables.js';

export type * from './types.js';

/**
 * The configuration: what `overrides` say, else what the environment says, else the defaults; validated, copied and
 * deep-frozen. An empty variable counts as unset, and surrounding blanks are ignored. Variables are read here, once,
 * and nowhere else.
 *
 * @param environment the variables; by default those of the process
 * @param overrides values given in code, which win; `null` for `redis` or `upstash` means none, whatever is set
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
    upstash: upstash(settings),
    cache: {
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
      strategies: {
        entities: settings.get(v.strategyEntities),
        queries: settings.get(v.strategyQueries),
        aggregations: settings.get(v.strategyAggregations),
        userSessions: settings.get(v.strategyUserSessions),
      },
    },
    queryLog: {
      slowThresholdMs: settings.get(v.slowThreshold),
      logQueries: settings.get(v.logQueries),
      logParams: settings.get(v.logParams),
    },
  };
}

function redis(settings: Settings): RedisConfig | null {
  const url = settings.get(variables.redisUrl);
  const host = settings.get(variables.redisHost);
  if (url === null && host === null) return null;
  return {
    url:
      url ?? redisUrlOf(host ?? '', settings.get(variables.redisPort), settings.get(variables.redisPassword)),
    maxRetries: settings.get(variables.redisMaxRetries),
    connectTimeoutMs: settings.get(variables.redisConnectTimeout),
    commandTimeoutMs: settings.get(variables.redisCommandTimeout),
  };
}

function upstash(settings: Settings): UpstashConfig | null {
  const url = settings.get(variables.upstashUrl);
  const token = settings.get(variables.upstashToken);
  return url === null || token === null ? null : { url, token };
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  return Object.freeze(value);
}
