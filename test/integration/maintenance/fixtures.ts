import { Client } from 'pg';
import { silentLogger } from '../../../src/config/index.js';
import { Maintenance, type MaintenanceSettings, type TableResult } from '../../../src/maintenance/index.js';
import { eventually } from '../../support/eventually.js';
import { runSql } from '../../support/sql.js';

/** A `Maintenance` of a database, where REINDEX is allowed unless told otherwise. */
export function maintenanceOf(url: string, settings: Partial<MaintenanceSettings> = {}): Maintenance {
  return new Maintenance({ connectionString: url, enableReindex: true, logger: silentLogger, ...settings });
}

/** Makes a table that autovacuum leaves alone, with half of its rows deleted. */
export async function tableWithDeadRows(url: string, name: string, rows = 2_000): Promise<void> {
  await runSql(
    url,
    `CREATE TABLE ${name} (id int PRIMARY KEY, text text) WITH (autovacuum_enabled = false);
     INSERT INTO ${name} SELECT i, 'row ' || i FROM generate_series(1, ${rows}) i;
     DELETE FROM ${name} WHERE id % 2 = 0`,
  );
  await untilDeadRows(url, name, Math.floor(rows / 2));
}

/**
 * Waits until the server has counted them. A session tells of what it did when it ends, of which its client learns nothing:
 * told later, they would be counted on top of what VACUUM found.
 */
export async function untilDeadRows(url: string, name: string, dead: number): Promise<void> {
  await eventually(
    () =>
      runSql<{ dead: number }>(
        url,
        `SELECT n_dead_tup::int AS dead FROM pg_stat_user_tables WHERE relid = '${name}'::regclass`,
      ),
    ([row]) => row?.dead === dead,
    15_000,
  );
}

/**
 * Waits until all transactions have ended that the whole server has begun before now. A snapshot is as old as the oldest of
 * them, though it be of another database, such as that of another test.
 */
export async function untilOthersHaveEnded(url: string): Promise<void> {
  const [now] = await runSql<{ next: string }>(
    url,
    'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next',
  );
  await eventually(
    () =>
      runSql<{ ended: boolean }>(
        url,
        'SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= $1::bigint AS ended',
        [now?.next],
      ),
    ([row]) => row?.ended === true,
    60_000,
  );
}

/** Runs work while another session holds what `sql` takes in a transaction, a lock for example. */
export async function whileHolding<T>(url: string, sql: string, work: () => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'the holder' });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(sql);
    return await work();
  } finally {
    await client.end();
  }
}

/** Makes VACUUM take a pause after every page, so that it can be met at work. */
export async function slowVacuums(url: string, databaseName: string): Promise<void> {
  await runSql(url, `ALTER DATABASE ${databaseName} SET vacuum_cost_delay = 100`);
  await runSql(url, `ALTER DATABASE ${databaseName} SET vacuum_cost_limit = 1`);
}

interface Session {
  readonly pid: number;
  readonly application_name: string;
  readonly query: string;
}

/** Sessions of maintenance in this database whose statement under way is LIKE `start` and whatever follows. */
export function sessionsAt(url: string, start: string): Promise<Session[]> {
  return runSql<Session>(
    url,
    `SELECT pid, application_name, query FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'holdfast maintenance%'
     AND state = 'active' AND query LIKE $1 || '%'`,
    [start],
  );
}

/** Waits until a session of maintenance is at such a statement, and gives its pid. */
export async function untilAt(url: string, start: string): Promise<number> {
  const [session] = await eventually(
    () => sessionsAt(url, start),
    ({ length }) => length > 0,
  );
  return session?.pid ?? 0;
}

/** Waits until no session holds the lock of maintenance: one that has ended gives it back, of which its client learns nothing. */
export async function untilUnlocked(url: string): Promise<void> {
  await eventually(
    () => lockHolders(url),
    (count) => count === 0,
  );
}

async function lockHolders(url: string): Promise<number> {
  const rows = await runSql(
    url,
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 1752132708 AND objid = 1
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return rows.length;
}

/** The results by table, as "status" or "status: reason". */
export function outcomes(results: readonly TableResult[]): Record<string, string> {
  return Object.fromEntries(
    results.map(({ table, status, reason }) => [
      table,
      reason === null ? status : `${status}: ${reason.code}`,
    ]),
  );
}
