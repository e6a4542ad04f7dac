import type { Logger } from '../config/index.js';

/** What maintenance does to a table. */
export type MaintenanceOperation = 'vacuum' | 'analyze' | 'reindex' | 'maintenance';

/** What every kind of maintenance can be told. */
export interface MaintenanceOptions {
  /**
   * Names as in SQL: `users`, `audit.events`, `"Mixed Case"`; upper case is also found without quotes.
   * @default all tables and materialized views outside of PostgreSQL's own schemas
   */
  readonly tables?: readonly string[];
  /** Stops the run: the statement under way is cancelled on the server, and the results so far are returned. */
  readonly signal?: AbortSignal;
  /** Told of each table's beginning, advance and end. What it throws ends the run. */
  readonly onProgress?: (event: MaintenanceProgress) => void;
  /** Only say which statements would run. @default false */
  readonly dryRun?: boolean;
  /**
   * How long a statement waits for a lock before its table is left out. Above `deadlock_timeout` (1 s unless changed),
   * after which an autovacuum worker on the same table gives way.
   * @default 5_000
   */
  readonly lockTimeoutMs?: number;
  /** How long PostgreSQL may work on one table; 0 means without limit. @default 3_600_000 */
  readonly statementTimeoutMs?: number;
}

/** What VACUUM can be told besides. */
export interface VacuumOptions extends MaintenanceOptions {
  /** Renew the planner's statistics in the same pass. @default false */
  readonly analyze?: boolean;
  /** Freeze every row that can be, which resets the table's age and writes more. @default false */
  readonly freeze?: boolean;
}

/** How large a table is, and how much of it is dead. */
export interface TableFigures {
  /** Rows deleted or overwritten whose space is not free yet; an estimate of the server's, null where it has none. */
  readonly deadTuples: number | null;
  readonly liveTuples: number | null;
  /** The table with its indexes and TOAST; null where a lock kept it from being read. */
  readonly sizeBytes: number | null;
}

/** Why a table was left out, or what went wrong with it. */
export type TableReasonCode =
  | 'not-due'
  | 'no-permission'
  | 'not-a-table'
  | 'partitioned'
  | 'foreign-table'
  | 'temporary'
  | 'no-indexes'
  | 'gone'
  | 'lock-timeout'
  | 'statement-timeout'
  | 'cancelled'
  | 'error';

/** The reason as a stable code, and in words. */
export interface TableReason {
  readonly code: TableReasonCode;
  readonly message: string;
}

/**
 * How it went: `done`; `planned` in a dry run; `skipped` when the table was left out; `failed` when the statement was
 * given up or refused; `stopped` when the run was, before or while the table was worked on.
 */
export type TableStatus = 'done' | 'planned' | 'skipped' | 'failed' | 'stopped';

/** What maintenance did to one table. */
export interface TableResult {
  /** With its schema, quoted where SQL needs it. */
  readonly table: string;
  readonly status: TableStatus;
  /** The SQL that ran, or would; null where there was none to run. */
  readonly statement: string | null;
  /** Null when it is done. In `runMaintenance` also why it was due. */
  readonly reason: TableReason | null;
  /** Why `runMaintenance` chose the table, in words; empty elsewhere. */
  readonly due: readonly string[];
  /** Whether nothing that was asked for is left undone. */
  readonly ok: boolean;
  readonly durationMs: number;
  readonly before: TableFigures | null;
  readonly after: TableFigures | null;
  /** What PostgreSQL warned of meanwhile. */
  readonly warnings: readonly string[];
  /** Invalid indexes of an interrupted REINDEX CONCURRENTLY, that were dropped. */
  readonly droppedIndexes: readonly string[];
  /** Those that could not be dropped; the next `reindex` of the table tries again. */
  readonly leftIndexes: readonly string[];
}

/** What a run did, table by table in their order. */
export interface MaintenanceReport {
  readonly operation: MaintenanceOperation;
  readonly dryRun: boolean;
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Whether it was stopped by its signal. */
  readonly interrupted: boolean;
  /** Whether it was not stopped and every table's result is `ok`. */
  readonly ok: boolean;
  readonly results: readonly TableResult[];
}

