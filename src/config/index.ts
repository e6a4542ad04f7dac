export { loadConfig } from './config.js';
export { createLogger, type Logger, type LogMethod, silentLogger } from './logger.js';
export { maskUrl } from './mask.js';
export { CacheStrategy, type CacheStrategyName, DEFAULT_TTL } from './strategy.js';
export type {
  CacheConfig,
  CacheStrategiesConfig,
  Config,
  ConfigOverrides,
  DatabaseConfig,
  Environment,
  PoolConfig,
  QueryLogConfig,
  RedisConfig,
  UpstashConfig,
} from './types.js';
