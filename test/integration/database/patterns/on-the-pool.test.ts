import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Logger, loadConfig } from '../../../../src/config/index.js';
import { ConnectionPool } from '../../../../src/database/connection-pool.js';
import { QueryPatterns, sql } from '../../../../src/database/patterns/index.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

let database: TestDatabase;
let pool: ConnectionPool;
let patterns: QueryPatterns;

beforeAll(async () => {
  database = await createDatabase({ migrated: false });
});

beforeEach(async () => {
  const config = loadConfig(
    { NODE_ENV: 'test', DATABASE_URL: database.url },
    { database: { pool: { max: 3 } } },
  );
  pool = new ConnectionPool(config, silent);
  patterns = new QueryPatterns(pool, { cursorSecrets: ['a secret of more than sixteen bytes'] });
  await pool.execute('DROP TABLE IF EXISTS items');
  await pool.execute('CREATE TABLE items (id int PRIMARY KEY, name text)');
});

afterEach(async () => {
  const { totalConnections, idleConnections } = pool.getPoolStatistics();
  await pool.close();
  expect(idleConnections).toBe(totalConnections);
});

afterAll(async () => {
  await database.drop();
});

const numbered = (count: number): object[] =>
  Array.from({ length: count }, (_, id) => ({ id, name: `n${id}` }));

const count = async (): Promise<number> => (await patterns.offsetPage({ table: 'items' })).total;

test('a bulk create in a transaction that is rolled back leaves nothing', async () => {
  const promise = pool.transaction(async () => {
    await patterns.bulkCreate({ table: 'items', rows: numbered(50), chunkRows: 10 });
    expect(await count()).toBe(50);
    throw new RangeError('changed my mind');
  });
  await expect(promise).rejects.toThrow(RangeError);
  expect(await count()).toBe(0);
});

test('a transaction commits what a bulk create wrote past a chunk that was refused', async () => {
  const rows = numbered(50).map((row, id) => (id === 25 ? { ...row, id: 'x' } : row));
  await pool.transaction(async (transaction) => {
    await patterns.bulkCreate({ table: 'items', rows, chunkRows: 10, continueOnError: true });
    await transaction.execute(`INSERT INTO items VALUES (1000, 'after')`);
  });
  expect(await count()).toBe(41);
});

test('a bulk create outside of a transaction keeps the chunks before the one that was refused', async () => {
  const rows = [...numbered(25), { id: 3, name: 'again' }];
  await expect(patterns.bulkCreate({ table: 'items', rows, chunkRows: 10 })).rejects.toMatchObject({
    code: 'BULK_WRITE_FAILED',
    cause: { code: '23505' },
  });
  expect(await count()).toBe(20);
});

test('streams side by side have connections of their own, and give them back however they end', async () => {
  await patterns.bulkCreate({ table: 'items', rows: numbered(500) });
  const read = async (limit: number): Promise<number> => {
    let rows = 0;
    for await (const _ of patterns.stream({ table: 'items', batchRows: 20 })) if (++rows === limit) break;
    return rows;
  };
  expect(await Promise.all([read(1), read(30), read(1_000), read(1_000)])).toEqual([1, 30, 500, 500]);
  const failing = patterns.stream({ statement: sql`SELECT 1 / (id - 100) FROM items`, batchRows: 20 });
  const drain = async (): Promise<void> => {
    for await (const _ of failing);
  };
  await expect(drain()).rejects.toMatchObject({ code: '22012' });
});

test('a signal ends a stream and a page on the server, and their connections come back', async () => {
  const endless = sql`SELECT i FROM generate_series(1, 1e15) AS i WHERE i < 0`;
  const controller = new AbortController();
  const running = [
    patterns.stream({ statement: endless, signal: controller.signal }).next(),
    patterns.search({
      table: 'items',
      columns: ['name'],
      term: 'n1',
      where: sql`EXISTS (${endless})`,
      signal: controller.signal,
    }),
  ];
  await patterns.bulkCreate({ table: 'items', rows: numbered(5) });
  const settled = Promise.allSettled(running);
  const active = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
    AND query LIKE '%FETCH%' AND pid <> pg_backend_pid()`;
  while ((await pool.query(active)).length === 0) await setImmediate();
  const reason = new Error('enough');
  controller.abort(reason);
  for (const outcome of await settled) {
    if (outcome.status === 'rejected') expect(outcome.reason).toBe(reason);
  }
  expect((await settled)[0]?.status).toBe('rejected');
});

test('a page in a transaction sees what that transaction has written', async () => {
  await pool.transaction(async () => {
    await pool.execute(`INSERT INTO items VALUES (1, 'mine')`);
    const page = await patterns.keysetPage({ table: 'items', orderBy: [{ column: 'name' }] });
    expect(page.items).toEqual([{ id: 1, name: 'mine' }]);
  });
});

test('a COPY is seen by the query log like any other statement', async () => {
  const before = pool.getPoolStatistics().queryCount;
  await patterns.bulkCreate({ table: 'items', rows: numbered(20), chunkRows: 10 });
  expect(pool.getPoolStatistics().queryCount).toBeGreaterThanOrEqual(before + 2);
  const copies = pool.statementSummaries().filter((summary) => summary.text.startsWith('COPY'));
  expect(copies.map((summary) => summary.calls)).toEqual([2]);
});
