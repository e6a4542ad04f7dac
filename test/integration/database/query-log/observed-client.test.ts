import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { silentLogger } from '../../../../src/config/index.js';
import { carryCallSites } from '../../../../src/database/query-log/carry-call-sites.js';
import { observedClientClass } from '../../../../src/database/query-log/observed-client.js';
import {
  type ObservedStatement,
  StatementObserver,
  type StatementObserverOptions,
} from '../../../../src/database/query-log/statement-observer.js';
import { PortalReader } from '../../../support/portal-reader.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';

let database: TestDatabase;
let pool: pg.Pool;
let observer: StatementObserver;
let seen: ObservedStatement[];

function open(options: StatementObserverOptions = {}, poolOptions: pg.PoolConfig = {}): void {
  observer = new StatementObserver(
    { slowThresholdMs: 60_000, logQueries: false, logParams: false },
    silentLogger,
    options,
  );
  seen = [];
  observer.onStatement((statement) => seen.push(statement));
  pool = new pg.Pool({
    connectionString: database.url,
    max: 2,
    Client: observedClientClass(observer),
    ...poolOptions,
  });
  carryCallSites(pool, observer);
  // The end of the pool does not wait for the end of its connections, which the drop of the database then breaks off.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', () => undefined);
}

beforeEach(async () => {
  database = await createDatabase();
  open();
});

afterEach(async () => {
  await pool.end();
  await database.drop();
});

async function withClient<T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await use(client);
  } finally {
    client.release();
  }
}

