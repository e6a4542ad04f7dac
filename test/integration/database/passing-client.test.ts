import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { loadConfig, silentLogger } from '../../../src/config/index.js';
import { ConnectionPool } from '../../../src/database/index.js';
import { PassingClient } from '../../../src/database/pool/passing-client.js';
import { calledOnce, PassingQuery } from '../../../src/database/pool/passing-query.js';
import { createDatabase, type TestDatabase } from '../../support/servers.js';

let database: TestDatabase;
let ours: PassingClient;
let theirs: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  const config = { connectionString: database.url, query_timeout: 60_000 };
  ours = new PassingClient(config);
  theirs = new pg.Client(config);
  await Promise.all([ours.connect(), theirs.connect()]);
});
afterAll(async () => {
  await Promise.all([ours?.end(), theirs?.end()]);
  await database?.drop();
});

/** What a query gives: of its result what a caller can see, or its error. */
async function outcomeOf(client: pg.Client, run: (client: pg.Client) => Promise<unknown>): Promise<unknown> {
  const shown = (result: unknown): unknown => {
    if (Array.isArray(result)) return result.map(shown);
    const { command, rowCount, rows, fields } = result as pg.QueryResult;
    return { command, rowCount, rows, fields: fields.map(({ name, dataTypeID }) => [name, dataTypeID]) };
  };
  try {
    return shown(await run(client));
  } catch (error) {
    const { message, code, position } = error as pg.DatabaseError;
    return { message, code, position };
  }
}

const byCallback =
  (...args: unknown[]) =>
  (client: pg.Client): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const callback = (error: Error | null, result: unknown) => (error ? reject(error) : resolve(result));
      expect(Reflect.apply(client.query, client, [...args, callback])).toBeUndefined();
    });

describe('a client that lets go of results', () => {
  test.each<[string, (client: pg.Client) => Promise<unknown>]>([
    ['a text', (client) => client.query('SELECT 1 AS one, NULL AS nothing')],
    ['a text with values', (client) => client.query('SELECT $1::int + 1 AS sum', [41])],
    ['a config', (client) => client.query({ text: 'SELECT $1::text AS it', values: ['x'] })],
    ['a config and values', (client) => client.query({ text: 'SELECT $1::text AS it' }, ['y'])],
    [
      'a prepared statement',
      (client) => client.query({ name: 'a', text: 'SELECT $1::int AS n', values: [1] }),
    ],
    ['it again', (client) => client.query({ name: 'a', text: 'SELECT $1::int AS n', values: [2] })],
    ['rows as arrays', (client) => client.query({ text: 'SELECT 1, 2', rowMode: 'array' })],
    ['several statements', (client) => client.query('SELECT 1 AS a; SELECT 2 AS b')],
    ['no statement', (client) => client.query('')],
    ['an error', (client) => client.query('SELECT * FROM nothing_of_this_name')],
    ['an error in a value', (client) => client.query('SELECT $1::int', ['x'])],
    ['a text and a callback', byCallback('SELECT 3 AS three')],
    ['values and a callback', byCallback('SELECT $1::int AS n', [4])],
    ['a config and a callback', byCallback({ text: 'SELECT 5 AS five' })],
    ['an error and a callback', byCallback('SELEKT')],
  ])('takes what pg takes and gives what it gives: %s', async (_, run) => {
    const expected = await outcomeOf(theirs, run);
    expect(expected).toBeDefined();
    expect(await outcomeOf(ours, run)).toEqual(expected);
  });

  test.each([null, undefined])('says what pg says when it is asked for %s', async (nothing) => {
    const ask = (client: pg.Client) => Reflect.apply(client.query, client, [nothing]);
    expect(() => ask(theirs)).toThrow(TypeError);
    expect(() => ask(ours)).toThrow(TypeError);
  });

  test('leads from an error to the caller', async () => {
    const error = await ours.query('SELECT 1/0').catch((failure: Error) => failure);
    expect((error as Error).stack).toContain('passing-client.test');
  });

  test('gives the limit of its own call precedence, and goes on with the next statement', async () => {
    const slow = { text: 'SELECT pg_sleep(0.5)', query_timeout: 50 } as pg.QueryConfig;
    await expect(ours.query(slow)).rejects.toThrow('Query read timeout');
    expect((await ours.query('SELECT 6 AS six')).rows).toEqual([{ six: 6 }]);
  });

  test('runs what was made by others as it is, and keeps nothing of what it made', async () => {
    const query = new PassingQuery({ text: 'SELECT $1::int AS n', values: [7] });
    const result = await new Promise<pg.QueryResult>((resolve, reject) => {
      const done = (error: Error | null, given: pg.QueryResult) => (error ? reject(error) : resolve(given));
      Reflect.apply(ours.query, ours, [query, undefined, done]);
    });
    expect(result.rows).toEqual([{ n: 7 }]);
    expect([query.values, query._result, query._results]).toEqual([undefined, undefined, undefined]);
    const own = new pg.Query('SELECT 8 AS eight');
    const rows: unknown[] = [];
    own.on('row', (row) => rows.push(row));
    const ended = new Promise((resolve) => own.on('end', resolve));
    ours.query(own);
    await ended;
    expect(rows).toEqual([{ eight: 8 }]);
  });
});

test('a callback is called once', () => {
  const calls: unknown[] = [];
  const callback = calledOnce((error, result) => calls.push([error, result]));
  callback(null, 1);
  callback(new Error('late'));
  expect(calls).toEqual([[null, 1]]);
});

describe('a statement that is read as texts', () => {
  let pool: ConnectionPool;
  beforeAll(() => {
    pool = new ConnectionPool(
      loadConfig({ NODE_ENV: 'test', DATABASE_URL: database.url, DB_POOL_MAX: '1' }),
      silentLogger,
    );
  });
  afterAll(() => pool?.close());

  test('hands on the types of its columns, then each row as it was sent', async () => {
    const seen: unknown[] = [];
    await pool.queryTexts(
      'SELECT n, n > $1::int AS more, NULL AS nothing FROM generate_series(1, 2) n',
      () => [1],
      {},
      { columns: (types) => seen.push(types), row: (texts) => seen.push(texts) },
    );
    expect(seen).toEqual([
      [23, 16, 25],
      ['1', 'f', null],
      ['2', 't', null],
    ]);
    const { queryCount, errorCount } = pool.getPoolStatistics();
    expect([queryCount, errorCount]).toEqual([1, 0]);
  });

  test('fails with what the taker of its rows threw, and its connection goes on', async () => {
    let rows = 0;
    const refuse = (): void => {
      rows += 1;
      throw new Error('not this one');
    };
    const asked = pool.queryTexts(
      'SELECT generate_series(1, 3)',
      () => [],
      {},
      { columns: () => undefined, row: refuse },
    );
    await expect(asked).rejects.toThrow('not this one');
    expect(rows).toBe(1);
    expect(await pool.query('SELECT 9 AS nine')).toEqual([{ nine: 9 }]);
  });

  test('fails as any other when the server refuses it', async () => {
    const nobody = { columns: () => undefined, row: () => undefined };
    await expect(pool.queryTexts('SELECT nothing', () => [], {}, nobody)).rejects.toMatchObject({
      code: '42703',
    });
    expect(await pool.query('SELECT 10 AS ten')).toEqual([{ ten: 10 }]);
  });
});
