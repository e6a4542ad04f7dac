import { appendFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { applyMigrations } from '../../scripts/support/migrate.js';
import { readMigrations } from '../../scripts/support/migration-files.js';
import { SchemaEngine } from '../../scripts/support/schema-engine.js';
import { createDatabase, ownPostgres, type TestDatabase } from '../support/servers.js';
import { MIGRATIONS_FOLDER } from '../support/shared-servers.js';
import { runSql } from '../support/sql.js';

const SCHEMA_FILE = path.resolve(MIGRATIONS_FOLDER, '../schema.prisma');

interface RecordedMigration {
  readonly migration_name: string;
  readonly logs: string | null;
  readonly finished_at: Date | null;
}

describe('the migrations', () => {
  let database: TestDatabase;
  let folder: string;

  beforeEach(async () => {
    database = await createDatabase({ migrated: false });
    folder = await mkdtemp(path.join(tmpdir(), 'holdfast-migrations-'));
    await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
  });

  afterEach(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const withEngine = async <T>(url: string, use: (engine: SchemaEngine) => Promise<T>): Promise<T> => {
    const engine = await SchemaEngine.open(url, SCHEMA_FILE);
    try {
      return await use(engine);
    } finally {
      await engine.close();
    }
  };

  const recorded = (url = database.url) =>
    runSql<RecordedMigration>(url, 'SELECT * FROM _prisma_migrations ORDER BY started_at');

  const addMigration = async (name: string, sql: string) => {
    await mkdir(path.join(folder, name));
    await writeFile(path.join(folder, name, 'migration.sql'), sql);
  };

  it('lead to exactly what the schema describes', async () => {
    await applyMigrations(database.url, MIGRATIONS_FOLDER);
    expect(await withEngine(database.url, (engine) => engine.missingSql())).toBe('');
  });

  it('lead to the same on the embedded PostgreSQL 18, which keeps NOT NULL as constraints', async () => {
    const server = await ownPostgres({ binaries: 'embedded', migrated: true });
    try {
      expect(await withEngine(server.url, (engine) => engine.missingSql())).toBe('');
    } finally {
      await server.stop();
    }
  });

  it('are seen to lag behind the schema when a table lacks an index', async () => {
    await applyMigrations(database.url, MIGRATIONS_FOLDER);
    await runSql(database.url, 'DROP INDEX projects_status_created_at_id_idx');
    expect(await withEngine(database.url, (engine) => engine.missingSql())).toContain(
      'CREATE INDEX "projects_status_created_at_id_idx"',
    );
  });

  it("are recorded as Prisma's own engine records them", async () => {
    const byPrisma = await createDatabase({ migrated: false });
    try {
      await applyMigrations(database.url, MIGRATIONS_FOLDER);
      await withEngine(byPrisma.url, (engine) => engine.applyMigrations(MIGRATIONS_FOLDER));
      // Only these three differ from one run to the next.
      const own = { id: expect.any(String), started_at: expect.any(Date), finished_at: expect.any(Date) };
      const theirs = (await recorded(byPrisma.url)).map((row) => ({ ...row, ...own }));
      expect(theirs).toHaveLength((await readMigrations(MIGRATIONS_FOLDER)).length);
      expect(await recorded()).toEqual(theirs);
      const columns = `SELECT column_name, data_type, character_maximum_length, is_nullable, column_default
        FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`;
      expect(await runSql(database.url, columns)).toEqual(await runSql(byPrisma.url, columns));
    } finally {
      await byPrisma.drop();
    }
  });

  it("leave nothing to do for Prisma's own engine", async () => {
    await applyMigrations(database.url, MIGRATIONS_FOLDER);
    expect(await withEngine(database.url, (engine) => engine.applyMigrations(MIGRATIONS_FOLDER))).toEqual([]);
  });

  it('are applied once, however often the runner runs', async () => {
    const names = (await readMigrations(folder)).map((migration) => migration.name);
    expect(await applyMigrations(database.url, folder)).toEqual({ applied: names, alreadyApplied: 0 });
    const rows = await recorded();
    expect(await applyMigrations(database.url, folder)).toEqual({
      applied: [],
      alreadyApplied: names.length,
    });
    expect(await recorded()).toEqual(rows);
  });

  it('are applied once when several processes start at the same time', async () => {
    const runs = await Promise.all([1, 2, 3, 4].map(() => applyMigrations(database.url, folder)));
    const { length } = await readMigrations(folder);
    expect(runs.map((run) => run.applied.length).sort()).toEqual([0, 0, 0, length]);
    expect(await recorded()).toHaveLength(length);
  });

  it('are applied in the order of their names, the new ones after those that are in place', async () => {
    await applyMigrations(database.url, folder);
    await addMigration('29990102000000_second', 'ALTER TABLE added ADD COLUMN note text');
    await addMigration('29990101000000_first', 'CREATE TABLE added (id int)');
    expect((await applyMigrations(database.url, folder)).applied).toEqual([
      '29990101000000_first',
      '29990102000000_second',
    ]);
  });

  it('are refused when the file of an applied one has changed', async () => {
    await applyMigrations(database.url, folder);
    const [first] = await readMigrations(folder);
    await appendFile(first?.file ?? '', '\n-- changed');
    await addMigration('29990101000000_next', 'CREATE TABLE never (id int)');
    await expect(applyMigrations(database.url, folder)).rejects.toThrow(/has changed since it was applied/);
    expect(await runSql(database.url, "SELECT to_regclass('never') AS found")).toEqual([{ found: null }]);
  });

  it('stop at one that fails, undo it, and name it at every later run until it is settled', async () => {
    const name = '29990101000000_broken';
    await addMigration(name, 'CREATE TABLE half_done (id int); SELECT no_such_function();');
    await expect(applyMigrations(database.url, folder)).rejects.toThrow(
      /29990101000000_broken failed: .*no_such/,
    );
    expect(await runSql(database.url, "SELECT to_regclass('half_done') AS found")).toEqual([{ found: null }]);
    const row = (await recorded()).find((candidate) => candidate.migration_name === name);
    expect(row).toMatchObject({ finished_at: null, logs: expect.stringContaining('no_such_function') });

    await expect(applyMigrations(database.url, folder)).rejects.toThrow(
      /29990101000000_broken failed before/,
    );

    await runSql(
      database.url,
      'UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL',
    );
    await writeFile(path.join(folder, name, 'migration.sql'), 'CREATE TABLE half_done (id int)');
    expect((await applyMigrations(database.url, folder)).applied).toEqual([name]);
  });
});
