import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { codeOf, signalled } from '../../support/async.js';
import { domainFactory, someProject } from '../../support/domain.js';
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
describe('inside a transaction', () => {
  test('raw queries, repositories and Prisma share one connection by themselves', async () => {
    const ids = await factory.transaction(async (prisma, transaction) => {
      const ask = 'SELECT txid_current()::text AS id';
      const [byPool] = await factory.pool.query<{ id: string }>(ask);
      const [byHandle] = await transaction.query<{ id: string }>(ask);
      const byPrisma = await prisma.$queryRawUnsafe<{ id: string }[]>(ask);
      return [byPool?.id, byHandle?.id, byPrisma[0]?.id];
    });
    expect(new Set(ids).size).toBe(1);
  });

  test('what a repository wrote is seen inside at once, and outside only after the commit', async () => {
    const { id } = await someProject(factory, 'before');
    await factory.transaction(async (prisma) => {
      await factory.getProjectRepository().update(id, { name: 'inside' });
      expect((await factory.getProjectRepository().findById(id))?.name).toBe('inside');
      expect((await prisma.project.findUnique({ where: { id } }))?.name).toBe('inside');
      expect(
        (await factory.pool.query<{ name: string }>('SELECT name FROM projects WHERE id = $1', [id]))[0]
          ?.name,
      ).toBe('inside');
      expect(await nameInDatabase(id)).toBe('before');
    });
    expect(await nameInDatabase(id)).toBe('inside');
  });

  test('reads of one tick do not travel with reads outside of it, though Prisma batches both', async () => {
    const { id } = await someProject(factory, 'before');
    const outside = signalled();
    let readOutside: Promise<{ name: string } | null> | null = null;
    const asking = outside.promise.then(() => {
      readOutside = factory.getProjectRepository().findById(id);
    });
    await factory.transaction(async () => {
      await factory.getProjectRepository().update(id, { name: 'uncommitted' });
      outside.fire();
      const inside = factory.getProjectRepository().findById(id);
      await asking;
      expect((await inside)?.name).toBe('uncommitted');
      expect((await readOutside)?.name).toBe('before');
    });
  });

  test('an error rolls everything back, whoever wrote it', async () => {
    const { id } = await someProject(factory, 'before');
    const failure = new Error('no');
    await expect(
      factory.transaction(async (prisma, transaction) => {
        await prisma.project.update({ where: { id }, data: { description: 'by Prisma' } });
        await transaction.execute('UPDATE projects SET name = $2 WHERE id = $1', [id, 'by SQL']);
        await factory.getProjectRepository().update(id, { version: 'by repository' });
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await factory.getProjectRepository().findById(id)).toMatchObject({
      name: 'before',
      description: null,
      version: null,
    });
    expect(statistics()).toMatchObject({ rolledBack: 1, committed: 0, active: [] });
  });

  test('an error that was swallowed is not a commit', async () => {
    const { id } = await someProject(factory, 'before');
    const swallowing = factory.transaction(async (_prisma, transaction) => {
      await transaction.execute('UPDATE projects SET name = $2 WHERE id = $1', [id, 'lost']);
      await transaction.query('SELECT 1 / 0').catch(() => undefined);
      return 'fine';
    });
    await expect(swallowing).rejects.toMatchObject({
      code: 'TRANSACTION_ABORTED',
      cause: { code: '22012' },
    });
    expect(await nameInDatabase(id)).toBe('before');
  });

  test('what a branch of it still sends after another has failed is refused, not committed by itself', async () => {
    const { id } = await someProject(factory, 'before');
    const failed = signalled();
    let late: Promise<unknown> = Promise.resolve();
    const branching = factory.transaction(async (prisma, transaction) => {
      late = failed.promise.then(() =>
        Promise.allSettled([
          factory.pool.query('UPDATE projects SET name = $2 WHERE id = $1', [id, 'late SQL']),
          transaction.execute('UPDATE projects SET name = $2 WHERE id = $1', [id, 'late handle']),
          factory.getProjectRepository().update(id, { name: 'late repository' }),
          prisma.project.update({ where: { id }, data: { name: 'late Prisma' } }),
        ]),
      );
      await Promise.all([late, transaction.query('SELECT 1 / 0').finally(() => failed.fire())]);
    });
    expect(await codeOf(branching)).toBe('22012');
    const statuses = ((await late) as PromiseSettledResult<unknown>[]).map((outcome) => outcome.status);
    expect(statuses).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    expect(await nameInDatabase(id)).toBe('before');
  });

  test('what it left running when it returned is refused as well', async () => {
    const { id } = await someProject(factory, 'before');
    const returned = signalled();
    let late: Promise<unknown> = Promise.resolve();
    await factory.transaction(async () => {
      late = returned.promise.then(() => factory.getProjectRepository().update(id, { name: 'late' }));
    });
    returned.fire();
    expect(await codeOf(late)).toBe('TRANSACTION_CLOSED');
    expect(await nameInDatabase(id)).toBe('before');
  });

  test('isolation and access mode are what was asked for', async () => {
    const seen = await factory.transaction(
      async (_prisma, transaction) =>
        transaction.query('SELECT current_setting($1) AS level, current_setting($2) AS read_only', [
          'transaction_isolation',
          'transaction_read_only',
        ]),
      { isolation: 'Serializable', readOnly: true },
    );
    expect(seen).toEqual([{ level: 'serializable', read_only: 'on' }]);
    expect(
      await codeOf(factory.transaction((prisma) => prisma.user.deleteMany(), { readOnly: true })),
    ).not.toBe('resolved');
  });

  test.each([
    [{ timeoutMs: Number.NaN }],
    [{ timeoutMs: 0 }],
    [{ timeoutMs: 2 ** 31 }],
    [{ maxRetries: -1 }],
    [{ maxRetries: 1.5 }],
    [{ isolation: 'Chaos' as 'Serializable' }],
  ])('options that cannot be meant are refused: %j', async (options) => {
    expect(await codeOf(factory.transaction(async () => undefined, options))).toBe('INVALID_ARGUMENT');
  });
});

describe('a transaction inside another', () => {
  test('that fails leaves the outer one usable, with what it had done before', async () => {
    const { id } = await someProject(factory, 'before');
    await factory.transaction(async (_prisma, outer) => {
      await factory.getProjectRepository().update(id, { name: 'outer' });
      const inner = factory.transaction(async () => {
        await factory.getProjectRepository().update(id, { name: 'inner' });
        await factory.pool.query('SELECT 1 / 0');
      });
      await expect(inner).rejects.toMatchObject({ code: '22012' });
      await outer.execute('UPDATE projects SET description = $2 WHERE id = $1', [id, 'still usable']);
    });
    expect(await factory.getProjectRepository().findById(id)).toMatchObject({
      name: 'outer',
      description: 'still usable',
    });
  });

  test('is a savepoint also when Prisma begins it', async () => {
    const { id } = await someProject(factory, 'before');
    await factory.transaction(async () => {
      const byPrisma = factory.prisma.$transaction(async (prisma) => {
        await prisma.project.update({ where: { id }, data: { name: 'inner' } });
        throw new Error('undo the inner');
      });
      await expect(byPrisma).rejects.toThrow('undo the inner');
      await factory.prisma.$transaction((prisma) =>
        prisma.project.update({ where: { id }, data: { description: 'kept' } }),
      );
    });
    expect(await factory.getProjectRepository().findById(id)).toMatchObject({
      name: 'before',
      description: 'kept',
    });
  });

  test('waits for its siblings, since savepoints of one connection cannot overlap', async () => {
    const { id } = await someProject(factory, '');
    await factory.transaction(async () => {
      const append = (letter: string, fail: boolean) =>
        factory.transaction(async (_prisma, inner) => {
          await inner.execute('UPDATE projects SET name = name || $2 WHERE id = $1', [id, letter]);
          await inner.query('SELECT pg_sleep(0.01)');
          if (fail) throw new Error(letter);
        });
      await Promise.allSettled([append('a', false), append('b', true), append('c', false)]);
    });
    expect(await nameInDatabase(id)).toBe('ac');
  });

  test('may not ask for an isolation of its own', async () => {
    const nested = factory.transaction(() =>
      factory.transaction(async () => undefined, { isolation: 'Serializable' }),
    );
    expect(await codeOf(nested)).toBe('INVALID_ARGUMENT');
  });
});

describe('hooks of a transaction', () => {
  test('run once each, after the end they are for, before the caller goes on', async () => {
    const events: string[] = [];
    const { id } = await someProject(factory, 'before');
    await factory.transaction(async (_prisma, transaction) => {
      transaction.afterCommit(async () => {
        events.push(`committed, and the database says ${await nameInDatabase(id)}`);
      });
      transaction.afterRollback(() => void events.push('rolled back'));
      await factory.getProjectRepository().update(id, { name: 'after' });
      events.push('done');
    });
    expect(events).toEqual(['done', 'committed, and the database says after']);
  });

  test('of a savepoint that was undone run then, those of one that was kept run with the whole', async () => {
    const events: string[] = [];
    const record = (event: string) => () => void events.push(event);
    await factory.pool.transaction(async () => {
      await factory.pool
        .transaction(async (inner) => {
          inner.afterCommit(record('never'));
          inner.afterRollback(record('inner undone'));
          throw new Error('undo');
        })
        .catch(() => undefined);
      await factory.pool.transaction(async (inner) => inner.afterCommit(record('kept')));
      events.push('outer done');
    });
    expect(events).toEqual(['inner undone', 'outer done', 'kept']);
  });

  test('that fail change nothing of what was committed', async () => {
    const events: string[] = [];
    const value = await factory.pool.transaction(async (transaction) => {
      transaction.afterCommit(() => Promise.reject(new Error('hook')));
      transaction.afterCommit(() => void events.push('the next hook'));
      return 'committed';
    });
    expect(value).toBe('committed');
    expect(events).toEqual(['the next hook']);
  });
});
