export { type CacheHealth, CacheManager, type CacheTier } from './cache-manager.js';
export type { EntityCache, WriteEffects } from './entity-cache.js';
export { canonicalId, type EntityId, type IdType, idFrom } from './keys.js';
export type { CacheStatistics } from './statistics.js';
