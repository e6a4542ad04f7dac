export { loadConfig } from './config.js';
export { ttlSecondsOf } from './lifetimes.js';
export { createLogger, type Logger, type LogMethod, silentLogger } from './logger.js';
export { maskUrl } from './mask.js';
export { type CachePreset, cachePresets } from './presets.js';
export type { EnvironmentVariables } from './settings.js';
export { CacheStrategy, type CacheStrategyName, DEFAULT_TTL } from './strategy.js';
export type {
  CacheConfig,
  CachePresetName,
  CacheStrategiesConfig,
  Coherence,
  Config,
  ConfigOverrides,
  DatabaseConfig,
  Environment,
  NearCacheConfig,
  PoolConfig,
  QueryLogConfig,
  RedisClusterConfig,
  RedisConfig,
  RedisSentinelConfig,
  UpstashConfig,
} from './types.js';
