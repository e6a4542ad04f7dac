export {
  type CacheHealth,
  CacheManager,
  type CacheStatistics,
  CacheStrategy,
  type CacheTier,
  DEFAULT_TTL,
  type IdType,
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
  type MaintenanceOptions,
  type MaintenanceProgress,
  MaintenanceReadOnlyError,
  type MaintenanceReport,
  MaintenanceRunningError,
  type MaintenanceSettings,
  type MaintenanceThresholds,
  ReindexDisabledError,
  type TableFigures,
  type TableReport,
  type TableResult,
  UnknownTableError,
  type VacuumOptions,
} from './maintenance/index.js';
export * from './repositories/index.js';
