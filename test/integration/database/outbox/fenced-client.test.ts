import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { ConnectionPool } from '../../../../src/database/connection-pool.js';
import {
  type FencedWrite,
  fenceMarker,
  runFenced,
} from '../../../../src/database/outbox/fenced-statements.js';
import { copyIn } from '../../../../src/database/patterns/copy-in.js';
import { createPrismaClient } from '../../../../src/database/prisma-client.js';
import { PrismaClient } from '../../../../src/domain/generated/prisma/client.js';
import { signalled } from '../../../support/async.js';
import { PortalReader } from '../../../support/portal-reader.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';
import { runSql } from '../../../support/sql.js';
import { newUser, poolOn, storeUser, takeRecorded } from './fixtures.js';

let database: TestDatabase;
let pool: ConnectionPool;
let prisma: PrismaClient;
let id: string;

beforeAll(async () => {
  database = await createDatabase();
  // What each change of a user was sent as.
  await runSql(
    database.url,
    `CREATE TABLE sent (n int GENERATED ALWAYS AS IDENTITY, text text);
     CREATE FUNCTION keep_sent() RETURNS trigger LANGUAGE plpgsql AS
       'BEGIN INSERT INTO sent (text) VALUES (current_query()); RETURN NULL; END';
     CREATE TRIGGER keep_sent AFTER INSERT OR UPDATE ON users FOR EACH STATEMENT EXECUTE FUNCTION keep_sent()`,
  );
});
afterAll(() => database.drop());

beforeEach(async () => {
  pool = poolOn(database.url);
  prisma = createPrismaClient(PrismaClient, pool);
  id = await storeUser(database.url);
  await runSql(database.url, 'TRUNCATE sent');
  await takeRecorded(database.url);
});
afterEach(async () => {
  await prisma.$disconnect();
  await pool.close();
});

const MARKER = fenceMarker('holdfast_outbox', ['users']) ?? '';
const standing: FencedWrite = { marker: MARKER, isStanding: () => true };
const fallen: FencedWrite = { marker: MARKER, isStanding: () => false };
const UPDATE = 'UPDATE users SET name = $2 WHERE id = $1';

const sent = async (): Promise<string[]> =>
  (await runSql<{ text: string }>(database.url, 'SELECT text FROM sent ORDER BY n')).map(({ text }) => text);
const recorded = () => takeRecorded(database.url);

/** The ways by which a statement gets to the server, each changing the user once. */
const WAYS: readonly [string, () => Promise<unknown>][] = [
  ['the pool', () => pool.query(UPDATE, [id, 'a'])],
  ['the pool, by name', () => pool.query(UPDATE, [id, 'a'], { name: 'rename' })],
  [
    'the pool, with a signal',
    () => pool.execute(UPDATE, [id, 'a'], { signal: new AbortController().signal }),
  ],
  ['pg, with a callback', () => new Promise((resolve) => pool.pgPool.query(UPDATE, [id, 'a'], resolve))],
  [
    'a client of the pool',
    () => pool.withClient((client) => client.query({ text: UPDATE, values: [id, 'a'], rowMode: 'array' })),
  ],
  ['a transaction', () => pool.transaction((transaction) => transaction.execute(UPDATE, [id, 'a']))],
  [
    'a transaction in a transaction',
    () => pool.transaction(() => pool.transaction(() => pool.execute(UPDATE, [id, 'a']))),
  ],
  ['Prisma', () => prisma.user.update({ where: { id }, data: { name: 'a' } })],
  ['Prisma, raw', () => prisma.$executeRawUnsafe('UPDATE users SET name = $1 WHERE id = $2::uuid', 'a', id)],
  [
    'Prisma, with a nested write',
    () =>
      prisma.user.update({
        where: { id },
        data: { name: 'a', projects: { create: { name: 'p', sourceStack: {} } } },
      }),
  ],
  [
    'a batch of Prisma',
    () => prisma.$transaction([prisma.user.update({ where: { id }, data: { name: 'a' } })]),
  ],
  [
    'an interactive transaction of Prisma',
    () => prisma.$transaction((inside) => inside.user.update({ where: { id }, data: { name: 'a' } })),
  ],
  [
    'Prisma in a transaction of the pool',
    () =>
      pool.prismaTransaction<PrismaClient, unknown>((inside) =>
        inside.user.update({ where: { id }, data: { name: 'a' } }),
      ),
  ],
  [
    'a transaction of Prisma in one of the pool',
    () =>
      pool.transaction(() =>
        prisma.$transaction((inside) => inside.user.update({ where: { id }, data: { name: 'a' } })),
      ),
  ],
];

