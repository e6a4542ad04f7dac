import type { SqlExecutor } from '../sql-executor.js';
import type { PoolStatistics } from './pool-statistics.js';

/** How this server stands to others. */
export interface ReplicationState {
  /** Of a standby: how far behind it is, as far as it knows; null while it has replayed nothing. */
  readonly replayLagMs: number | null;
  /** Of a primary: how many standbys stream from it. */
  readonly standbys: number;
}

/** Whether PostgreSQL answers, how fast, and what it is. */
export interface DatabaseHealth {
  readonly healthy: boolean;
  /** How long the answer, or the failure, took. */
  readonly latencyMs: number;
  /** Why it is not healthy; null when it is. */
  readonly error: string | null;
  readonly pool: PoolStatistics;
  /** As `SHOW server_version` gives it; null when there was no answer. */
  readonly serverVersion: string | null;
  /** `primary` takes writes, `standby` follows one; null when there was no answer. */
  readonly role: 'primary' | 'standby' | null;
  /** Whether writes are refused here. */
  readonly readOnly: boolean | null;
  readonly replication: ReplicationState | null;
}

/** What the server says of itself. */
export type ServerState = Pick<DatabaseHealth, 'serverVersion' | 'role' | 'readOnly' | 'replication'>;

const SERVER_STATE = `
SELECT current_setting('server_version') AS version,
       pg_is_in_recovery() AS standby,
       current_setting('transaction_read_only') = 'on' AS read_only,
       extract(epoch FROM now() - pg_last_xact_replay_timestamp()) * 1000 AS replay_lag_ms,
       (SELECT count(*)::int FROM pg_stat_replication) AS standbys
`;

export const NO_ANSWER: ServerState = Object.freeze({
  serverVersion: null,
  role: null,
  readOnly: null,
  replication: null,
});

/** Asks the server what it is, in one statement. */
export async function readServerState(executor: SqlExecutor): Promise<ServerState> {
  const [row] = await executor.query<{
    version: string;
    standby: boolean;
    read_only: boolean;
    replay_lag_ms: string | null;
    standbys: number;
  }>(SERVER_STATE);
  if (row === undefined) return NO_ANSWER;
  return {
    serverVersion: row.version,
    role: row.standby ? 'standby' : 'primary',
    readOnly: row.read_only,
    replication: {
      replayLagMs: row.standby && row.replay_lag_ms !== null ? Number(row.replay_lag_ms) : null,
      standbys: row.standbys,
    },
  };
}
