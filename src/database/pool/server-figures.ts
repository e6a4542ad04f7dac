import type { SqlExecutor } from '../sql-executor.js';

/** What PostgreSQL says about its connections, as far as the size and the use of a pool hang on it. */
export interface ServerFigures {
  /** `max_connections`. */
  readonly maxConnections: number;
  /** Of those, kept for superusers and the role `pg_use_reserved_connections`. */
  readonly reservedConnections: number;
  readonly version: string;
  /** A standby: it refuses writes. */
  readonly inRecovery: boolean;
  /** Client connections of everyone on the server. */
  readonly all: ConnectionFigures;
  /** Those with the `application_name` of the session that asked. */
  readonly ours: ConnectionFigures;
}

/**
 * Connections at one moment. Of other roles' sessions PostgreSQL shows only that they exist, unless one may read all
 * statistics (`pg_read_all_stats`); they count in `total` alone.
 */
export interface ConnectionFigures {
  readonly total: number;
  readonly active: number;
  readonly idle: number;
  readonly idleInTransaction: number;
  /** How long the longest of these has been so; null when there is none. */
  readonly longestIdleInTransactionMs: number | null;
  /** Active, and waiting for a lock that another session holds. */
  readonly waitingForLock: number;
  /** How long the statement that waits for a lock has run at the longest; null when there is none. */
  readonly longestWaitingForLockMs: number | null;
  /** Active connections by `wait_event_type`; those that compute are under `CPU`. */
  readonly activeByWait: Readonly<Record<string, number>>;
}

const SERVER = `
SELECT current_setting('max_connections')::int AS "maxConnections",
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0) AS "reservedConnections",
       current_setting('server_version') AS "version",
       pg_is_in_recovery() AS "inRecovery"`;

const ACTIVITY = `
SELECT application_name = current_setting('application_name') AS "ours",
       coalesce(state, 'unknown') AS "state",
       coalesce(wait_event_type, 'CPU') AS "wait",
       count(*)::int AS "connections",
       extract(epoch FROM max(clock_timestamp() - state_change))::float8 * 1000 AS "longestMs"
  FROM pg_stat_activity
 WHERE backend_type = 'client backend'
   AND pid <> pg_backend_pid()
 GROUP BY 1, 2, 3`;

interface ActivityRow {
  readonly ours: boolean | null;
  readonly state: string;
  readonly wait: string;
  readonly connections: number;
  readonly longestMs: number | null;
}

/** Asks the server, in two statements. The session that asks is counted as idle, which it is otherwise. */
export async function readServerFigures(executor: SqlExecutor): Promise<ServerFigures> {
  const [server] = await executor.query<Omit<ServerFigures, 'all' | 'ours'>>(SERVER);
  if (server === undefined) throw new Error('A SELECT without FROM gave no row.');
  const rows = await executor.query<ActivityRow>(ACTIVITY);
  return Object.freeze({
    ...server,
    all: summedUp(rows),
    ours: summedUp(rows.filter((row) => row.ours === true)),
  });
}

function summedUp(rows: readonly ActivityRow[]): ConnectionFigures {
  const sum = (some: readonly ActivityRow[]): number => some.reduce((n, row) => n + row.connections, 0);
  const longest = (some: readonly ActivityRow[]): number | null =>
    some.length === 0 ? null : Math.max(...some.map((row) => row.longestMs ?? 0));
  const active = rows.filter((row) => row.state === 'active');
  const idleInTransaction = rows.filter((row) => row.state.startsWith('idle in transaction'));
  const waitingForLock = active.filter((row) => row.wait === 'Lock');
  const activeByWait: Record<string, number> = {};
  for (const row of active) activeByWait[row.wait] = (activeByWait[row.wait] ?? 0) + row.connections;
  return Object.freeze({
    total: sum(rows) + 1,
    active: sum(active),
    idle: sum(rows.filter((row) => row.state === 'idle')) + 1,
    idleInTransaction: sum(idleInTransaction),
    longestIdleInTransactionMs: longest(idleInTransaction),
    waitingForLock: sum(waitingForLock),
    longestWaitingForLockMs: longest(waitingForLock),
    activeByWait: Object.freeze(activeByWait),
  });
}
