export {
  type CacheHealth,
  CacheManager,
  type CacheStatistics,
  type CacheTier,
  type Clock,
  type ComputedRequest,
  type IdType,
  type ModelCacheOptions,
  type QueryRequest,
  systemClock,
} from './cache/index.js';
export * from './config/index.js';
export * from './database/public.js';
export * from './errors.js';
export {
  AmbiguousTableError,
  type DueWork,
  MaintainedPool as ConnectionPool,
  Maintenance,
  MaintenanceConnectionLostError,
  type MaintenanceHolder,
  type MaintenanceOperation,
  type MaintenanceOptions,
  type MaintenanceProgress,
  MaintenanceReadOnlyError,
  type MaintenanceReport,
  MaintenanceRunningError,
  type MaintenanceSettings,
  type MaintenanceThresholds,
  ReindexDisabledError,
  type TableFigures,
  type TableReason,
  type TableReasonCode,
  type TableReport,
  type TableResult,
  type TableStatus,
  type UnknownTable,
  UnknownTableError,
  type VacuumOptions,
} from './maintenance/index.js';
export * from './repositories/index.js';