describe('a statement that is sent in a fenced write', () => {
  test.each(WAYS)('is marked and not recorded when it goes by %s', async (_way, change) => {
    await runFenced(standing, change);
    expect(await sent()).toEqual([
      expect.stringMatching(/^\/\*holdfast holdfast_outbox:users\*\/ (UPDATE|WITH) /),
    ]);
    expect((await recorded()).filter(([table]) => table === 'users')).toEqual([]);
  });

  test.each(WAYS)(
    'is not marked, and recorded, when its fence has fallen and it goes by %s',
    async (_way, change) => {
      await runFenced(fallen, change);
      expect(await sent()).toEqual([expect.stringMatching(/^(UPDATE|WITH) /)]);
      expect(await recorded()).toContainEqual(['users', [id]]);
    },
  );

  test('is recorded for the tables that its fences are not for', async () => {
    const project = { name: 'p', sourceStack: {} };
    await runFenced(standing, () =>
      prisma.user.update({ where: { id }, data: { name: 'a', projects: { create: project } } }),
    );
    expect((await recorded()).map(([table]) => table)).toEqual(['projects']);
  });

  test('is marked when it is begun inside and its transaction outside', async () => {
    await pool.transaction(async (transaction) => {
      await runFenced(standing, () => transaction.execute(UPDATE, [id, 'inside']));
      await transaction.execute(UPDATE, [id, 'outside']);
    });
    expect((await sent()).map((text) => text.startsWith(MARKER))).toEqual([true, false]);
    expect(await recorded()).toEqual([['users', [id]]]);
  });

  test('carries the innermost of several', async () => {
    const other: FencedWrite = {
      marker: fenceMarker('holdfast_outbox', ['projects']),
      isStanding: () => true,
    };
    await runFenced(standing, () => runFenced(other, () => pool.execute(UPDATE, [id, 'a'])));
    expect(await sent()).toEqual([`/*holdfast holdfast_outbox:projects*/ ${UPDATE}`]);
  });

  test('is not marked where nothing could be said of its tables', async () => {
    await runFenced({ marker: null, isStanding: () => true }, () => pool.execute(UPDATE, [id, 'a']));
    expect(await sent()).toEqual([UPDATE]);
  });
});

describe('whether the fences stand', () => {
  test('is asked when the statement is sent, not when it is handed in', async () => {
    let stands = true;
    const write: FencedWrite = { marker: MARKER, isStanding: () => stands };
    await pool.withClient(async (client) => {
      const first = client.query('SELECT pg_sleep(0)');
      const second = runFenced(write, () => client.query(UPDATE, [id, 'a']));
      stands = false;
      await Promise.all([first, second]);
    });
    expect(await sent()).toEqual([UPDATE]);
  });

  test('is asked after the wait for a connection', async () => {
    let stands = true;
    const write: FencedWrite = { marker: MARKER, isStanding: () => stands };
    const [held, release] = [signalled(), signalled()];
    const holders = Array.from({ length: 5 }, () =>
      pool.withClient(async () => {
        held.fire();
        await release.promise;
      }),
    );
    await held.promise;
    const change = runFenced(write, () => pool.execute(UPDATE, [id, 'a']));
    stands = false;
    release.fire();
    await Promise.all([change, ...holders]);
    expect(await sent()).toEqual([UPDATE]);
  });
});

describe('a statement outside of every fenced write', () => {
  test('is not marked when the connection it waited for comes back from inside of one', async () => {
    await pool.close();
    pool = poolOn(database.url, { pool: { max: 1 } });
    const outside = signalled();
    const waiting = outside.promise.then(() => pool.execute(UPDATE, [id, 'outside']));
    await runFenced(standing, async () => {
      const inside = pool.execute(UPDATE, [id, 'inside']);
      outside.fire();
      await inside;
    });
    await waiting;
    expect((await sent()).map((text) => text.startsWith(MARKER))).toEqual([true, false]);
    expect(await recorded()).toEqual([['users', [id]]]);
  });

  test('is not marked when another of the same tick is, on the same connection', async () => {
    await pool.withClient(async (client) => {
      await Promise.all([
        client.query(UPDATE, [id, '1']),
        runFenced(standing, () => client.query(UPDATE, [id, '2'])),
        client.query(UPDATE, [id, '3']),
      ]);
    });
    expect((await sent()).map((text) => text.startsWith(MARKER))).toEqual([false, true, false]);
  });
});

