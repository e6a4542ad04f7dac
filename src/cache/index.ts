export { type CacheHealth, CacheManager, type CacheTier } from './cache-manager.js';
export { type Clock, systemClock } from './clock.js';
export { frozenDate } from './codec/frozen-scalars.js';
export { copyMutable, freezeDeep } from './freeze.js';
export { canonicalId, canonicalKey, canonicalOf, type EntityId, type IdType, idFrom } from './keys.js';
export type { ModelCache, ModelCacheOptions, QueryRequest, RowLoad } from './model-cache.js';
export { type KeyBuilder, type KeyBuilderOptions, keyBuilder, type NamedId } from './naming/index.js';
export {
  escapeGlob,
  type PatternProgress,
  type PatternReport,
  PatternTimeoutError,
} from './patterns/index.js';
export {
  type AnyEvents,
  type DeclaredRule,
  type EventMap,
  type EventName,
  type Invalid,
  type InvalidationRule,
  InvalidationRules,
  type Invalidator,
  type RuleStatistics,
} from './rules/index.js';
export type { MostReadEntry } from './sampling/most-read.js';
export type { StaleEntry, StalenessStatistics } from './sampling/staleness-sampler.js';
export { type SessionOptions, Sessions } from './sessions.js';
export type { CacheHealthDetails } from './statistics/health-details.js';
export type { HitRates } from './statistics/hit-rate-windows.js';
export type { CacheLatencies, LatencyStatistics } from './statistics/latencies.js';
export type { NearUse } from './statistics/near-use.js';
export type {
  CacheStatistics,
  InvalidationCounts,
  NearStatistics,
  SharedStatistics,
} from './statistics.js';
export type { StoreKind } from './store/shared-store.js';
export type { StoreReport } from './store/store-report.js';
export type { Change } from './targets.js';
export { TickBatcher } from './tick-batcher.js';
export type { TallyOptions } from './values/counters-and-sets.js';
export type { ValueEntry } from './values/named-values.js';
export type { LoadOptions, ValueOptions } from './values/value-options.js';
export type { PatternOptions } from './values/values.js';
export type { CacheWarming, MostReadWarming, RowWarming } from './warming/cache-warming.js';
export type { TaskState } from './warming/led-task.js';
export type { NamedLoader } from './warming/most-read-warmer.js';
export type { WarmEntry, WarmFailure, WarmOptions, WarmProgress, WarmResult } from './warming/warm-cache.js';
export type { Warmer, WarmerRun, WarmerStatistics } from './warming/warmers.js';
