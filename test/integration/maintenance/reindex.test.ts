import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { createDatabase, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';
import { maintenanceOf, outcomes, tableWithDeadRows, untilAt, whileHolding } from './fixtures.js';

let database: TestDatabase;
let url: string;

beforeEach(async () => {
  database = await createDatabase({ migrated: false });
  url = database.url;
});
afterEach(() => database.drop());

function invalidIndexes(): Promise<{ name: string }[]> {
  return runSql(
    url,
    'SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid ORDER BY name',
  );
}

/** A table with an index on a function that fails from now on, so that the index cannot be built again. */
async function tableThatCannotBeIndexed(): Promise<void> {
  const body = (statement: string) =>
    `CREATE OR REPLACE FUNCTION double(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN ${statement}; END $$`;
  await runSql(
    url,
    `${body('RETURN 2 * i')}; CREATE TABLE broken (id int); INSERT INTO broken VALUES (1);
     CREATE INDEX broken_index ON broken (double(id)); ${body("RAISE EXCEPTION 'no more doubles'")}`,
  );
}

describe('reindex', () => {
  test('is refused with a typed error unless it is enabled', async () => {
    await expect(maintenanceOf(url, { enableReindex: false }).reindex()).rejects.toMatchObject({
      code: 'REINDEX_DISABLED',
      message: expect.stringContaining('DB_ENABLE_REINDEX=true'),
    });
  });

  test('builds the indexes of a table anew, while it is in use, and makes them smaller', async () => {
    await tableWithDeadRows(url, 'users', 20_000);
    await maintenanceOf(url).vacuum();
    const filenode = "SELECT pg_relation_filenode('users_pkey') AS node";
    const before = await runSql(url, filenode);
    const report = await maintenanceOf(url).reindex({ tables: ['users'] });
    const [result] = report.results;
    expect(result).toMatchObject({
      status: 'done',
      statement: 'REINDEX TABLE CONCURRENTLY "public"."users"',
      droppedIndexes: [],
    });
    expect(result?.after?.sizeBytes).toBeLessThan(result?.before?.sizeBytes ?? 0);
    expect(await runSql(url, filenode)).not.toEqual(before);
  });

  test('that fails leaves no invalid index behind, says which it dropped, and goes on', async () => {
    await tableThatCannotBeIndexed();
    await tableWithDeadRows(url, 'users');
    const report = await maintenanceOf(url).reindex();
    expect(outcomes(report.results)).toEqual({ 'public.broken': 'failed: error', 'public.users': 'done' });
    expect(report.results[0]).toMatchObject({
      reason: { message: expect.stringContaining('no more doubles') },
      droppedIndexes: ['public.broken_index_ccnew'],
      leftIndexes: [],
    });
    expect(await invalidIndexes()).toEqual([]);
  });

  test('that is aborted half-way leaves no invalid index behind', async () => {
    await runSql(url, 'CREATE TABLE users (id int PRIMARY KEY)');
    const abort = new AbortController();
    const running = whileHolding(url, 'INSERT INTO users VALUES (0)', async () => {
      // REINDEX has made the empty copy and waits for the writer; so does the DROP, until this block has ended.
      const reindexing = maintenanceOf(url).reindex({ signal: abort.signal });
      await eventually(invalidIndexes, ({ length }) => length > 0);
      abort.abort();
      await untilAt(url, 'DROP INDEX');
      return { reindexing };
    });
    const report = await (await running).reindexing;
    expect(outcomes(report.results)).toEqual({ 'public.users': 'stopped: cancelled' });
    expect(report.results[0]?.droppedIndexes).toEqual(['public.users_pkey_ccnew']);
    expect(await invalidIndexes()).toEqual([]);
  });

  test('names an invalid index that it cannot drop because of a lock, and drops it the next time', async () => {
    await runSql(url, 'CREATE TABLE users (id int PRIMARY KEY)');
    const report = await whileHolding(url, 'INSERT INTO users VALUES (0)', () =>
      maintenanceOf(url).reindex({ lockTimeoutMs: 150 }),
    );
    expect(outcomes(report.results)).toEqual({ 'public.users': 'skipped: lock-timeout' });
    expect(report.results[0]).toMatchObject({
      droppedIndexes: [],
      leftIndexes: ['public.users_pkey_ccnew'],
      reason: { message: expect.stringContaining('the holder') },
    });
    expect(await maintenanceOf(url).report()).toMatchObject([
      { table: 'public.users', invalidIndexes: ['public.users_pkey_ccnew'] },
    ]);
    const again = await maintenanceOf(url).reindex();
    expect(again.results[0]).toMatchObject({ status: 'done', droppedIndexes: ['public.users_pkey_ccnew'] });
    expect(await invalidIndexes()).toEqual([]);
  });

  test('leaves an invalid index of someone else alone', async () => {
    await runSql(url, 'CREATE TABLE t (id int PRIMARY KEY, x int); INSERT INTO t VALUES (1, 1), (2, 1)');
    await expect(runSql(url, 'CREATE UNIQUE INDEX CONCURRENTLY t_unique ON t (x)')).rejects.toMatchObject({
      code: '23505',
    });
    expect((await maintenanceOf(url).reindex()).results[0]?.droppedIndexes).toEqual([]);
    expect(await invalidIndexes()).toEqual([{ name: 't_unique' }]);
  });

  test('leaves out a table without indexes', async () => {
    await runSql(url, 'CREATE TABLE bare (id int)');
    const report = await maintenanceOf(url).reindex();
    expect(outcomes(report.results)).toEqual({ 'public.bare': 'skipped: no-indexes' });
    expect(report.ok).toBe(true);
  });
});
