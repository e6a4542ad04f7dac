import { HoldfastError } from '../errors.js';
import type { TableResult } from './types.js';

/** Who holds the lock of maintenance. */
export interface MaintenanceHolder {
  /** The server's process id, which `pg_terminate_backend` takes. */
  readonly pid: number;
  readonly applicationName: string;
  readonly user: string | null;
  /** When its session began; null where the server does not show it to this role. */
  readonly since: Date | null;
}

/** Another run of maintenance is under way in the same database. The context says who holds the lock. */
export class MaintenanceRunningError extends HoldfastError {
  readonly code = 'MAINTENANCE_RUNNING';
  readonly holder: MaintenanceHolder | null;

  constructor(holder: MaintenanceHolder | null) {
    const who =
      holder === null
        ? 'another session'
        : `"${holder.applicationName}" (pid ${holder.pid}` +
          `${holder.user === null ? '' : `, user ${holder.user}`}` +
          `${holder.since === null ? '' : `, since ${holder.since.toISOString()}`})`;
    super(`Maintenance is already running in this database: ${who}. Wait until it has ended.`, {
      context: { holder },
    });
    this.holder = holder;
  }
}

/** A name that is no table's, and the names that come closest to it. */
export interface UnknownTable {
  readonly name: string;
  /** Best first; empty where nothing is close. */
  readonly closest: readonly string[];
}

/** At least one of the tables asked for does not exist. Nothing was run. */
export class UnknownTableError extends HoldfastError {
  readonly code = 'UNKNOWN_TABLE';

  constructor(unknown: readonly UnknownTable[]) {
    const lines = unknown.map(({ name, closest }) => {
      const hint = closest.length === 0 ? '' : ` Did you mean ${closest.join(' or ')}?`;
      return `There is no table ${JSON.stringify(name)}.${hint}`;
    });
    super(lines.join('\n'), { context: { unknown } });
  }
}

/** A name without a schema stands for tables in several schemas, none of them on the search path. */
export class AmbiguousTableError extends HoldfastError {
  readonly code = 'AMBIGUOUS_TABLE';

  constructor(name: string, candidates: readonly string[]) {
    super(`The name ${JSON.stringify(name)} may mean ${candidates.join(' or ')}: give its schema.`, {
      context: { name, candidates },
    });
  }
}

/** REINDEX was asked for and is not allowed: it doubles the space of the indexes while it runs. */
export class ReindexDisabledError extends HoldfastError {
  readonly code = 'REINDEX_DISABLED';

  constructor() {
    super(
      'REINDEX is not enabled. It builds every index a second time, which takes space and writes; ' +
        'set DB_ENABLE_REINDEX=true (enableReindex in code) where that is meant.',
    );
  }
}

/** The server is a standby or read-only: maintenance belongs on the primary, whose work it replays. */
export class MaintenanceReadOnlyError extends HoldfastError {
  readonly code = 'MAINTENANCE_READ_ONLY';

  constructor() {
    super('This server is a standby: run maintenance on the primary. The standby replays what it does.');
  }
}

/**
 * The connection was lost while tables were worked on. The context holds the results so far, and the table whose
 * outcome is not known: the server may have ended the statement, or may still be at it.
 */
export class MaintenanceConnectionLostError extends HoldfastError {
  readonly code = 'MAINTENANCE_CONNECTION_LOST';
  readonly results: readonly TableResult[];

  constructor(table: string | null, results: readonly TableResult[], cause: unknown) {
    const where = table === null ? '' : ` at ${table}`;
    super(
      `The connection to PostgreSQL was lost${where}, after ${results.length} of the tables. ` +
        'Run maintenance again when the server is back: what was done stays done.',
      { context: { table, results }, cause },
    );
    this.results = results;
  }
}
