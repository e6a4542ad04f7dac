import { type Config, maskUrl, silentLogger } from '../../src/config/index.js';
import { ConnectionPool } from '../../src/database/index.js';
import { readMigrations } from '../support/migration-files.js';
import { DemoError } from './demo-error.js';

/** The tables that the migrations make. */
const ownTables = ['users', 'projects', 'conversion_jobs'];

/**
 * Makes sure that a database that was there before may take the demo's tables. Throws DemoError when another
 * application's tables are in the way, or when Prisma's record of migrations belongs to another schema. Only reads.
 */
export async function assertDatabaseIsOurs(config: Config, migrationsFolder: string): Promise<void> {
  const pool = new ConnectionPool(config, silentLogger);
  try {
    const ours = new Set((await readMigrations(migrationsFolder)).map((migration) => migration.name));
    const recorded = await recordedMigrations(pool);
    const foreignMigration = recorded.find((name) => !ours.has(name));
    if (foreignMigration !== undefined) {
      throw inTheWay(config, `the migration "${foreignMigration}" of another schema is recorded there`);
    }
    const tables = recorded.length > 0 ? [] : await presentTables(pool, ownTables);
    if (tables.length > 0) {
      throw inTheWay(config, `it already has other tables named ${tables.join(', ')}`);
    }
  } finally {
    await pool.close();
  }
}

async function recordedMigrations(pool: ConnectionPool): Promise<string[]> {
  if ((await presentTables(pool, ['_prisma_migrations'])).length === 0) {
    return [];
  }
  const rows = await pool.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name',
  );
  return rows.map((row) => row.migration_name);
}

async function presentTables(pool: ConnectionPool, names: readonly string[]): Promise<string[]> {
  const rows = await pool.query<{ table_name: string }>(
    `SELECT table_name::text FROM information_schema.tables
      WHERE table_schema = current_schema() AND table_name = ANY($1) ORDER BY table_name`,
    [names],
  );
  return rows.map((row) => row.table_name);
}

function inTheWay(config: Config, reason: string): DemoError {
  return new DemoError(
    `The database ${maskUrl(config.database.url)} cannot be used for the demo: ${reason}.\n` +
      'Nothing in it was changed. Point DATABASE_URL to an empty database, or unset it and the demo starts its own.',
  );
}
