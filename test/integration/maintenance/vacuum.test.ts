import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MaintenanceProgress } from '../../../src/maintenance/index.js';
import { createDatabase, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';
import {
  maintenanceOf,
  outcomes,
  slowVacuums,
  tableWithDeadRows,
  untilDeadRows,
  untilOthersHaveEnded,
  whileHolding,
} from './fixtures.js';

interface FrozenState {
  readonly analyzed: boolean;
  readonly frozen: string;
}

let database: TestDatabase;
let url: string;

beforeEach(async () => {
  database = await createDatabase({ migrated: false });
  url = database.url;
});
afterEach(() => database.drop());

describe('vacuum', () => {
  test('frees every dead tuple, and says how many there were before and are after', async () => {
    await tableWithDeadRows(url, 'users');
    const report = await maintenanceOf(url).vacuum({ tables: ['users'] });
    const [result] = report.results;
    expect(report).toMatchObject({ operation: 'vacuum', ok: true, interrupted: false, dryRun: false });
    expect(result).toMatchObject({
      table: 'public.users',
      status: 'done',
      statement: expect.stringMatching(/^VACUUM (ONLY )?"public"\."users"$/),
      before: { deadTuples: 1_000, liveTuples: 1_000 },
      after: { deadTuples: 0, liveTuples: 1_000 },
    });
    expect(result?.durationMs).toBeGreaterThan(0);
    expect(result?.before?.sizeBytes).toBeGreaterThan(0);
    expect(await runSql(url, "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'users'")).toEqual([
      { n_dead_tup: '0' },
    ]);
  });

  test('says how many dead tuples stay because a transaction may still see them', async () => {
    await tableWithDeadRows(url, 'users');
    await untilOthersHaveEnded(url);
    const old = 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM users';
    await whileHolding(url, old, async () => {
      await runSql(url, 'DELETE FROM users WHERE id < 100');
      await untilDeadRows(url, 'users', 1_050);
      const { results } = await maintenanceOf(url).vacuum({ tables: ['users'] });
      expect(results[0]).toMatchObject({ status: 'done', after: { deadTuples: 50 } });
    });
  }, 120_000);

  test('with analyze and freeze renews statistics and age in the same statement', async () => {
    await tableWithDeadRows(url, 'users');
    const state = `SELECT s.last_analyze IS NOT NULL AS analyzed, c.relfrozenxid::text AS frozen
                   FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE s.relname = 'users'`;
    const [before] = await runSql<FrozenState>(url, state);
    const { results } = await maintenanceOf(url).vacuum({ tables: ['users'], analyze: true, freeze: true });
    expect(results[0]?.statement).toMatch(/^VACUUM \(FREEZE, ANALYZE\) /);
    const [after] = await runSql<FrozenState>(url, state);
    expect(after?.analyzed).toBe(true);
    expect(Number(after?.frozen)).toBeGreaterThan(Number(before?.frozen));
  });

  test.each(['ACCESS EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE'])(
    'leaves out a table locked in %s mode after the lock timeout, says who holds it, and does the others',
    async (mode) => {
      for (const name of ['a', 'b', 'c']) await tableWithDeadRows(url, name);
      const startedAt = performance.now();
      const report = await whileHolding(url, `LOCK TABLE b IN ${mode} MODE`, () =>
        maintenanceOf(url).vacuum({ lockTimeoutMs: 200 }),
      );
      expect(performance.now() - startedAt).toBeLessThan(15_000);
      expect(outcomes(report.results)).toEqual({
        'public.a': 'done',
        'public.b': 'skipped: lock-timeout',
        'public.c': 'done',
      });
      expect(report.ok).toBe(false);
      expect(report.results[1]?.reason?.message).toMatch(
        /locked for more than 200 ms: pid \d+ \(the holder\)/,
      );
    },
  );

  test('gives up a table after the statement timeout, and does the next', async () => {
    await tableWithDeadRows(url, 'large', 20_000);
    await tableWithDeadRows(url, 'small', 2);
    await runSql(url, `ALTER DATABASE ${database.name} SET vacuum_cost_delay = 100`);
    await runSql(url, `ALTER DATABASE ${database.name} SET vacuum_cost_limit = 10`);
    const report = await maintenanceOf(url).vacuum({ statementTimeoutMs: 4_000 });
    expect(outcomes(report.results)).toEqual({
      'public.large': 'failed: statement-timeout',
      'public.small': 'done',
    });
  });

  test('takes names in any form that SQL does, and reserved words and upper case without quotes', async () => {
    await runSql(
      url,
      `CREATE SCHEMA audit; CREATE SCHEMA "Odd Schema";
       CREATE TABLE audit.events (id int); CREATE TABLE "Mixed Case" (id int); CREATE TABLE "Users" (id int);
       CREATE TABLE "order" (id int); CREATE TABLE "with.dot" (id int); CREATE TABLE "quo""te" (id int);
       CREATE TABLE "Odd Schema"."T" (id int); CREATE TABLE lower (id int)`,
    );
    const tables = [
      'audit.events',
      'Mixed Case',
      '"Users"',
      'order',
      'with.dot',
      'quo"te',
      '"Odd Schema"."T"',
      'public.LOWER',
      'lower',
    ];
    const report = await maintenanceOf(url).vacuum({ tables });
    expect(outcomes(report.results)).toEqual({
      'audit.events': 'done',
      'public."Mixed Case"': 'done',
      'public."Users"': 'done',
      'public.order': 'done',
      'public."with.dot"': 'done',
      'public."quo""te"': 'done',
      '"Odd Schema"."T"': 'done',
      'public.lower': 'done',
    });
  });

  test('refuses unknown names before anything runs, names the closest, and runs nothing that stands in them', async () => {
    await tableWithDeadRows(url, 'users');
    const tables = ['users', 'users; DROP TABLE users', 'usres', 'public.nothing_like_it'];
    const failure = maintenanceOf(url).vacuum({ tables });
    await expect(failure).rejects.toMatchObject({
      code: 'UNKNOWN_TABLE',
      context: {
        unknown: [
          { name: 'users; DROP TABLE users', closest: ['public.users'] },
          { name: 'usres', closest: ['public.users'] },
          { name: 'public.nothing_like_it', closest: [] },
        ],
      },
    });
    expect(await runSql(url, "SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'users'")).toEqual(
      [{ vacuum_count: '0' }],
    );
  });

  test('asks for the schema where several have the table and none is on the search path', async () => {
    await runSql(
      url,
      'CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.events (id int); CREATE TABLE b.events (id int)',
    );
    await expect(maintenanceOf(url).vacuum({ tables: ['events'] })).rejects.toMatchObject({
      code: 'AMBIGUOUS_TABLE',
      context: { candidates: ['a.events', 'b.events'] },
    });
  });

  test('leaves out what is no table, and works on the partitions of a partitioned one', async () => {
    await runSql(
      url,
      `CREATE TABLE events (id int) PARTITION BY RANGE (id);
       CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
       CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
       CREATE TABLE events_2a PARTITION OF events_2 FOR VALUES FROM (10) TO (15);
       CREATE VIEW v AS SELECT 1; CREATE MATERIALIZED VIEW m AS SELECT 1;
       CREATE INDEX events_index ON events_1 (id); CREATE SEQUENCE s`,
    );
    const tables = ['events', 'v', 'm', 'events_index', 's'];
    const report = await maintenanceOf(url).vacuum({ tables });
    expect(outcomes(report.results)).toEqual({
      'public.events': 'skipped: partitioned',
      'public.events_1': 'done',
      'public.events_2': 'skipped: partitioned',
      'public.events_2a': 'done',
      'public.v': 'skipped: not-a-table',
      'public.m': 'done',
      'public.events_index': 'skipped: not-a-table',
      'public.s': 'skipped: not-a-table',
    });
    expect(report.ok).toBe(false);
    expect((await maintenanceOf(url).vacuum()).ok).toBe(true);
  });

  test('leaves out tables that its role may not maintain, which fails the run only where they were named', async () => {
    await tableWithDeadRows(url, 'theirs');
    const role = `${database.name}_role`;
    await runSql(url, `CREATE ROLE ${role} LOGIN; GRANT CREATE ON SCHEMA public TO ${role}`);
    const asRole = new URL(url);
    asRole.username = role;
    try {
      await runSql(asRole.href, 'CREATE TABLE mine (id int)');
      const maintenance = maintenanceOf(asRole.href);
      const all = await maintenance.vacuum();
      expect(outcomes(all.results)).toEqual({
        'public.mine': 'done',
        'public.theirs': 'skipped: no-permission',
      });
      expect(all.ok).toBe(true);
      expect((await maintenance.vacuum({ tables: ['theirs'] })).ok).toBe(false);
    } finally {
      await runSql(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  test('in a dry run says which statements would run and changes nothing', async () => {
    await tableWithDeadRows(url, 'users');
    const report = await maintenanceOf(url).vacuum({ dryRun: true, analyze: true });
    expect(report).toMatchObject({ ok: true, dryRun: true });
    expect(report.results).toMatchObject([
      { status: 'planned', statement: expect.stringContaining('VACUUM (ANALYZE)'), after: null },
    ]);
    expect(
      await runSql(url, "SELECT vacuum_count, n_dead_tup FROM pg_stat_user_tables WHERE relname = 'users'"),
    ).toEqual([{ vacuum_count: '0', n_dead_tup: '1000' }]);
  });

  test('tells of every table as it begins and ends', async () => {
    for (const name of ['a', 'b']) await tableWithDeadRows(url, name);
    const events: string[] = [];
    await maintenanceOf(url).vacuum({
      onProgress: (event) => {
        const table = event.kind === 'table-ended' ? event.result.table : event.table;
        if (event.kind !== 'table-advanced')
          events.push(`${event.kind} ${table} ${event.index}/${event.total}`);
      },
    });
    expect(events).toEqual([
      'table-started public.a 0/2',
      'table-ended public.a 0/2',
      'table-started public.b 1/2',
      'table-ended public.b 1/2',
    ]);
  });

  test('tells how far PostgreSQL is within a large table', async () => {
    await tableWithDeadRows(url, 'users', 40_000);
    await slowVacuums(url, database.name);
    const abort = new AbortController();
    const seen: MaintenanceProgress[] = [];
    await maintenanceOf(url).vacuum({
      signal: abort.signal,
      onProgress: (event) => {
        if (event.kind === 'table-advanced') seen.push(event);
        if (event.kind === 'table-advanced' && (event.share ?? 0) > 0) abort.abort();
      },
    });
    expect(seen.at(-1)).toMatchObject({ table: 'public.users', phase: 'scanning heap', index: 0, total: 1 });
  });

  test.each([
    { lockTimeoutMs: Number.NaN },
    { lockTimeoutMs: 0 },
    { statementTimeoutMs: -1 },
    { statementTimeoutMs: 1.5 },
    { tables: [] },
    { tables: [' '] },
  ])('refuses %j', async (options) => {
    await expect(maintenanceOf(url).vacuum(options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('analyze', () => {
  test('renews the statistics of tables, and of a partitioned table beside its partitions', async () => {
    await runSql(
      url,
      `CREATE TABLE events (id int) PARTITION BY RANGE (id);
       CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (1000);
       INSERT INTO events SELECT i FROM generate_series(0, 999) i`,
    );
    const report = await maintenanceOf(url).analyze();
    expect(outcomes(report.results)).toEqual({ 'public.events': 'done', 'public.events_1': 'done' });
    const known = await runSql(url, "SELECT tablename FROM pg_stats WHERE schemaname = 'public' ORDER BY 1");
    expect(known).toEqual([{ tablename: 'events' }, { tablename: 'events_1' }]);
  });
});
