import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { fenceMarker } from '../../../../src/database/outbox/fenced-statements.js';
import { installInvalidationTriggers } from '../../../../src/database/outbox/trigger-sql.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';
import { type Recorded, takeRecorded } from './fixtures.js';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createDatabase({ migrated: false });
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    CREATE TABLE owners (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, mentor int);
    CREATE TABLE pets (id int PRIMARY KEY, owner_id int REFERENCES owners ON DELETE CASCADE);
    CREATE TABLE toys (id int PRIMARY KEY, pet_id int REFERENCES pets ON DELETE CASCADE);
    CREATE FUNCTION tell_mentor() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN UPDATE owners SET n = n + 1 WHERE id = NEW.mentor; RETURN NULL; END';
    CREATE TRIGGER tell_mentor AFTER UPDATE OF mentor ON owners FOR EACH ROW EXECUTE FUNCTION tell_mentor();
    CREATE FUNCTION count_toys() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN UPDATE owners SET n = n + 1 WHERE id = 1; RETURN NULL; END';
    CREATE TRIGGER count_toys AFTER INSERT ON toys FOR EACH STATEMENT EXECUTE FUNCTION count_toys()`);
  const tables = ['owners', 'pets', 'toys'].map((table) => ({ table, idColumns: ['id'] }));
  await client.query(installInvalidationTriggers(tables));
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

beforeEach(async () => {
  await client.query('TRUNCATE owners, pets, toys');
  await client.query('INSERT INTO owners SELECT generate_series(1, 3)');
  await client.query('INSERT INTO pets SELECT n, n FROM generate_series(1, 3) AS n');
  await client.query('INSERT INTO toys SELECT n, n FROM generate_series(1, 3) AS n');
  await takeRecorded(database.url);
});

async function recordedOf(sql: string, marker = ''): Promise<readonly Recorded[]> {
  await client.query(`${marker}${sql}`);
  return takeRecorded(database.url);
}

const marker = (...tables: string[]): string => fenceMarker('holdfast_outbox', tables) ?? '';

describe('a statement that is marked for a table', () => {
  test.each([
    'INSERT INTO owners VALUES (7)',
    'UPDATE owners SET n = 1',
    'DELETE FROM toys WHERE id = 1',
    'INSERT INTO owners VALUES (1), (8) ON CONFLICT (id) DO UPDATE SET n = 1',
    'TRUNCATE toys',
  ])('records nothing of it: %s', async (sql) => {
    expect(await recordedOf(sql, marker('owners', 'toys'))).toEqual([]);
  });

  test('records nothing when the marker names it with its schema', async () => {
    expect(await recordedOf('UPDATE owners SET n = 1', marker('public.owners'))).toEqual([]);
  });

  test('records nothing when a parameterized or a prepared one is sent', async () => {
    const text = `${marker('owners')}UPDATE owners SET n = $1 WHERE id = 1`;
    await client.query(text, [1]);
    for (const n of [1, 2]) await client.query({ text, values: [n], name: 'marked' });
    expect(await takeRecorded(database.url)).toEqual([]);
  });

  test('records nothing of its cascades into tables that it is marked for, and those into others', async () => {
    expect(await recordedOf('DELETE FROM owners WHERE id = 1', marker('owners', 'pets', 'toys'))).toEqual([]);
    expect(await recordedOf('DELETE FROM owners WHERE id = 2', marker('owners', 'toys'))).toEqual([
      ['pets', ['2']],
    ]);
    expect(await recordedOf('DELETE FROM owners WHERE id = 3', marker('owners', 'pets'))).toEqual([
      ['toys', ['3']],
    ]);
  });

  test('records what a trigger does to another table', async () => {
    expect(await recordedOf('INSERT INTO toys VALUES (9)', marker('toys'))).toEqual([['owners', ['1']]]);
  });

  test('records what a trigger does to other rows of that table, which no fence is for', async () => {
    expect(await recordedOf('UPDATE owners SET mentor = 2 WHERE id = 1', marker('owners'))).toEqual([
      ['owners', ['2']],
    ]);
  });
});

describe('a change is recorded', () => {
  const update = 'UPDATE owners SET n = 1 WHERE id = 1';

  test.each([
    ['other tables', fenceMarker('holdfast_outbox', ['pets', 'toys'])],
    ['a table with a longer name', fenceMarker('holdfast_outbox', ['owners2', 'xowners'])],
    ['a table of its name in another schema', fenceMarker('holdfast_outbox', ['other.owners'])],
    ['another outbox', fenceMarker('second', ['owners'])],
  ])('when the marker is for %s', async (_what, mark) => {
    expect(mark).not.toBeNull();
    expect(await recordedOf(update, mark ?? '')).toEqual([['owners', ['1']]]);
  });

  test('when the marker does not stand first', async () => {
    expect(await recordedOf(update, ` ${marker('owners')}`)).toEqual([['owners', ['1']]]);
    expect(await recordedOf(`SELECT '${marker('owners')}'; ${update}`)).toEqual([['owners', ['1']]]);
  });

  test('when only the statement before it was marked', async () => {
    await client.query('BEGIN');
    await client.query(`${marker('owners')}${update}`);
    await client.query('UPDATE owners SET n = 2 WHERE id = 2');
    await client.query('COMMIT');
    expect(await takeRecorded(database.url)).toEqual([['owners', ['2']]]);
  });
});
