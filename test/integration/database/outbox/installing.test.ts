import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { fenceMarker } from '../../../../src/database/outbox/fenced-statements.js';
import type { InvalidatedTable } from '../../../../src/database/outbox/invalidated-table.js';
import { Outbox } from '../../../../src/database/outbox/outbox.js';
import {
  installInvalidationTriggers,
  uninstallInvalidationTriggers,
} from '../../../../src/database/outbox/trigger-sql.js';
import { quoteIdentifier } from '../../../../src/database/patterns/identifiers.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';
import { poolOn, takeRecorded } from './fixtures.js';

let database: TestDatabase;
let client: Client;

beforeEach(async () => {
  database = await createDatabase({ migrated: false });
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

const recorded = (schema?: string) => takeRecorded(database.url, schema);
const plain = (table: string): InvalidatedTable => ({ table, idColumns: ['id'] });

describe('installing the triggers', () => {
  test('again changes nothing, and takes tables and columns that are new', async () => {
    await client.query('CREATE TABLE a (id int, code text); CREATE TABLE b (id int)');
    for (let n = 0; n < 2; n += 1) await client.query(installInvalidationTriggers([plain('a')]));
    await client.query("INSERT INTO a VALUES (1, 'x')");
    await client.query(installInvalidationTriggers([{ table: 'a', idColumns: ['code'] }, plain('b')]));
    await client.query("INSERT INTO a VALUES (2, 'y'); INSERT INTO b VALUES (3)");
    expect(await recorded()).toEqual([
      ['a', ['1']],
      ['a', ['y']],
      ['b', ['3']],
    ]);
  });

  test('can be taken back from some tables, again and again', async () => {
    await client.query('CREATE TABLE a (id int); CREATE TABLE b (id int)');
    await client.query(installInvalidationTriggers([plain('a'), plain('b')]));
    await client.query('INSERT INTO a VALUES (1)');
    for (let n = 0; n < 2; n += 1)
      await client.query(uninstallInvalidationTriggers([plain('a'), plain('never_was')]));
    await client.query('INSERT INTO a VALUES (2); INSERT INTO b VALUES (3); TRUNCATE a');
    expect(await recorded()).toEqual([
      ['a', ['1']],
      ['b', ['3']],
    ]);
    await client.query(uninstallInvalidationTriggers([plain('b')]));
    await client.query('DROP TABLE holdfast_outbox.outbox; DROP SCHEMA holdfast_outbox');
  });

  test('for two outboxes records in both, and a marker is for one of them', async () => {
    await client.query('CREATE TABLE a (id int)');
    for (const outboxSchema of ['holdfast_outbox', 'second'])
      await client.query(installInvalidationTriggers([plain('a')], { outboxSchema }));
    await client.query('INSERT INTO a VALUES (1)');
    await client.query(`${fenceMarker('second', ['a'])}INSERT INTO a VALUES (2)`);
    expect(await recorded()).toEqual([
      ['a', ['1']],
      ['a', ['2']],
    ]);
    expect(await recorded('second')).toEqual([['a', ['1']]]);
  });

  test('tells tables of one name in two schemas apart', async () => {
    await client.query(`
      CREATE SCHEMA billing; CREATE TABLE billing.a (number int, id int); CREATE TABLE a (id int)`);
    await client.query(
      installInvalidationTriggers([plain('a'), { schema: 'billing', table: 'a', idColumns: ['number'] }]),
    );
    await client.query('INSERT INTO a VALUES (1); INSERT INTO billing.a VALUES (2, 1)');
    await client.query(`${fenceMarker('holdfast_outbox', ['billing.a'])}INSERT INTO a VALUES (3)`);
    await client.query(`${fenceMarker('holdfast_outbox', ['billing.a'])}INSERT INTO billing.a VALUES (4, 1)`);
    const { rows } = await client.query(
      'SELECT table_schema, table_name, ids FROM holdfast_outbox.outbox ORDER BY id',
    );
    expect(rows).toEqual([
      { table_schema: 'public', table_name: 'a', ids: ['1'] },
      { table_schema: 'billing', table_name: 'a', ids: ['2'] },
      { table_schema: 'public', table_name: 'a', ids: ['3'] },
    ]);
  });
});

describe('a name', () => {
  test.each<[string, string, string]>([
    ['User', 'userId', 'holdfast_outbox'],
    ['odd "name', "id's", 'cache "outbox'],
    ['select', '$holdfast$ id', 'Cache Outbox'],
    ['changed', 'changed', 'sent'],
    ['$holdfast$; DROP TABLE x; --', 'r', "it's"],
    ['back\\slash', '\\', '\\'],
    ['ü'.repeat(31), 'ü'.repeat(31), 'ü'.repeat(31)],
    ['x'.repeat(63), 'y'.repeat(63), 'z'.repeat(63)],
    ['line\nbreak', 'tab\t', 'a.b'],
  ])('may be anything: table %j, column %j, outbox %j', async (table, column, outboxSchema) => {
    const [quoted, id] = [quoteIdentifier(table), quoteIdentifier(column)];
    await client.query(`CREATE TABLE ${quoted} (${id} int PRIMARY KEY, "changed " int)`);
    await client.query(installInvalidationTriggers([{ table, idColumns: [column] }], { outboxSchema }));
    const pool = poolOn(database.url);
    try {
      const outbox = new Outbox(pool, outboxSchema);
      expect(await outbox.isInstalled()).toBe(true);
      const taken: unknown[] = [];
      for (const sql of [
        `INSERT INTO ${quoted} VALUES (1)`,
        `UPDATE ${quoted} SET ${id} = 2`,
        `DELETE FROM ${quoted}`,
        `TRUNCATE ${quoted}`,
      ]) {
        await client.query(sql);
        const moment = await outbox.now();
        expect(await outbox.isDrainedUpTo(moment)).toBe(false);
        await outbox.take(
          async (changes) => void taken.push(...changes.map(({ ids }) => ids?.toSorted() ?? null)),
        );
        expect(await outbox.isDrainedUpTo(moment)).toBe(true);
      }
      expect(taken).toEqual([['1'], ['1', '2'], ['2'], null]);
    } finally {
      await pool.close();
    }
    await client.query(uninstallInvalidationTriggers([{ table, idColumns: [column] }], { outboxSchema }));
    await client.query(`INSERT INTO ${quoted} VALUES (3)`);
  });

  test('with capitals is marked as it is written', async () => {
    await client.query('CREATE TABLE "User" (id int)');
    await client.query(installInvalidationTriggers([plain('User')]));
    await client.query(`${fenceMarker('holdfast_outbox', ['user'])}INSERT INTO "User" VALUES (1)`);
    await client.query(`${fenceMarker('holdfast_outbox', ['User'])}INSERT INTO "User" VALUES (2)`);
    expect(await recorded()).toEqual([['User', ['1']]]);
  });

  test('with a point in it is never taken for a schema and a table', async () => {
    await client.query('CREATE SCHEMA a; CREATE TABLE a.b (id int); CREATE TABLE "a.b" (id int)');
    await client.query(
      installInvalidationTriggers([plain('a.b'), { schema: 'a', table: 'b', idColumns: ['id'] }]),
    );
    const marker = fenceMarker('holdfast_outbox', ['a.b']);
    await client.query(`${marker}INSERT INTO "a.b" VALUES (1)`);
    await client.query(`${marker}INSERT INTO a.b VALUES (2)`);
    expect(await recorded()).toEqual([['a.b', ['1']]]);
  });
});

describe('a role', () => {
  const role = () => quoteIdentifier(`${database.name} "writer"`);

  beforeEach(async () => {
    await client.query(
      `CREATE TABLE a (id int); CREATE ROLE ${role()}; GRANT SELECT, INSERT, UPDATE, TRUNCATE ON a TO ${role()}`,
    );
  });
  afterEach(() => client.query(`RESET ROLE; DROP OWNED BY ${role()}; DROP ROLE ${role()}`));

  test('that has no rights on the outbox changes watched tables, and what it did is recorded', async () => {
    await client.query(installInvalidationTriggers([plain('a')]));
    await client.query(`SET ROLE ${role()}`);
    await client.query('INSERT INTO a VALUES (1); UPDATE a SET id = 2; TRUNCATE a');
    await expect(client.query('SELECT FROM holdfast_outbox.outbox')).rejects.toMatchObject({ code: '42501' });
    expect(await recorded()).toEqual([
      ['a', ['1']],
      ['a', ['1', '2']],
      ['a', null],
    ]);
  });

  test('cannot lead the trigger to an outbox of its own by its search path', async () => {
    await client.query(installInvalidationTriggers([plain('a')]));
    await client.query(`CREATE SCHEMA decoy AUTHORIZATION ${role()}; SET ROLE ${role()}`);
    await client.query(`
      CREATE FUNCTION decoy.current_query() RETURNS text LANGUAGE sql AS $$ SELECT '/*holdfast holdfast_outbox:a*/'::text $$;
      SET search_path = decoy, pg_catalog, public`);
    await client.query('INSERT INTO public.a VALUES (1)');
    await client.query('RESET search_path; RESET ROLE');
    expect(await recorded()).toEqual([['a', ['1']]]);
  });

  test('that is named as a relay may take from the outbox, and do nothing else there', async () => {
    const name = `${database.name} "writer"`;
    await client.query(installInvalidationTriggers([plain('a')], { relayRoles: [name] }));
    await client.query('INSERT INTO a VALUES (1)');
    const asRole = `ALTER ROLE ${role()} LOGIN`;
    await client.query(asRole);
    const url = new URL(database.url);
    url.username = encodeURIComponent(name);
    const pool = poolOn(url.href);
    try {
      const outbox = new Outbox(pool);
      const moment = await outbox.now();
      expect(await outbox.isDrainedUpTo(moment)).toBe(false);
      expect(await outbox.take(async () => undefined)).toBe(1);
      expect(await outbox.isDrainedUpTo(moment)).toBe(true);
      await expect(
        pool.query("INSERT INTO holdfast_outbox.outbox (table_schema, table_name) VALUES ('x', 'y')"),
      ).rejects.toMatchObject({ code: '42501' });
    } finally {
      await pool.close();
    }
  });
});

describe('a partitioned table', () => {
  beforeEach(async () => {
    await client.query(`
      CREATE TABLE events (id int, month int, PRIMARY KEY (id, month)) PARTITION BY LIST (month);
      CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1);
      CREATE TABLE events_2 PARTITION OF events FOR VALUES IN (2)`);
    await client.query(installInvalidationTriggers([{ table: 'events', idColumns: ['id', 'month'] }]));
  });

  test('is seen when it is changed by its name, also when rows move', async () => {
    await client.query('INSERT INTO events VALUES (1, 1), (2, 2)');
    await client.query('UPDATE events SET month = 2 WHERE id = 1');
    await client.query('DELETE FROM events WHERE id = 2');
    await client.query('TRUNCATE events');
    expect(await recorded()).toEqual([
      ['events', ['["1", "1"]', '["2", "2"]']],
      ['events', ['["1", "1"]', '["1", "2"]']],
      ['events', ['["2", "2"]']],
      ['events', null],
    ]);
  });

  test('is not seen when a partition is changed by its own name', async () => {
    await client.query('INSERT INTO events_1 VALUES (1, 1)');
    expect(await recorded()).toEqual([]);
  });
});

test('what is done for replication is not seen', async () => {
  await client.query('CREATE TABLE a (id int)');
  await client.query(installInvalidationTriggers([plain('a')]));
  await client.query('SET session_replication_role = replica');
  await client.query(`INSERT INTO a VALUES (1)`);
  expect(await recorded()).toEqual([]);
});