/** Runs `query` in one of its forms with a callback. */
const called = <T>(call: (done: (error: Error | null, result: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });

type Rows = pg.QueryResult<{ n: number }>;
const SQL = 'SELECT $1::int AS n';
const SHAPE = 'SELECT ?::int AS n';

describe('a client of an observed pool', () => {
  test.each<[string, (client: pg.ClientBase | pg.Pool) => Promise<Rows>]>([
    ['text and values', (client) => client.query(SQL, [7])],
    ['a config', (client) => client.query({ text: SQL, values: [7] })],
    ['a config and values', (client) => client.query({ text: SQL }, [7])],
    ['a name', (client) => client.query({ name: 'seven', text: SQL, values: [7] })],
    ['text, values and a callback', (client) => called((done) => client.query(SQL, [7], done))],
    ['a config and a callback', (client) => called((done) => client.query({ text: SQL, values: [7] }, done))],
  ])('answers and is observed once when asked by %s', async (_form, ask) => {
    expect((await ask(pool)).rows).toEqual([{ n: 7 }]);
    expect((await withClient(ask)).rows).toEqual([{ n: 7 }]);
    expect(seen).toMatchObject(
      Array(2).fill({ text: SHAPE, rows: 1, error: null, streamed: false, slow: false }),
    );
    expect(seen).toHaveLength(2);
    expect(seen[0]?.durationMs).toBeGreaterThan(0);
  });

  test('answers when asked by text and a callback, or by a config that holds its callback', async () => {
    const callbacks = [
      (client: pg.PoolClient) => called<Rows>((done) => client.query('SELECT 7 AS n', done)),
      (client: pg.PoolClient) =>
        called<Rows>((callback) => {
          // Not in the types, but in pg.
          const config: pg.QueryConfig & { callback: typeof callback } = { text: 'SELECT 7 AS n', callback };
          expect(client.query(config)).toBeUndefined();
        }),
    ];
    for (const ask of callbacks) expect((await withClient(ask)).rows).toEqual([{ n: 7 }]);
    expect(seen.map(({ text }) => text)).toEqual(['SELECT ? AS n', 'SELECT ? AS n']);
  });

  test('gives rows as arrays when asked to', async () => {
    expect((await pool.query({ text: SQL, values: [7], rowMode: 'array' })).rows).toEqual([[7]]);
    expect(seen).toHaveLength(1);
  });

  test('runs a pg.Query, which emits its rows, as an ordinary statement', async () => {
    await withClient(async (client) => {
      const query = new pg.Query({ text: 'SELECT generate_series(1, 3) AS n' });
      expect(client.query(query)).toBe(query);
      const rows: unknown[] = [];
      query.on('row', (row) => rows.push(row));
      await once(query, 'end');
      expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    });
    expect(seen).toMatchObject([{ text: 'SELECT generate_series(?, ?) AS n', rows: 3, streamed: false }]);
  });

  test('tells the rows touched, of several statements together, and of none where there is no number', async () => {
    await pool.query('CREATE TABLE t (n int)');
    await pool.query('INSERT INTO t SELECT generate_series(1, 5)');
    await pool.query('UPDATE t SET n = 0 WHERE n > 2; DELETE FROM t WHERE n = 1');
    expect(seen.map(({ rows }) => rows)).toEqual([null, 5, 4]);
  });

  test('passes errors on as they are, whichever way they are told', async () => {
    const asPromise = withClient((client) => client.query('SELECT nonsense'));
    await expect(asPromise).rejects.toMatchObject({ code: '42703' });
    const byCallback = withClient((client) => called((done) => client.query('SELECT nonsense', done)));
    await expect(byCallback).rejects.toMatchObject({ code: '42703' });
    await expect(pool.query('SELECT 1/0')).rejects.toMatchObject({ code: '22012' });
    expect(seen.map(({ error }) => (error as pg.DatabaseError | null)?.code)).toEqual([
      '42703',
      '42703',
      '22012',
    ]);
    expect(observer).toMatchObject({ queryCount: 3, errorCount: 3 });
  });

  test('refuses what pg refuses, and counts no statement for it', async () => {
    await withClient(async (client) => {
      expect(() => client.query(null as unknown as string)).toThrow(TypeError);
    });
    expect(observer.queryCount).toBe(0);
  });

  test('has its figures when the caller goes on', async () => {
    await pool.query('SELECT 1');
    expect(observer.queryCount).toBe(1);
    await withClient((client) => client.query('SELECT 1'));
    expect(observer.queryCount).toBe(2);
  });

  test('counts a statement once that ran into the read timeout', async () => {
    await pool.end();
    open({}, { query_timeout: 20 });
    await expect(pool.query('SELECT pg_sleep(5)')).rejects.toThrow('Query read timeout');
    // The connection is closed by the pool, so the late answer has come by the end of it.
    await pool.end();
    expect(observer).toMatchObject({ queryCount: 1, errorCount: 1 });
    open();
  });

  test('counts a statement whose connection was lost', async () => {
    const error = await withClient(async (client) => {
      client.on('error', () => undefined);
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const lost = client.query('SELECT pg_sleep(60)').catch((caught: unknown) => caught);
      await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      return lost;
    });
    expect(error).toBeInstanceOf(Error);
    expect(observer.errorCount).toBe(1);
  });

  test('observes statements of Submittables that read in portions when they end, and restores their handlers', async () => {
    await withClient(async (client) => {
      const reader = new PortalReader('SELECT generate_series(1, $1::int) AS n', [7]);
      const handlers = Object.keys(reader);
      expect(client.query(reader)).toBe(reader);
      expect(await reader.read(3)).toEqual(['1', '2', '3']);
      expect(observer.queryCount).toBe(0);
      expect(await reader.read(3)).toEqual(['4', '5', '6']);
      expect(await reader.read(3)).toEqual(['7']);
      await reader.closed;
      expect(Object.keys(reader)).toEqual(handlers);
      expect(Object.hasOwn(reader, 'handleReadyForQuery')).toBe(false);
      expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    });
    expect(seen[0]).toMatchObject({
      text: 'SELECT generate_series(?, ?::int) AS n',
      rows: 7,
      streamed: true,
      error: null,
    });
    expect(observer.latency.count).toBe(1);
  });

  test('observes the failure of such a Submittable', async () => {
    await withClient(async (client) => {
      const reader = new PortalReader('SELECT 1 / (3 - generate_series(1, $1::int)) AS n', [5]);
      client.query(reader);
      await expect(reader.read(10)).rejects.toMatchObject({ code: '22012' });
      await reader.closed;
      expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    });
    expect(observer).toMatchObject({ queryCount: 2, errorCount: 1 });
  });

  test('does not let the read timeout of a Submittable that ended fail whoever has the connection then', async () => {
    await pool.end();
    open({}, { query_timeout: 2_000, max: 1 });
    await withClient(async (client) => {
      const reader = new PortalReader('SELECT 1 AS n', []);
      client.query(reader);
      await reader.read(10);
      await reader.closed;
      const deadline = performance.now() + 2_200;
      while (performance.now() < deadline) await client.query('SELECT 1');
      expect(reader.errors).toEqual([]);
    });
    expect(observer.errorCount).toBe(0);
  });

  test('passes a frozen Submittable on, unobserved', async () => {
    await withClient(async (client) => {
      const reader = new PortalReader('SELECT 1 AS n', []);
      client.query(Object.freeze(reader));
      expect(await reader.read(10)).toEqual(['1']);
      await reader.closed;
    });
    expect(observer.queryCount).toBe(0);
  });

  test('knows no call site unless asked', async () => {
    await pool.query('SELECT 1');
    expect(seen[0]?.callSite).toBeNull();
  });

  test('knows the call site of statements on the pool and on a client, in every form', async () => {
    await pool.end();
    open({ callSites: true });
    await Promise.all([
      pool.query('SELECT 1'),
      pool.query({ text: SQL, values: [7] }),
      withClient((client) => client.query(SQL, [1])),
    ]);
    await withClient((client) => called((done) => client.query('SELECT 1', done)));
    await withClient(async (client) => once(client.query(new pg.Query('SELECT 1')), 'end'));
    expect(seen).toHaveLength(5);
    for (const { callSite } of seen) expect(callSite).toMatch(/observed-client\.test\.ts:\d+:\d+/);
  });
});
