import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { installInvalidationTriggers } from '../../../../src/database/outbox/trigger-sql.js';
import { copyIn } from '../../../../src/database/patterns/copy-in.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';
import { type Recorded, takeRecorded } from './fixtures.js';

const TABLES = [
  { table: 'items', idColumns: ['id'] },
  { table: 'lines', idColumns: ['item_id', 'line_no'] },
  { table: 'notes', idColumns: ['id'] },
  { table: 'item_tags', idColumns: [] },
];

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createDatabase({ migrated: false });
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    CREATE TABLE items (id int PRIMARY KEY, n int NOT NULL DEFAULT 0);
    CREATE TABLE lines (
      item_id int REFERENCES items ON DELETE CASCADE ON UPDATE CASCADE, line_no int, PRIMARY KEY (item_id, line_no));
    CREATE TABLE notes (
      id int PRIMARY KEY, item_id int REFERENCES items ON DELETE SET NULL ON UPDATE CASCADE);
    CREATE TABLE item_tags (item_id int, tag_id int);
    CREATE TABLE unwatched (id int PRIMARY KEY)`);
  await client.query(installInvalidationTriggers(TABLES));
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

beforeEach(async () => {
  await client.query('TRUNCATE items, lines, notes, item_tags, unwatched');
  await client.query('INSERT INTO items SELECT generate_series(1, 5)');
  await takeRecorded(database.url);
});

/** What is recorded of one statement. */
async function recordedOf(sql: string): Promise<readonly Recorded[]> {
  await client.query(sql);
  return takeRecorded(database.url);
}

describe('of a statement on a watched table', () => {
  test.each<[string, string, Recorded[]]>([
    ['an insert', 'INSERT INTO items VALUES (6), (7)', [['items', ['6', '7']]]],
    ['an update', 'UPDATE items SET n = 1 WHERE id < 3', [['items', ['1', '2']]]],
    ['a delete', 'DELETE FROM items WHERE id = 3', [['items', ['3']]]],
    [
      'an upsert that inserts and updates',
      'INSERT INTO items VALUES (5), (6) ON CONFLICT (id) DO UPDATE SET n = 1',
      [
        ['items', ['5']],
        ['items', ['6']],
      ],
    ],
    ['a change of the primary key', 'UPDATE items SET id = 50 WHERE id = 5', [['items', ['5', '50']]]],
    ['a TRUNCATE', 'TRUNCATE item_tags', [['item_tags', null]]],
    [
      'a WITH that writes twice',
      'WITH gone AS (DELETE FROM items WHERE id = 1 RETURNING id) INSERT INTO notes SELECT id FROM gone',
      [
        ['items', ['1']],
        ['notes', ['1']],
      ],
    ],
    ['an insert of 1,000 rows', 'INSERT INTO notes SELECT generate_series(1, 1000)', [['notes', ids(1000)]]],
    ['an insert of more', 'INSERT INTO notes SELECT generate_series(1, 1001)', [['notes', null]]],
    ['an id of two columns', 'INSERT INTO lines VALUES (1, 2)', [['lines', ['["1", "2"]']]]],
    ['a table without ids', 'INSERT INTO item_tags VALUES (1, 1)', [['item_tags', null]]],
  ])('%s is recorded', async (_what, sql, expected) => {
    expect(inAnyOrder(await recordedOf(sql))).toEqual(inAnyOrder(expected));
  });

  test.each([
    'UPDATE items SET n = 1 WHERE id = 99',
    'DELETE FROM items WHERE id = 99',
    'INSERT INTO items VALUES (1) ON CONFLICT DO NOTHING',
    'INSERT INTO items SELECT 1 WHERE false',
    'DELETE FROM item_tags',
    'INSERT INTO unwatched VALUES (1)',
  ])('nothing is recorded when no row of it changed: %s', async (sql) => {
    expect(await recordedOf(sql)).toEqual([]);
  });

  test('more than 1,000 rows updated or deleted at once are recorded as any row', async () => {
    await recordedOf('INSERT INTO notes SELECT generate_series(1, 1001)');
    expect(await recordedOf('UPDATE notes SET item_id = 1')).toEqual([['notes', null]]);
    expect(await recordedOf('DELETE FROM notes')).toEqual([['notes', null]]);
  });

  test('rows that COPY brings are recorded', async () => {
    await copyIn(client, 'COPY notes (id) FROM STDIN', Buffer.from('1\n2\n'));
    expect(await takeRecorded(database.url)).toEqual([['notes', ['1', '2']]]);
  });
});

describe('what follows from a statement on another table', () => {
  beforeEach(async () => {
    await client.query('INSERT INTO lines VALUES (1, 1), (1, 2), (2, 1), (3, 1)');
    await client.query('INSERT INTO notes VALUES (10, 1), (11, 2), (12, 3)');
    await takeRecorded(database.url);
  });

  test('is recorded once for each table when keys cascade or are set to null, however many rows led there', async () => {
    expect(inAnyOrder(await recordedOf('DELETE FROM items WHERE id < 3'))).toEqual(
      inAnyOrder([
        ['items', ['1', '2']],
        ['lines', ['["1", "1"]', '["1", "2"]', '["2", "1"]']],
        ['notes', ['10', '11']],
      ]),
    );
  });

  test('is recorded with the ids before and after when a changed key cascades', async () => {
    expect(inAnyOrder(await recordedOf('UPDATE items SET id = 30 WHERE id = 3'))).toEqual(
      inAnyOrder([
        ['items', ['3', '30']],
        ['lines', ['["3", "1"]', '["30", "1"]']],
        ['notes', ['12']],
      ]),
    );
  });

  test('is recorded for each table that TRUNCATE reaches', async () => {
    expect(inAnyOrder(await recordedOf('TRUNCATE items CASCADE'))).toEqual([
      ['items', null],
      ['lines', null],
      ['notes', null],
    ]);
  });

  test('is recorded when a trigger of the application makes it', async () => {
    await client.query(`
      CREATE FUNCTION count_up() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN UPDATE items SET n = n + 1 WHERE id = 4; RETURN NEW; END';
      CREATE TRIGGER count_up BEFORE INSERT ON unwatched FOR EACH ROW EXECUTE FUNCTION count_up()`);
    expect(await recordedOf('INSERT INTO unwatched VALUES (1)')).toEqual([['items', ['4']]]);
  });
});

describe('what a transaction has recorded', () => {
  test('is there with its commit and not before', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE items SET n = 1 WHERE id = 1');
    expect(await takeRecorded(database.url)).toEqual([]);
    await client.query('COMMIT');
    expect(await takeRecorded(database.url)).toEqual([['items', ['1']]]);
  });

  test('is gone with what was rolled back, and stays for what was kept', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE items SET n = 1 WHERE id = 1');
    await client.query('SAVEPOINT s');
    await client.query('UPDATE items SET n = 1 WHERE id = 2');
    await client.query('ROLLBACK TO SAVEPOINT s');
    await client.query('COMMIT');
    expect(await takeRecorded(database.url)).toEqual([['items', ['1']]]);

    await client.query('BEGIN');
    await client.query('UPDATE items SET n = 1 WHERE id = 3');
    await client.query('ROLLBACK');
    expect(await takeRecorded(database.url)).toEqual([]);
  });
});

test('ids read the same whatever the settings of the session that changes the rows', async () => {
  await client.query(
    'CREATE TABLE readings (at timestamptz, mark bytea, share float8, PRIMARY KEY (at, mark, share))',
  );
  await client.query(
    installInvalidationTriggers([{ table: 'readings', idColumns: ['at', 'mark', 'share'] }]),
  );
  const other = new Client({ connectionString: database.url });
  await other.connect();
  try {
    await other.query(
      "SET timezone = 'Asia/Tokyo'; SET datestyle = 'SQL, DMY'; SET bytea_output = 'escape'; SET extra_float_digits = -10",
    );
    await other.query(
      "INSERT INTO readings VALUES ('2030-01-02 03:04:05.678901+00', '\\x00ff', 0.1::float8 + 0.2)",
    );
    expect((await other.query('SHOW timezone')).rows).toEqual([{ TimeZone: 'Asia/Tokyo' }]);
  } finally {
    await other.end();
  }
  expect(await takeRecorded(database.url)).toEqual([
    ['readings', ['["2030-01-02 03:04:05.678901+00", "\\\\x00ff", "0.30000000000000004"]']],
  ]);
});

/** The texts of 1 to n, sorted as texts are. */
function ids(n: number): string[] {
  return Array.from({ length: n }, (_, index) => String(index + 1)).sort();
}

function inAnyOrder(changes: readonly Recorded[]): Recorded[] {
  return [...changes].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
