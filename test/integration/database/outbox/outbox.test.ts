import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import type { ConnectionPool } from '../../../../src/database/connection-pool.js';
import { fenceMarker, runFenced } from '../../../../src/database/outbox/fenced-statements.js';
import { Outbox, type OutboxChange } from '../../../../src/database/outbox/outbox.js';
import { InvalidArgumentError } from '../../../../src/errors.js';
import { codeOf, signalled } from '../../../support/async.js';
import { closedPort, createDatabase, type TestDatabase } from '../../../support/servers.js';
import { runSql } from '../../../support/sql.js';
import { poolOn, storeUser } from './fixtures.js';

let database: TestDatabase;
let pool: ConnectionPool;
let outbox: Outbox;

beforeAll(async () => {
  database = await createDatabase();
  pool = poolOn(database.url);
  outbox = new Outbox(pool);
});
afterAll(async () => {
  await pool.close();
  await database.drop();
});
beforeEach(() => runSql(database.url, 'TRUNCATE users CASCADE; TRUNCATE holdfast_outbox.outbox'));

/** Records as many changes as these, with the ids '1', '2' and so on. */
const record = (count: number) =>
  runSql(
    database.url,
    `INSERT INTO holdfast_outbox.outbox (table_schema, table_name, ids)
     SELECT 'public', 'users', ARRAY[n::text] FROM generate_series(1, $1::int) AS n`,
    [count],
  );
const left = async (): Promise<string[]> =>
  (
    await runSql<{ id: string }>(database.url, 'SELECT ids[1] AS id FROM holdfast_outbox.outbox ORDER BY id')
  ).map(({ id }) => id);
const idsOf = (changes: readonly OutboxChange[]): string[] => changes.flatMap(({ ids }) => ids ?? []);
const nothing = async (): Promise<void> => undefined;

describe('an outbox', () => {
  test('is found when it is installed, and is not asked for again', async () => {
    const absent = new Outbox(pool, 'other');
    expect(await absent.isInstalled()).toBe(false);
    await runSql(database.url, 'CREATE SCHEMA other; CREATE TABLE other.outbox ()');
    expect(await absent.isInstalled()).toBe(true);
    const { queryCount } = pool.getPoolStatistics();
    expect(await absent.isInstalled()).toBe(true);
    expect(pool.getPoolStatistics().queryCount).toBe(queryCount);
    await runSql(database.url, 'DROP SCHEMA other CASCADE');
  });

  test('that is not there, or whose server is not, fails with a code', async () => {
    expect(await codeOf(new Outbox(pool, 'other').take(nothing))).toBe('42P01');
    expect(await codeOf(new Outbox(pool, 'other').now())).toBe('42P01');
    const nowhere = poolOn(`postgresql://nobody@127.0.0.1:${await closedPort()}/none`);
    const unreachable = new Outbox(nowhere);
    try {
      for (const asked of [
        unreachable.isInstalled(),
        unreachable.take(nothing),
        unreachable.isDrainedUpTo('0'),
      ])
        expect(await codeOf(asked)).toBe('DATABASE_UNAVAILABLE');
    } finally {
      await nowhere.close();
    }
  });
});

