export {
  type CacheHealth,
  CacheManager,
  type CacheStatistics,
  type CacheTier,
  type IdType,
} from './cache/index.js';
export * from './config/index.js';
export {
  ConnectionPool,
  type DatabaseHealth,
  type PoolStatistics,
  type PrismaClientClass,
  type PrismaClientLike,
} from './database/index.js';
export * from './errors.js';
export * from './repositories/index.js';