describe('a prepared statement', () => {
  test('answers with and without the marker in turn, on one connection', async () => {
    await pool.transaction(async (transaction) => {
      for (const write of [standing, fallen, standing, fallen, standing]) {
        await runFenced(write, () => transaction.execute(UPDATE, [id, 'a'], { name: 'rename' }));
      }
      const prepared = await transaction.query<{ statement: string }>(
        'SELECT statement FROM pg_prepared_statements ORDER BY statement',
      );
      expect(prepared.map(({ statement }) => statement)).toEqual([`${MARKER}${UPDATE}`, UPDATE]);
    });
    expect((await sent()).map((text) => text.startsWith(MARKER))).toEqual([true, false, true, false, true]);
  });

  test('is another for each marker', async () => {
    const both: FencedWrite = {
      marker: fenceMarker('holdfast_outbox', ['users', 'projects']),
      isStanding: () => true,
    };
    await pool.transaction(async (transaction) => {
      for (const write of [standing, both, standing, both]) {
        await runFenced(write, () => transaction.execute(UPDATE, [id, 'a'], { name: 'rename' }));
      }
      expect(await transaction.query('SELECT FROM pg_prepared_statements')).toHaveLength(2);
    });
    expect(await recorded()).toEqual([]);
  });
});

describe('what handles its answers itself', () => {
  test('is marked: a COPY', async () => {
    const user = newUser();
    const line = [user.id, user.githubId, user.email, user.username, '2030-01-01'].join('\t');
    const text = 'COPY users (id, github_id, email, username, updated_at) FROM STDIN';
    await runFenced(standing, () =>
      pool.withClient((client) => copyIn(client, text, Buffer.from(`${line}\n`))),
    );
    expect(await sent()).toEqual([`${MARKER}${text}`]);
    expect(await recorded()).toEqual([]);
  });

  test('is marked, and left as it was: a cursor', async () => {
    const text = `${UPDATE} RETURNING name`;
    const reader = new PortalReader(text, [id, 'a']);
    await runFenced(standing, () =>
      pool.withClient(async (client) => {
        client.query(reader);
        expect(await reader.read(5)).toEqual(['a']);
        await reader.closed;
      }),
    );
    expect(await sent()).toEqual([`${MARKER}${text}`]);
    expect(reader.text).toBe(text);
    expect(Object.keys(reader)).not.toContain('submit');
  });

  test('goes as it is and is recorded when its owner gave it a name', async () => {
    const query = new pg.Query({ text: UPDATE, values: [id, 'a'], name: 'own' });
    await runFenced(standing, () =>
      pool.withClient(
        (client) =>
          new Promise((resolve) => {
            query.on('end', resolve);
            client.query(query);
          }),
      ),
    );
    expect(await sent()).toEqual([UPDATE]);
    expect(await recorded()).toEqual([['users', [id]]]);
  });
});

describe('nobody but the server sees the marker', () => {
  test('statistics and listeners are told what was asked for', async () => {
    const seen: string[] = [];
    pool.onStatement(({ text }) => seen.push(text));
    await runFenced(standing, () => pool.execute(UPDATE, [id, 'a'], { name: 'rename' }));
    await pool.execute(UPDATE, [id, 'a']);
    expect(new Set(seen).size).toBe(1);
    expect(pool.statementSummaries()).toHaveLength(1);
    expect(pool.getPoolStatistics().queryCount).toBe(2);
  });

  test('a syntax error is at the same place as without', async () => {
    const bare = await pool.query('SELEC 1').catch((error: pg.DatabaseError) => error.position);
    const inside = await runFenced(standing, () =>
      pool.query('SELEC 1').catch((error: pg.DatabaseError) => error.position),
    );
    expect([bare, inside]).toEqual(['1', '1']);
  });

  test('an error has the stack of who asked', async () => {
    const error = await runFenced(standing, () => pool.query('SELEC 1')).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: '42601', stack: expect.stringContaining('statement-path') });
  });

  test("pg's time limit for an answer holds", async () => {
    await pool.close();
    pool = poolOn(database.url, { queryTimeoutMs: 50 });
    await expect(runFenced(standing, () => pool.query('SELECT pg_sleep(60)'))).rejects.toThrow('timeout');
  });
});
