import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDatabase, ownPostgres, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';
import { maintenanceOf, outcomes, tableWithDeadRows, untilDeadRows, whileHolding } from './fixtures.js';

let database: TestDatabase;
let url: string;

beforeEach(async () => {
  database = await createDatabase({ migrated: false });
  url = database.url;
});
afterEach(() => database.drop());

async function someTables(): Promise<void> {
  await tableWithDeadRows(url, 'dead');
  await tableWithDeadRows(url, 'clean');
  await tableWithDeadRows(url, 'changed', 400);
  await maintenanceOf(url).vacuum({ analyze: true, tables: ['clean', 'changed'] });
  // 200 rows are left: 75 changes are more than the 70 that ANALYZE allows, and 75 dead fewer than the 90 of VACUUM.
  await runSql(url, "UPDATE changed SET text = '' WHERE id <= 150");
  await runSql(url, "UPDATE clean SET text = '' WHERE id <= 20");
  await untilDeadRows(url, 'changed', 75);
  await untilDeadRows(url, 'clean', 10);
}

describe('runMaintenance', () => {
  test('does only what is due, says why, and has nothing left to do afterwards', async () => {
    await someTables();
    const report = await maintenanceOf(url).runMaintenance();
    expect(outcomes(report.results)).toEqual({
      'public.changed': 'done',
      'public.clean': 'skipped: not-due',
      'public.dead': 'done',
    });
    const [changed, , dead] = report.results;
    expect(changed?.statement).toMatch(/^ANALYZE /);
    expect(changed?.due).toEqual(['75 rows changed since the last ANALYZE, more than 70']);
    expect(dead?.statement).toMatch(/^VACUUM \(ANALYZE\) /);
    expect(dead?.due).toEqual(['1,000 dead tuples, more than 250', 'no ANALYZE on record']);
    expect(dead?.after?.deadTuples).toBe(0);

    const again = await maintenanceOf(url).runMaintenance();
    expect(again.ok).toBe(true);
    expect(again.results.map(({ reason }) => reason?.code)).toEqual(['not-due', 'not-due', 'not-due']);
  });

  test('in a dry run names what is due and changes nothing', async () => {
    await someTables();
    const maintenance = maintenanceOf(url);
    // Transaction ids are the whole server's, and grow older by what other tests do on it.
    const tables = async () => (await maintenance.report()).map(({ xidAge: _, ...table }) => table);
    const before = await tables();
    const plan = await maintenance.runMaintenance({ dryRun: true });
    expect(outcomes(plan.results)).toEqual({
      'public.changed': 'planned',
      'public.clean': 'skipped: not-due',
      'public.dead': 'planned',
    });
    expect(await tables()).toEqual(before);
  });

  test('goes by thresholds of the caller', async () => {
    await someTables();
    const never = Number.MAX_SAFE_INTEGER;
    const thresholds = { vacuumDeadTuples: never, vacuumDeadTuplesMax: never, vacuumInsertedTuples: never };
    const patient = maintenanceOf(url, { thresholds });
    const { results } = await patient.runMaintenance({ tables: ['dead'], dryRun: true });
    expect(results[0]?.statement).toMatch(/^ANALYZE /);
    const eager = maintenanceOf(url, { thresholds: { freezeAgeShare: 0 } });
    expect((await eager.runMaintenance({ dryRun: true })).results.map(({ statement }) => statement)).toEqual([
      expect.stringContaining('VACUUM (FREEZE, ANALYZE)'),
      expect.stringContaining('VACUUM (FREEZE)'),
      expect.stringContaining('VACUUM (FREEZE, ANALYZE)'),
    ]);
  });
});

describe('report', () => {
  test('has rows, dead tuples, sizes, ages and what is due, the table with the most dead tuples first', async () => {
    await someTables();
    const [dead, changed, clean] = await maintenanceOf(url).report();
    expect(dead).toMatchObject({
      table: 'public.dead',
      kind: 'table',
      rows: 1_000,
      deadTuples: 1_000,
      deadShare: 0.5,
      lastVacuum: null,
      bloatBytes: null,
      due: [{ operation: 'vacuum' }, { operation: 'analyze' }],
    });
    expect(dead?.tableBytes).toBeGreaterThan(0);
    expect(dead?.indexBytes).toBeGreaterThan(0);
    expect(dead?.xidAge).toBeGreaterThan(0);
    expect(changed).toMatchObject({ deadTuples: 75, due: [{ operation: 'analyze' }] });
    expect(clean).toMatchObject({ lastVacuum: expect.any(Date), lastAnalyze: expect.any(Date), due: [] });
  });

  test('estimates bloat near what is really free once rows are deleted', async () => {
    await tableWithDeadRows(url, 'half', 50_000);
    await maintenanceOf(url).vacuum({ analyze: true });
    const [half] = await maintenanceOf(url).report();
    const share = (half?.bloatBytes ?? 0) / (half?.tableBytes ?? 1);
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });

  test('leaves out the size of a table that is locked, and does not wait for it long', async () => {
    await tableWithDeadRows(url, 'users');
    const [users] = await whileHolding(url, 'LOCK TABLE users', () => maintenanceOf(url).report());
    expect(users).toMatchObject({ deadTuples: 1_000, tableBytes: null, indexBytes: null });
  });
});

describe('on PostgreSQL 18', () => {
  test('one table at a time stays one table, also where others inherit from it', async () => {
    const server = await ownPostgres({ binaries: 'embedded' });
    try {
      await runSql(server.url, 'CREATE TABLE parent (id int); CREATE TABLE child () INHERITS (parent)');
      await tableWithDeadRows(server.url, 'users');
      const maintenance = maintenanceOf(server.url);
      const report = await maintenance.vacuum({ tables: ['parent', 'users'], analyze: true, freeze: true });
      expect(report.results).toMatchObject([
        {
          table: 'public.parent',
          status: 'done',
          statement: 'VACUUM (FREEZE, ANALYZE) ONLY "public"."parent"',
        },
        { table: 'public.users', before: { deadTuples: 1_000 }, after: { deadTuples: 0 } },
      ]);
      const untouched = "SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'child'";
      expect(await runSql(server.url, untouched)).toEqual([{ vacuum_count: '0' }]);
      await runSql(server.url, 'CREATE ROLE keeper LOGIN; GRANT MAINTAIN ON users TO keeper');
      const asKeeper = maintenanceOf(server.url.replace('holdfast@', 'keeper@'));
      expect(outcomes((await asKeeper.reindex()).results)).toEqual({
        'public.child': 'skipped: no-permission',
        'public.parent': 'skipped: no-permission',
        'public.users': 'done',
      });
      expect((await asKeeper.vacuum({ tables: ['users'] })).ok).toBe(true);
      expect((await maintenance.runMaintenance()).ok).toBe(true);
      expect(await maintenance.report()).toHaveLength(3);
    } finally {
      await server.stop();
    }
  });
});

describe('on a standby', () => {
  test('maintenance is refused with a typed error, and the report is given', async () => {
    const server = await ownPostgres();
    try {
      await runSql(server.url, 'CREATE TABLE users (id int)');
      await writeFile(path.join(server.dataDirectory, 'standby.signal'), '');
      await server.restart();
      await expect(maintenanceOf(server.url).vacuum()).rejects.toMatchObject({
        code: 'MAINTENANCE_READ_ONLY',
      });
      expect(await maintenanceOf(server.url).report()).toMatchObject([{ table: 'public.users' }]);
    } finally {
      await server.stop();
    }
  });
});