describe('taking changes', () => {
  test('hands over the oldest ones and forgets them', async () => {
    await record(5);
    const seen: OutboxChange[] = [];
    const deliver = async (changes: readonly OutboxChange[]) => void seen.push(...changes);
    expect(await outbox.take(deliver, { limit: 3 })).toBe(3);
    expect(seen).toEqual(['1', '2', '3'].map((id) => ({ schema: 'public', table: 'users', ids: [id] })));
    expect(await left()).toEqual(['4', '5']);
    expect(await outbox.take(deliver)).toBe(2);
    expect(await left()).toEqual([]);
  });

  test('hands over what the triggers recorded, rows or any row', async () => {
    const id = await storeUser(database.url);
    await runSql(database.url, 'TRUNCATE users CASCADE');
    const seen: OutboxChange[] = [];
    await outbox.take(async (changes) => void seen.push(...changes));
    expect(seen[0]).toEqual({ schema: 'public', table: 'users', ids: [id] });
    expect(
      seen
        .slice(1)
        .map(({ table }) => table)
        .sort(),
    ).toEqual(['conversion_jobs', 'projects', 'users']);
    expect(seen.slice(1).map(({ ids }) => ids)).toEqual([null, null, null]);
  });

  test('of none delivers nothing, and is not counted among what the application asks', async () => {
    const { queryCount, transactions } = pool.getPoolStatistics();
    expect(
      await outbox.take(() => {
        throw new Error('nothing to deliver');
      }),
    ).toBe(0);
    expect(pool.getPoolStatistics()).toMatchObject({ queryCount, transactions });
  });

  test('keeps them when they could not be delivered', async () => {
    await record(3);
    const failure = new Error('Redis is away');
    await expect(outbox.take(() => Promise.reject(failure))).rejects.toBe(failure);
    expect(await left()).toEqual(['1', '2', '3']);
    expect(pool.getPoolStatistics().transactions.active).toEqual([]);
  });

  test('by several at once gives each change to one of them, and none twice, at any isolation level', async () => {
    await runSql(
      database.url,
      `ALTER DATABASE ${database.name} SET default_transaction_isolation = 'serializable'`,
    );
    await record(1_000);
    const pools = Array.from({ length: 4 }, () => poolOn(database.url));
    const delivered: string[] = [];
    const drain = async (own: Outbox): Promise<void> => {
      const deliver = async (changes: readonly OutboxChange[]) => void delivered.push(...idsOf(changes));
      while ((await left()).length > 0) await own.take(deliver, { limit: 20 });
    };
    try {
      await Promise.all(pools.map((own) => drain(new Outbox(own))));
    } finally {
      await Promise.all(pools.map((own) => own.close()));
      await runSql(database.url, `ALTER DATABASE ${database.name} RESET default_transaction_isolation`);
    }
    expect(delivered).toHaveLength(1_000);
    expect(new Set(delivered).size).toBe(1_000);
  });

  test('does not wait for those that another is taking', async () => {
    await record(4);
    const [taken, goOn] = [signalled(), signalled()];
    const first = outbox.take(
      async () => {
        taken.fire();
        await goOn.promise;
      },
      { limit: 2 },
    );
    await taken.promise;
    const seen: string[] = [];
    expect(await outbox.take(async (changes) => void seen.push(...idsOf(changes)))).toBe(2);
    expect(seen).toEqual(['3', '4']);
    expect(await outbox.take(nothing)).toBe(0);
    goOn.fire();
    expect(await first).toBe(2);
  });

  test('keeps them when the connection is lost before they were forgotten', async () => {
    await record(2);
    const taking = outbox.take(async () => {
      await runSql(
        database.url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND state = 'idle in transaction'`,
      );
    });
    expect(await codeOf(taking)).toBe('COMMIT_OUTCOME_UNKNOWN');
    const again: string[] = [];
    expect(await outbox.take(async (changes) => void again.push(...idsOf(changes)))).toBe(2);
    expect(again).toEqual(['1', '2']);
  });

  test('keeps them when the connection is lost while they are being taken, and takes them anew', async () => {
    await record(2);
    // Whoever deletes from the outbox first loses its connection.
    await runSql(
      database.url,
      `CREATE SEQUENCE public.takes;
       CREATE FUNCTION public.lose_first() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
           IF nextval('public.takes') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
           RETURN NULL;
         END $$;
       CREATE TRIGGER lose_first AFTER DELETE ON holdfast_outbox.outbox
         FOR EACH STATEMENT EXECUTE FUNCTION public.lose_first()`,
    );
    const deliveries: string[][] = [];
    expect(await outbox.take(async (changes) => void deliveries.push(idsOf(changes)))).toBe(2);
    expect(deliveries).toEqual([['1', '2']]);
    expect(await left()).toEqual([]);
    await runSql(database.url, 'DROP FUNCTION public.lose_first CASCADE');
  });

  test('is no part of the transaction that the caller is in, nor is the delivery', async () => {
    const id = await storeUser(database.url);
    const seen: string[] = [];
    const failure = new Error('roll back');
    const whole = pool.transaction(async (transaction) => {
      await transaction.execute('UPDATE users SET name = $2 WHERE id = $1', [id, 'inside']);
      await outbox.take(async (changes) => {
        expect(pool.currentTransaction).toBeNull();
        seen.push(...idsOf(changes));
      });
      throw failure;
    });
    await expect(whole).rejects.toBe(failure);
    expect(seen).toEqual([id]);
    expect(await left()).toEqual([]);
  });

  test('is not marked, nor is the delivery, when the caller is in a fenced write', async () => {
    await runSql(
      database.url,
      `CREATE TABLE public.sent (text text);
       CREATE FUNCTION public.keep_sent() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN INSERT INTO public.sent VALUES (current_query()); RETURN NULL; END';
       CREATE TRIGGER keep_sent AFTER DELETE ON holdfast_outbox.outbox FOR EACH STATEMENT EXECUTE FUNCTION public.keep_sent()`,
    );
    const id = await storeUser(database.url);
    const write = { marker: fenceMarker('holdfast_outbox', ['users']), isStanding: () => true };
    const deliver = async () =>
      void (await pool.execute('UPDATE users SET name = $2 WHERE id = $1', [id, 'x']));
    expect(await runFenced(write, () => outbox.take(deliver))).toBe(1);
    expect(await left()).toEqual([id]);
    const [first] = await runSql<{ text: string }>(database.url, 'SELECT text FROM public.sent');
    expect(first?.text).toMatch(/^\s*WITH taken/);
    await runSql(database.url, 'DROP FUNCTION public.keep_sent CASCADE');
  });

  test.each([0, -1, 1.5, Number.NaN])('is refused with a limit of %p', async (limit) => {
    await expect(outbox.take(nothing, { limit })).rejects.toThrow(InvalidArgumentError);
  });
});

describe('an outbox is drained up to a moment', () => {
  test('when nothing waits', async () => {
    expect(await outbox.isDrainedUpTo(await outbox.now())).toBe(true);
  });

  test('when all that was recorded before has been delivered, by whomever, whatever came later', async () => {
    await record(2);
    const moment = await outbox.now();
    await record(1);
    expect(await outbox.isDrainedUpTo(moment)).toBe(false);
    await outbox.take(nothing, { limit: 1 });
    expect(await outbox.isDrainedUpTo(moment)).toBe(false);
    const elsewhere = poolOn(database.url);
    try {
      await new Outbox(elsewhere).take(nothing, { limit: 1 });
    } finally {
      await elsewhere.close();
    }
    expect(await outbox.isDrainedUpTo(moment)).toBe(true);
    expect(await left()).toHaveLength(1);
  });

  test('not while it is being delivered, nor when that failed', async () => {
    await record(1);
    const moment = await outbox.now();
    const [taken, fail] = [signalled(), signalled()];
    const taking = outbox.take(async () => {
      taken.fire();
      await fail.promise;
      throw new Error('Redis is away');
    });
    await taken.promise;
    expect(await outbox.isDrainedUpTo(moment)).toBe(false);
    fail.fire();
    await expect(taking).rejects.toThrow('Redis is away');
    expect(await outbox.isDrainedUpTo(moment)).toBe(false);
  });

  describe('while a transaction is open', () => {
    let id: string;
    let other: Client;

    beforeEach(async () => {
      id = await storeUser(database.url);
      await outbox.take(nothing);
      other = new Client({ connectionString: database.url });
      await other.connect();
      await other.query('BEGIN');
    });
    afterEach(() => other.end());

    const change = () => other.query('UPDATE users SET name = $2 WHERE id = $1', [id, 'x']);

    test('not when it has recorded something before: only with its commit can that be delivered', async () => {
      await change();
      const moment = await outbox.now();
      expect(await outbox.isDrainedUpTo(moment)).toBe(false);
      expect(await outbox.isDrainedUpTo(moment, { openTransactions: false })).toBe(true);
      await other.query('COMMIT');
      expect(await outbox.isDrainedUpTo(moment)).toBe(false);
      expect(await outbox.take(nothing)).toBe(1);
      expect(await outbox.isDrainedUpTo(moment)).toBe(true);
    });

    test('when that has been rolled back', async () => {
      await change();
      const moment = await outbox.now();
      await other.query('ROLLBACK');
      expect(await outbox.isDrainedUpTo(moment)).toBe(true);
    });

    test('when it has recorded nothing before, whatever it does later', async () => {
      await other.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [id]);
      const moment = await outbox.now();
      await change();
      expect(await outbox.isDrainedUpTo(moment)).toBe(true);
    });

    test('when the caller is in that transaction, as when it is not', async () => {
      await other.query('ROLLBACK');
      await pool.transaction(async (transaction) => {
        await transaction.execute('UPDATE users SET name = $2 WHERE id = $1', [id, 'x']);
        expect(await outbox.isDrainedUpTo(await outbox.now())).toBe(false);
      });
    });
  });

  test.each(['', 'soon', '1 2', '1;2', '2030-01-01', "0'"])(
    'or not is refused to say of %p',
    async (moment) => {
      await expect(outbox.isDrainedUpTo(moment)).rejects.toThrow(InvalidArgumentError);
    },
  );
});
