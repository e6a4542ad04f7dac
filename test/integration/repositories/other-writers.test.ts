import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { countOperations, domainFactory, IMPATIENT, someProject, someUser } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { servesInTime } from '../../support/patience.js';
import { createDatabase, ownRedis, sharedRedis, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';

let database: TestDatabase;
let one: DomainRepositoryFactory;
let two: DomainRepositoryFactory;

beforeAll(async () => {
  database = await createDatabase();
  const redis = sharedRedis();
  const servers = { databaseUrl: database.url, redisUrl: redis.url, prefix: redis.keyPrefix };
  one = domainFactory(servers);
  two = domainFactory(servers);
  await Promise.all([one.initialize(), two.initialize()]);
  for (const factory of [one, two]) expect(await servesInTime(factory.cache)).toBe(true);
});

afterAll(async () => {
  await Promise.all([one.shutdown(), two.shutdown()]);
  await database.drop();
});

const nameSeen = async (factory: DomainRepositoryFactory, id: string): Promise<string | undefined> =>
  (await factory.getProjectRepository().findById(id))?.name;
const waiting = () =>
  runSql<{ n: number }>(database.url, 'SELECT count(*)::int AS n FROM holdfast_outbox.outbox');

/** Reads until it comes from the cache in both processes. */
async function warm(read: (factory: DomainRepositoryFactory) => Promise<unknown>): Promise<void> {
  for (const factory of [one, two]) {
    await eventually(
      () => countOperations(factory, () => read(factory)),
      ({ sql }) => sql === 0,
    );
  }
}

describe('a change by another writer', () => {
  test('of a row is soon seen by id, by unique field, in lists and in counts, in every process', async () => {
    const project = await someProject(one, 'before');
    const { id, ownerId } = project;
    const owner = await one.getUserRepository().findByIdOrThrow(ownerId);
    const reads = [
      (factory: DomainRepositoryFactory) => nameSeen(factory, id),
      (factory: DomainRepositoryFactory) =>
        factory
          .getProjectRepository()
          .findByUser(ownerId)
          .then(({ items: [first] }) => first?.name),
      (factory: DomainRepositoryFactory) =>
        factory.getProjectRepository().count({ where: { name: 'after' } }),
      (factory: DomainRepositoryFactory) => factory.getUserRepository().findByEmail(`new-${owner.email}`),
    ];
    for (const read of reads) await warm(read);
    await runSql(database.url, `UPDATE projects SET name = 'after' WHERE id = '${id}'`);
    await runSql(database.url, `UPDATE users SET email = 'new-' || email WHERE id = '${ownerId}'`);
    for (const factory of [one, two]) {
      const seen = async () => Promise.all(reads.map((read) => read(factory)));
      await eventually(seen, ([name, listed, count, user]) => {
        const found = typeof user === 'object' && user !== null && 'id' in user ? user.id : null;
        return name === 'after' && listed === 'after' && count === 1 && found === ownerId;
      });
    }
  });

  test('through the pool, but not through a repository, is one by another writer', async () => {
    const { id } = await someProject(one, 'before');
    await warm((factory) => nameSeen(factory, id));
    await one.pool.query(`UPDATE projects SET name = 'raw' WHERE id = $1`, [id]);
    await eventually(
      () => nameSeen(two, id),
      (name) => name === 'raw',
    );
    await one.prisma.project.update({ where: { id }, data: { name: 'by Prisma itself' } });
    await eventually(
      () => nameSeen(two, id),
      (name) => name === 'by Prisma itself',
    );
  });

  test('does not hide what a repository writes in its place, by itself or nested', async () => {
    const { id, ownerId } = await someProject(one, 'before');
    const again = { id, name: 'again', sourceStack: {} };
    for (const create of [
      () => one.getProjectRepository().create({ ...again, ownerId }),
      () => one.getUserRepository().update(ownerId, { projects: { create: again } }),
    ]) {
      await warm((factory) => nameSeen(factory, id));
      await runSql(database.url, `DELETE FROM projects WHERE id = '${id}'`);
      await create();
      // Without waiting for the relay: the creation was acknowledged.
      for (const factory of [one, two]) expect(await nameSeen(factory, id)).toBe('again');
    }
  });

  test('that takes all rows is seen', async () => {
    const { id } = await someProject(one, 'before');
    await warm((factory) => nameSeen(factory, id));
    await runSql(database.url, 'TRUNCATE projects CASCADE');
    await eventually(
      () => nameSeen(two, id),
      (name) => name === undefined,
    );
  });

  test('is recorded for as long as it takes; a write of a repository is not recorded at all', async () => {
    await eventually(waiting, ([row]) => row?.n === 0);
    // What the relay takes it counts.
    const relayed = (): number => one.getCacheStatistics().relayed + two.getCacheStatistics().relayed;
    const before = relayed();
    const { id, ownerId } = await someProject(one, 'before');
    const { id: userId } = await someUser(one);
    await one.getProjectRepository().update(id, { name: 'after' });
    await one.getUserRepository().update(ownerId, {
      projects: {
        create: { name: 'nested', sourceStack: {} },
        update: { where: { id }, data: { name: 'n' } },
      },
    });
    await one.transaction(async () => {
      await one.getProjectRepository().updateMany({ where: { ownerId }, data: { name: 'many' } });
      await one.getUserRepository().delete(userId);
    });
    await one.getUserRepository().delete(ownerId);
    await runSql(
      database.url,
      `INSERT INTO users (id, github_id, email, username, updated_at)
      VALUES (gen_random_uuid(), 'raw', 'raw@example.test', 'raw', now())`,
    );
    // Had one of the writes before been recorded, it would have come first.
    await eventually(relayed, (count) => count > before);
    expect(relayed()).toBe(before + 1);
    expect(await waiting()).toEqual([{ n: 0 }]);
  });
});

describe('a write of a repository by a statement that nothing would end', () => {
  test.each([
    ['without a statement timeout', { statementTimeoutMs: 0 }],
    ['through a pooler, where no session setting holds', { transactionPooler: true }],
  ])('is recorded, since it may outlive its fence: %s', async (_, settings) => {
    const redis = sharedRedis();
    const servers = { databaseUrl: database.url, redisUrl: redis.url, prefix: redis.keyPrefix };
    const factory = domainFactory(servers, { database: settings });
    try {
      await factory.initialize();
      expect(await servesInTime(factory.cache)).toBe(true);
      const relayed = (): number =>
        [factory, one, two].reduce((sum, each) => sum + each.getCacheStatistics().relayed, 0);
      const { id } = await someProject(factory, 'before');
      await eventually(waiting, ([row]) => row?.n === 0);
      const before = relayed();
      await factory.getProjectRepository().update(id, { name: 'after' });
      expect(await nameSeen(factory, id)).toBe('after');
      await eventually(relayed, (count) => count > before);

      // Inside a transaction the server has its limits.
      await eventually(waiting, ([row]) => row?.n === 0);
      const settled = relayed();
      await factory.transaction(() => factory.getProjectRepository().update(id, { name: 'again' }));
      expect(await waiting()).toEqual([{ n: 0 }]);
      expect(relayed()).toBe(settled);
    } finally {
      await factory.shutdown();
    }
  });
});

describe('a change by another writer while Redis is away', () => {
  test('is seen by every process when it is back', async () => {
    const redis = await ownRedis({ appendOnly: true });
    const servers = { databaseUrl: database.url, redisUrl: redis.url };
    const [first, second] = [domainFactory(servers, IMPATIENT), domainFactory(servers, IMPATIENT)];
    try {
      await Promise.all([first.initialize(), second.initialize()]);
      const { id } = await someProject(first, 'before');
      for (const factory of [first, second]) {
        expect(await servesInTime(factory.cache)).toBe(true);
        await eventually(
          () => countOperations(factory, () => nameSeen(factory, id)),
          ({ sql }) => sql === 0,
        );
      }
      await redis.kill('SIGKILL');
      await runSql(database.url, `UPDATE projects SET name = 'meanwhile' WHERE id = '${id}'`);
      await redis.start();
      for (const factory of [first, second]) {
        // Until then it is not served from the cache, and what then is served is new.
        expect(await nameSeen(factory, id)).toBe('meanwhile');
        expect(await servesInTime(factory.cache)).toBe(true);
        expect(await nameSeen(factory, id)).toBe('meanwhile');
      }
      expect(await waiting()).toEqual([{ n: 0 }]);
    } finally {
      await Promise.all([first.shutdown(), second.shutdown()]);
      await redis.stop();
    }
  });
});