/** How a run advances. `index` counts the tables from 0. */
export type MaintenanceProgress =
  | {
      readonly kind: 'table-started';
      readonly table: string;
      readonly statement: string;
      readonly index: number;
      readonly total: number;
    }
  | {
      readonly kind: 'table-advanced';
      readonly table: string;
      readonly index: number;
      readonly total: number;
      /** What PostgreSQL is at, in its words, such as `scanning heap`. */
      readonly phase: string;
      /** The share of that phase that is done, between 0 and 1; null where PostgreSQL does not say. */
      readonly share: number | null;
    }
  | {
      readonly kind: 'table-ended';
      readonly result: TableResult;
      readonly index: number;
      readonly total: number;
    };

/** What a `Maintenance` is made of. */
export interface MaintenanceSettings {
  /** The primary, past any pooler in transaction mode: `DIRECT_DATABASE_URL` or else `DATABASE_URL`. */
  readonly connectionString: string;
  /** Whether `reindex` may run: `DB_ENABLE_REINDEX`. */
  readonly enableReindex: boolean;
  readonly logger: Logger;
  /** What counts as due. Each has a default; see `DEFAULT_THRESHOLDS`. */
  readonly thresholds?: Partial<MaintenanceThresholds>;
}

/** From which figures on a table is due for what. */
export interface MaintenanceThresholds {
  /** Dead tuples that every table may have. @default 50 */
  readonly vacuumDeadTuples: number;
  /** Dead tuples that it may have besides, as a share of its rows. @default 0.2 */
  readonly vacuumDeadShare: number;
  /** Dead tuples that are too many however large the table is. @default 100_000_000 */
  readonly vacuumDeadTuplesMax: number;
  /** Rows inserted since the last VACUUM that every table may have. @default 1_000 */
  readonly vacuumInsertedTuples: number;
  /** Rows inserted that it may have besides, as a share of its rows. @default 0.2 */
  readonly vacuumInsertedShare: number;
  /** Rows changed since the last ANALYZE that every table may have. @default 50 */
  readonly analyzeChangedTuples: number;
  /** Rows changed that it may have besides, as a share of its rows. @default 0.1 */
  readonly analyzeChangedShare: number;
  /** Age from which statistics are renewed if a single row has changed since. @default 7 */
  readonly analyzeMaxAgeDays: number;
  /** The share of the age that forces autovacuum to freeze, from which a table is frozen. @default 0.75 */
  readonly freezeAgeShare: number;
}

/** Something that is due, and the figures that make it so. */
export interface DueWork {
  readonly operation: 'vacuum' | 'analyze' | 'freeze';
  readonly reason: string;
}

/** The state of one table. Counts are the server's estimates. */
export interface TableReport {
  readonly table: string;
  readonly kind: 'table' | 'partitioned table' | 'materialized view' | 'foreign table';
  /** Rows, as of the last VACUUM or ANALYZE and what was counted since; null where nothing is known. */
  readonly rows: number | null;
  readonly deadTuples: number | null;
  /** Dead tuples as a share of all, between 0 and 1; null where nothing is known. */
  readonly deadShare: number | null;
  readonly changedSinceAnalyze: number | null;
  /** The table with its TOAST, without indexes; null where a lock kept it from being read. */
  readonly tableBytes: number | null;
  readonly indexBytes: number | null;
  /** Space in the table that its rows would not need if they were packed; null where statistics are missing. */
  readonly bloatBytes: number | null;
  readonly lastVacuum: Date | null;
  readonly lastAutovacuum: Date | null;
  readonly lastAnalyze: Date | null;
  readonly lastAutoanalyze: Date | null;
  /** Transactions since the oldest row that is not frozen; null where the table has no rows of its own. */
  readonly xidAge: number | null;
  /** At which age autovacuum freezes the table whether it is on or off: `autovacuum_freeze_max_age`. */
  readonly freezeMaxAge: number;
  /** Indexes that no query uses, because building them was interrupted. */
  readonly invalidIndexes: readonly string[];
  readonly due: readonly DueWork[];
}
