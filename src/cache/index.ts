export { type CacheHealth, CacheManager, type CacheTier } from './cache-manager.js';
export { type Clock, systemClock } from './clock.js';
export type { ComputedRequest } from './computed-cache.js';
export { freezeDeep } from './freeze.js';
export { canonicalId, canonicalKey, canonicalOf, type EntityId, type IdType, idFrom } from './keys.js';
export type { ModelCache, ModelCacheOptions, QueryRequest } from './model-cache.js';
export type { CacheStatistics } from './statistics.js';

export type { Change } from './targets.js';
export { TickBatcher } from './tick-batcher.js';
