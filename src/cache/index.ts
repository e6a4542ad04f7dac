export { type CacheHealth, CacheManager, type CacheTier } from './cache-manager.js';
export { canonicalId, canonicalOf, type EntityId, type IdType, idFrom } from './keys.js';
export type { ModelCache } from './model-cache.js';
export type { CacheStatistics } from './statistics.js';
export { TickBatcher } from './tick-batcher.js';
