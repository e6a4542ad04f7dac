import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { codeOf, signalled } from '../../support/async.js';
import { domainFactory, someProject, someUser } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { createDatabase, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';

let database: TestDatabase;
let factory: DomainRepositoryFactory;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  factory = domainFactory({ databaseUrl: database.url }, { database: { pool: { max: 20 } } });
  await factory.initialize();
});
afterEach(() => factory.shutdown());

const statistics = () => factory.pool.getPoolStatistics().transactions;
const nameInDatabase = async (id: string): Promise<string | undefined> =>
  (await runSql<{ name: string }>(database.url, 'SELECT name FROM projects WHERE id = $1', [id]))[0]?.name;
/** Statements of this database that the server is running now, this question aside. */
/** What failed has told its client before it says of itself that it runs no more. */
const untilNothingRuns = () => eventually(running, (count) => count === 0);

const running = async (): Promise<number> =>
  (
    await runSql<{ n: number }>(
      database.url,
      `SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()`,
    )
  )[0]?.n ?? -1;

describe('conflicts between transactions', () => {
  test('200 that deadlock on purpose all complete, by retries', async () => {
    const { id: ownerId } = await someUser(factory);
    const rows: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      rows.push((await factory.getProjectRepository().create({ ownerId, name: '0', sourceStack: {} })).id);
    }
    const add = 'UPDATE projects SET file_count = file_count + 1 WHERE id = $1';
    // deadlock_timeout is what each deadlock costs; a superuser may shorten it.
    await runSql(database.url, `ALTER DATABASE ${database.name} SET deadlock_timeout = '10ms'`);
    const busy = domainFactory({ databaseUrl: database.url }, { database: { pool: { max: 16 } } });
    try {
      await Promise.all(
        Array.from({ length: 200 }, (_, n) => {
          const pair = Math.floor(n / 2) % 2;
          const [low, high] = [rows[pair * 2], rows[pair * 2 + 1]];
          const [first, second] = n % 2 === 0 ? [low, high] : [high, low];
          return busy.pool.transaction(
            async (transaction) => {
              await transaction.execute(add, [first]);
              await transaction.query('SELECT pg_sleep(0.002)');
              await transaction.execute(add, [second]);
            },
            { maxRetries: 100, timeoutMs: 60_000, name: 'crossing' },
          );
        }),
      );
      const { committed, retried, deadlocks } = busy.pool.getPoolStatistics().transactions;
      process.stdout.write(`200 transactions that cross: ${deadlocks} deadlocks, ${retried} retries\n`);
      expect(committed).toBe(200);
      expect(deadlocks).toBeGreaterThan(0);
      expect(retried).toBe(deadlocks);
      const [total] = await runSql<{ sum: number }>(
        database.url,
        'SELECT sum(file_count)::int AS sum FROM projects WHERE owner_id = $1',
        [ownerId],
      );
      expect(total?.sum).toBe(400);
    } finally {
      await busy.shutdown();
    }
  }, 120_000);

  test('serialization failures are retried, also where Prisma reports them', async () => {
    const { id } = await someProject(factory);
    const increments = Array.from({ length: 8 }, () =>
      factory.transaction(
        async (prisma) => {
          const { fileCount } = await prisma.project.findUniqueOrThrow({ where: { id } });
          await prisma.project.update({ where: { id }, data: { fileCount: fileCount + 1 } });
        },
        { isolation: 'Serializable', maxRetries: 50, timeoutMs: 30_000 },
      ),
    );
    await Promise.all(increments);
    expect((await factory.getProjectRepository().findById(id))?.fileCount).toBe(8);
    expect(statistics().serializationFailures).toBeGreaterThan(0);
  });

  test('that never end are given up with the number of attempts, and the last failure as cause', async () => {
    const conflict = () =>
      factory.pool
        .query(`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`)
        .then(() => undefined);
    await expect(factory.pool.transaction(conflict, { maxRetries: 2, name: 'doomed' })).rejects.toMatchObject(
      {
        code: 'RETRIES_EXHAUSTED',
        context: { name: 'doomed', attempts: 3 },
        cause: { code: '40001' },
      },
    );
    expect(statistics()).toMatchObject({ retried: 2, rolledBack: 3, serializationFailures: 3 });
  });

  test('a unique violation is not retried', async () => {
    const { email } = await someUser(factory);
    const clash = factory.transaction((prisma) =>
      prisma.user.create({ data: { email, githubId: randomUUID(), username: 'x' } }),
    );
    expect(await codeOf(clash)).toBe('P2002');
    expect(statistics().retried).toBe(0);
  });
});

