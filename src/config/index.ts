export { loadConfig } from './config.js';
export { createLogger, type Logger, type LogMethod, silentLogger } from './logger.js';
export { maskUrl } from './mask.js';
export type { EnvironmentVariables } from './settings.js';
export { CacheStrategy, type CacheStrategyName, DEFAULT_TTL } from './strategy.js';
export type {
  CacheConfig,
  CacheStrategiesConfig,
  Coherence,
  Config,
  ConfigOverrides,
  DatabaseConfig,
  Environment,
  NearCacheConfig,
  PoolConfig,
  QueryLogConfig,
  RedisConfig,
  UpstashConfig,
} from './types.js';
