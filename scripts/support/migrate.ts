import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { type Migration, readMigrations } from './migration-files.js';

/** What a run of the migrations did. */
export interface MigrationResult {
  /** Names of the migrations that this run applied, in their order. */
  readonly applied: readonly string[];
  /** How many had been applied before. */
  readonly alreadyApplied: number;
}

/** The lock that Prisma's own `migrate` takes, so that the two exclude each other. Source: prisma-engines. */
const PRISMA_ADVISORY_LOCK = 72707369;
const LOCK_TIMEOUT_MS = 10_000;

/** The table as Prisma creates it. Source: prisma-engines, the SQL schema connector's imperative migration persistence. */
const CREATE_TABLE = `
CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)`;

interface MigrationRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/**
 * Applies the migrations in `folder` that a database has not seen, in the order of their names, and records each as
 * `prisma migrate deploy` does, so that Prisma finds them applied. Runs from several processes wait for each other.
 * @throws when an applied migration's file has changed since, when an earlier one failed, or when one fails now
 */
export async function applyMigrations(connectionString: string, folder: string): Promise<MigrationResult> {
  const migrations = await readMigrations(folder);
  const client = new Client({ connectionString, application_name: 'holdfast-migrate' });
  await client.connect();
  try {
    await takeLock(client);
    await client.query(CREATE_TABLE);
    const rows = await recordedMigrations(client);
    const pending = migrations.filter((migration) => !isApplied(migration, rows));
    for (const migration of pending) await applyMigration(client, migration);
    return {
      applied: pending.map((migration) => migration.name),
      alreadyApplied: migrations.length - pending.length,
    };
  } finally {
    await client.end(); // Also gives the lock back.
  }
}

async function takeLock(client: Client): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_ADVISORY_LOCK]);
  } catch (error) {
    throw new Error(
      `Another migration has held the lock for ${LOCK_TIMEOUT_MS} ms. Wait until it has ended and run this again.`,
      { cause: error },
    );
  }
  await client.query('RESET lock_timeout');
}

/** The rows that count: those marked as rolled back are history. */
async function recordedMigrations(client: Client): Promise<MigrationRow[]> {
  const { rows } = await client.query<MigrationRow>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  const failed = rows.find((row) => row.finished_at === null);
  if (failed === undefined) return rows;
  throw new Error(
    `The migration ${failed.migration_name} failed before, and nothing else is applied until that is settled. ` +
      'Put the database right by hand, then mark it: ' +
      `\`npx prisma migrate resolve --rolled-back ${failed.migration_name}\` to try it again, ` +
      '`--applied` if its changes are in place.',
  );
}

function isApplied(migration: Migration, rows: readonly MigrationRow[]): boolean {
  const row = rows.find((candidate) => candidate.migration_name === migration.name);
  if (row === undefined) return false;
  if (row.checksum === migration.checksum) return true;
  throw new Error(
    `${migration.file} has changed since it was applied to this database. Restore it as it was ` +
      `(SHA-256 ${row.checksum}) and put the change into a new migration.`,
  );
}

async function applyMigration(client: Client, migration: Migration): Promise<void> {
  const id = randomUUID();
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    migration.checksum,
    migration.name,
  ]);
  try {
    // One simple query, as Prisma sends it: its statements share a transaction unless it opens its own.
    await client.query(migration.sql);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await client.query('UPDATE _prisma_migrations SET logs = $2 WHERE id = $1', [id, reason]);
    throw new Error(`The migration ${migration.name} failed: ${reason}`, { cause: error });
  }
  await client.query(
    'UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = applied_steps_count + 1 WHERE id = $1',
    [id],
  );
}