describe('a transaction that takes too long', () => {
  test('has its statement cancelled on the server, not only its promise rejected', async () => {
    const slow = factory.pool.transaction((transaction) => transaction.query('SELECT pg_sleep(60)'), {
      timeoutMs: 1_000,
      name: 'sleeper',
    });
    await expect(slow).rejects.toMatchObject({ code: 'TRANSACTION_TIMEOUT', context: { name: 'sleeper' } });
    await untilNothingRuns();
    expect(factory.pool.getPoolStatistics()).toMatchObject({ waitingRequests: 0 });
    expect(statistics()).toMatchObject({ timeouts: 1, active: [] });
  });

  test('because its function never resolves, ends all the same, and what it does later is refused', async () => {
    const { id } = await someProject(factory, 'before');
    const goOn = signalled();
    let late: Promise<unknown> = Promise.resolve();
    const endless = factory.transaction(
      async () => {
        late = goOn.promise.then(() => factory.getProjectRepository().update(id, { name: 'late' }));
        await factory.getProjectRepository().update(id, { name: 'never' });
        await new Promise(() => undefined);
      },
      { timeoutMs: 1_000 },
    );
    expect(await codeOf(endless)).toBe('TRANSACTION_TIMEOUT');
    goOn.fire();
    expect(await codeOf(late)).toBe('TRANSACTION_TIMEOUT');
    expect(await nameInDatabase(id)).toBe('before');
    expect(await factory.pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('is seen in the statistics while it runs, with its name and age', async () => {
    const end = signalled();
    const open = factory.pool.transaction(() => end.promise, { name: 'long one' });
    const [active] = await eventually(
      () => statistics().active,
      (all) => all.length === 1,
    );
    expect(active?.name).toBe('long one');
    end.fire();
    await open;
    expect(statistics().active).toEqual([]);
  });

  test('ends when its signal aborts, with the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('the client went away');
    const slow = factory.pool.transaction(
      async (transaction) => {
        const sleeping = transaction.query('SELECT pg_sleep(60)');
        controller.abort(reason);
        await sleeping;
      },
      { signal: controller.signal },
    );
    await expect(slow).rejects.toBe(reason);
    await untilNothingRuns();
  });
});

describe('a connection that is lost', () => {
  const terminate = (pid: number) => runSql(database.url, 'SELECT pg_terminate_backend($1)', [pid]);
  const ownPid = async (transaction: { query: typeof factory.pool.query }): Promise<number> =>
    (await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))[0]?.pid ?? 0;

  test('before COMMIT was sent lets the transaction run again', async () => {
    const { id } = await someProject(factory, '');
    let attempts = 0;
    await factory.pool.transaction(async (transaction) => {
      attempts += 1;
      await transaction.execute("UPDATE projects SET name = name || 'x' WHERE id = $1", [id]);
      if (attempts === 1) await terminate(await ownPid(transaction));
      await transaction.query('SELECT 1');
    });
    expect(attempts).toBe(2);
    expect(await nameInDatabase(id)).toBe('x');
  });

  test('after COMMIT was sent is reported as an unknown outcome, and never run again', async () => {
    // A deferred trigger holds COMMIT open on the server for as long as the test needs.
    await runSql(
      database.url,
      `CREATE TABLE IF NOT EXISTS slow_commits (id int);
       CREATE OR REPLACE FUNCTION sleep_at_commit() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
       CREATE OR REPLACE TRIGGER dummy AFTER DELETE ON slow_commits FOR EACH STATEMENT EXECUTE FUNCTION sleep_at_commit();
       DROP TRIGGER IF EXISTS slow ON slow_commits;
       CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON slow_commits DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION sleep_at_commit();`,
    );
    let attempts = 0;
    let pid = 0;
    const outcomes: string[] = [];
    const lost = factory.pool.transaction(
      async (transaction) => {
        attempts += 1;
        transaction.afterCommit(() => void outcomes.push('committed'));
        transaction.afterRollback(() => void outcomes.push('rolled back'));
        pid = await ownPid(transaction);
        await transaction.execute('INSERT INTO slow_commits VALUES (1)');
      },
      { name: 'paying' },
    );
    const failure = lost.catch((error: unknown) => error);
    await eventually(
      () =>
        runSql<{ query: string }>(database.url, 'SELECT query FROM pg_stat_activity WHERE pid = $1', [pid]),
      (rows) => rows[0]?.query === 'COMMIT',
    );
    await terminate(pid);
    expect(await failure).toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN', context: { name: 'paying' } });
    expect({ attempts, outcomes }).toEqual({ attempts: 1, outcomes: [] });
    expect(statistics()).toMatchObject({ outcomeUnknown: 1, retried: 0 });
  });

  test('of an idle connection does not reach anyone', async () => {
    const [row] = await factory.pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await terminate(row?.pid ?? 0);
    await eventually(
      () => factory.pool.getPoolStatistics().totalConnections,
      (total) => total === 0,
    );
    expect(await factory.pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('a single query', () => {
  test('is cancelled on the server when its signal aborts', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const slow = factory.pool.query('SELECT pg_sleep(60)', [], { signal: controller.signal });
    await eventually(running, (count) => count === 1);
    controller.abort(reason);
    await expect(slow).rejects.toBe(reason);
    await untilNothingRuns();
  });

  test('is not sent when its signal has aborted already', async () => {
    const { queryCount } = factory.pool.getPoolStatistics();
    const refused = factory.pool.query('SELECT 1', [], { signal: AbortSignal.abort(new Error('before')) });
    await expect(refused).rejects.toThrow('before');
    expect(factory.pool.getPoolStatistics().queryCount).toBe(queryCount);
  });

  test('keeps its name on the server when it is to be prepared', async () => {
    await factory.pool.withClient(async (client) => {
      await client.query({ name: 'by_name', text: 'SELECT 1' });
      expect((await client.query('SELECT name FROM pg_prepared_statements')).rows).toEqual([
        { name: 'by_name' },
      ]);
    });
  });
});
