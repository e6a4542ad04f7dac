import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type DomainRepositoryFactory, Prisma, type PrismaClient } from '../../../../src/domain/index.js';
import { codeOf, signalled } from '../../../support/async.js';
import { domainFactory, someProject } from '../../../support/domain.js';
import { servesInTime } from '../../../support/patience.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../../support/servers.js';
import { runSql } from '../../../support/sql.js';

let database: TestDatabase;
let factory: DomainRepositoryFactory;
let other: DomainRepositoryFactory;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  const redis = sharedRedis();
  const servers = { databaseUrl: database.url, redisUrl: redis.url, prefix: redis.keyPrefix };
  factory = domainFactory(servers);
  other = domainFactory(servers);
  for (const each of [factory, other]) {
    await each.initialize();
    expect(await servesInTime(each.cache)).toBe(true);
  }
});
afterEach(async () => {
  await factory.shutdown();
  await other.shutdown();
});

const nameInDatabase = async (id: string): Promise<string | undefined> =>
  (await runSql<{ name: string }>(database.url, 'SELECT name FROM projects WHERE id = $1', [id]))[0]?.name;
const TXID = 'SELECT txid_current()::text AS id';

describe("an application's own $transaction with a function", () => {
  test('is joined by repositories, by raw queries and by its client', async () => {
    const { id } = await someProject(factory, 'before');
    const ids = await factory.prisma.$transaction(async (tx) => {
      await factory.getProjectRepository().update(id, { name: 'inside' });
      expect((await tx.project.findUniqueOrThrow({ where: { id } })).name).toBe('inside');
      expect(await nameInDatabase(id)).toBe('before');
      const [byClient] = await tx.$queryRawUnsafe<{ id: string }[]>(TXID);
      const [byPool] = await factory.pool.query<{ id: string }>(TXID);
      return [byClient?.id, byPool?.id];
    });
    expect(new Set(ids).size).toBe(1);
    expect(await nameInDatabase(id)).toBe('inside');
    expect(factory.pool.getPoolStatistics().transactions.active).toEqual([]);
  });

  test('is rolled back as a whole by an error, which it rejects with', async () => {
    const { id } = await someProject(factory, 'before');
    const failure = new Error('no');
    const failing = factory.prisma.$transaction(async (tx) => {
      await tx.project.update({ where: { id }, data: { description: 'by the client' } });
      await factory.getProjectRepository().update(id, { name: 'by the repository' });
      throw failure;
    });
    await expect(failing).rejects.toBe(failure);
    expect(await factory.getProjectRepository().findById(id)).toMatchObject({
      name: 'before',
      description: null,
    });
  });

  test('is seen by every process when it has resolved, and by none before', async () => {
    const { id } = await someProject(factory, 'before');
    for (const each of [factory, other]) await each.getProjectRepository().findById(id);
    await factory.prisma.$transaction(async () => {
      await factory.getProjectRepository().update(id, { name: 'after' });
      expect((await other.getProjectRepository().findById(id))?.name).toBe('before');
    });
    expect((await other.getProjectRepository().findById(id))?.name).toBe('after');
    expect((await factory.getProjectRepository().findById(id))?.name).toBe('after');
  });

  test('takes an isolation level, which the server then has', async () => {
    const level = (isolationLevel: Prisma.TransactionIsolationLevel) =>
      factory.prisma.$transaction(
        async (tx) => {
          const [row] = await tx.$queryRaw<
            { level: string }[]
          >`SELECT current_setting('transaction_isolation') AS level`;
          return row?.level;
        },
        { isolationLevel },
      );
    expect(await level('Serializable')).toBe('serializable');
    expect(await level('RepeatableRead')).toBe('repeatable read');
    expect(await level('ReadUncommitted')).toBe('read committed');
    expect(await codeOf(level('Snapshot' as never))).toBe('INVALID_ARGUMENT');
  });

  test('ends when its time is over, and nothing of it stays', async () => {
    const { id } = await someProject(factory, 'before');
    const never = signalled();
    const slow = factory.prisma.$transaction(
      async (tx) => {
        await tx.project.update({ where: { id }, data: { name: 'too late' } });
        await never.promise;
      },
      { timeout: 1_000, maxWait: 10_000 },
    );
    expect(await codeOf(slow)).toBe('TRANSACTION_TIMEOUT');
    never.fire();
    expect(await nameInDatabase(id)).toBe('before');
  });

  test("rejects a conflict under Prisma's code, once, however it came about", async () => {
    const { id } = await someProject(factory, 'before');
    let runs = 0;
    const colliding = factory.prisma.$transaction(
      async (tx) => {
        runs += 1;
        await tx.project.findUnique({ where: { id } });
        await runSql(database.url, 'UPDATE projects SET name = $2 WHERE id = $1', [id, 'theirs']);
        await tx.project.update({ where: { id }, data: { name: 'ours' } });
      },
      { isolationLevel: 'RepeatableRead' },
    );
    expect(await codeOf(colliding)).toBe('P2034');
    const atCommit = factory.prisma.$transaction(
      async (tx) => {
        runs += 1;
        await tx.$executeRawUnsafe(
          "CREATE TEMPORARY TABLE late (a int) ON COMMIT DROP; CREATE FUNCTION pg_temp.collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE '40001'; END $$; CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.collide(); INSERT INTO late VALUES (1)",
        );
      },
      { isolationLevel: 'Serializable' },
    );
    const failure = await atCommit.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Prisma.PrismaClientKnownRequestError);
    expect(failure).toMatchObject({ code: 'P2034', cause: { code: '40001' } });
    expect(runs).toBe(2);
  });

  test('is a savepoint inside another, be it begun by its client, by the factory or by itself', async () => {
    const { id } = await someProject(factory, 'before');
    const failure = new Error('inner');
    const name = (text: string) => factory.getProjectRepository().update(id, { name: text });
    const failing = async (): Promise<never> => {
      await name('inner');
      throw failure;
    };
    const txid = async () => (await factory.pool.query<{ id: string }>(TXID))[0]?.id;
    await factory.transaction(async () => {
      await name('outer');
      const outer = await txid();
      await expect(factory.prisma.$transaction(failing)).rejects.toBe(failure);
      await factory.prisma.$transaction(async (tx) => {
        await expect(tx.$transaction(failing)).rejects.toBe(failure);
        await expect(factory.transaction(failing)).rejects.toBe(failure);
        expect((await tx.project.findUniqueOrThrow({ where: { id } })).name).toBe('outer');
        expect(await tx.$transaction(txid)).toBe(outer);
      });
    });
    expect(await nameInDatabase(id)).toBe('outer');
  });

  test('is the same on what is made of the client by $extends, with the extensions in it', async () => {
    const { id } = await someProject(factory, 'before');
    const extended = factory.prisma.$extends({ client: { $greet: () => 'hello' } });
    const greeting = await extended.$transaction(async (tx) => {
      await factory.getProjectRepository().update(id, { name: 'inside' });
      expect((await tx.project.findUniqueOrThrow({ where: { id } })).name).toBe('inside');
      expect(await nameInDatabase(id)).toBe('before');
      return tx.$greet();
    });
    expect(greeting).toBe('hello');
    expect(await nameInDatabase(id)).toBe('inside');
  });
});

describe("an application's $transaction with an array", () => {
  test('does all of it or nothing, and gives the results in their order', async () => {
    const { id } = await someProject(factory, 'before');
    const { prisma } = factory;
    const [renamed, count] = await prisma.$transaction([
      prisma.project.update({ where: { id }, data: { name: 'renamed' } }),
      prisma.project.count({ where: { id } }),
    ]);
    expect([renamed.name, count]).toEqual(['renamed', 1]);
    const broken = prisma.$transaction([
      prisma.project.update({ where: { id }, data: { name: 'lost' } }),
      prisma.project.update({ where: { id: randomUUID() }, data: { name: 'nobody' } }),
    ]);
    expect(await codeOf(broken)).toBe('P2025');
    expect(await nameInDatabase(id)).toBe('renamed');
  });
});

describe('the client of a factory', () => {
  test('is the same each time, and all else of it is as Prisma made it', async () => {
    const { prisma } = factory;
    expect(factory.prisma).toBe(prisma);
    expect(Object.prototype.toString.call(prisma)).toBe('[object PrismaClient]');
    expect(await prisma.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
    const typed: PrismaClient = prisma;
    expect(typeof typed.$on).toBe('function');
  });
});
