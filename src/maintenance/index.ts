export { MAINTENANCE_LOCK } from './advisory-lock.js';
export {
  AmbiguousTableError,
  MaintenanceConnectionLostError,
  type MaintenanceHolder,
  MaintenanceReadOnlyError,
  MaintenanceRunningError,
  ReindexDisabledError,
  type UnknownTable,
  UnknownTableError,
} from './errors.js';
export { MaintainedPool } from './maintained-pool.js';
export { Maintenance } from './maintenance.js';
export { DEFAULT_THRESHOLDS } from './thresholds.js';
export type {
  DueWork,
  MaintenanceOperation,
  MaintenanceOptions,
  MaintenanceProgress,
  MaintenanceReport,
  MaintenanceSettings,
  MaintenanceThresholds,
  TableFigures,
  TableReason,
  TableReasonCode,
  TableReport,
  TableResult,
  TableStatus,
  VacuumOptions,
} from './types.js';
