import { setImmediate as othersTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StalenessStatistics } from '../../../src/cache/index.js';
import type { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { countOperations, domainFactory, someProject } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { servesInTime } from '../../support/patience.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';

/* The staleness sampler, which compares hits with PostgreSQL, in services that write and read. */

let database: TestDatabase;
let one: DomainRepositoryFactory;
let two: DomainRepositoryFactory;

beforeAll(async () => {
  database = await createDatabase();
  const redis = sharedRedis();
  const servers = { databaseUrl: database.url, redisUrl: redis.url, prefix: redis.keyPrefix };
  // Every hit is drawn; of those, ten in a second are compared.
  one = domainFactory(servers, { cache: { stalenessSampling: 1 } });
  two = domainFactory(servers, { cache: { stalenessSampling: 1 } });
  for (const factory of [one, two]) {
    await factory.initialize();
    expect(await servesInTime(factory.cache)).toBe(true);
  }
});

afterAll(async () => {
  await Promise.all([one?.shutdown(), two?.shutdown()]);
  await database?.drop();
});

function stalenessOf(factory: DomainRepositoryFactory): StalenessStatistics {
  const { staleness } = factory.cache.getStatistics();
  if (staleness === null) throw new Error('Nothing is compared.');
  return staleness;
}

/** A change that no trigger sees, as the apply process of a subscription makes. */
const changeUnseen = (id: string, name: string) =>
  runSql(
    database.url,
    `SET session_replication_role = replica; UPDATE projects SET name = '${name}' WHERE id = '${id}'`,
  );

describe('the staleness sampler', () => {
  test('finds no stale hit while two services write and read the same rows and lists', async () => {
    const hot = await someProject(one, 'hot 0');
    const calm = await someProject(two, 'calm 0');
    const owned = (factory: DomainRepositoryFactory, ownerId: string) =>
      factory.getProjectRepository().findMany({ where: { ownerId } });
    let isOver = false;
    let writes = 0;
    const write = async (factory: DomainRepositoryFactory): Promise<void> => {
      while (!isOver) {
        writes += 1;
        const name = `hot ${writes}`;
        const failing = writes % 7 === 0;
        const written = factory.transaction(async () => {
          await factory.getProjectRepository().update(hot.id, { name });
          if (failing) throw new Error('meant to fail');
        });
        await written.catch((error: unknown) => {
          if (!failing) throw error;
        });
        if (writes % 50 === 0)
          await factory.getProjectRepository().update(calm.id, { name: `calm ${writes}` });
      }
    };
    const read = async (factory: DomainRepositoryFactory): Promise<void> => {
      const projects = factory.getProjectRepository();
      while (!isOver) {
        for (const { id, ownerId } of [hot, calm]) {
          await projects.findById(id);
          await owned(factory, ownerId);
          // An answer from memory takes no turn of the event loop, in which answers of the servers come.
          await othersTurn();
        }
      }
    };
    const work = Promise.all([one, two].flatMap((factory) => [write(factory), read(factory)]));
    try {
      for (const factory of [one, two])
        await Promise.race([
          work,
          eventually(
            () => stalenessOf(factory),
            ({ sampled }) => sampled >= 25 && writes > 50,
            40_000,
          ),
        ]);
    } finally {
      isOver = true;
    }
    await work;
    for (const factory of [one, two]) {
      const { sampled, consistent, inconclusive } = await eventually(
        () => stalenessOf(factory),
        (counts) =>
          counts.sampled === counts.consistent + counts.inconclusive + counts.lagging + counts.stale,
      );
      expect(stalenessOf(factory)).toMatchObject({ stale: 0, lagging: 0, errors: 0, inconsistencyRate: 0 });
      expect(consistent).toBeGreaterThan(0);
      expect(sampled).toBe(consistent + inconclusive);
    }
  }, 120_000);

  test('finds a row and a list that were changed past everything, and drops them in every process', async () => {
    const { id, ownerId } = await someProject(one, 'before');
    const reads = [
      async (factory: DomainRepositoryFactory) => (await factory.getProjectRepository().findById(id))?.name,
      async (factory: DomainRepositoryFactory) =>
        (await factory.getProjectRepository().findMany({ where: { ownerId } }))[0]?.name,
    ];
    for (const read of reads) {
      for (const factory of [one, two]) {
        await eventually(
          () => countOperations(factory, () => read(factory)),
          ({ sql }) => sql === 0,
        );
      }
    }
    await changeUnseen(id, 'past everything');
    const before = stalenessOf(one).stale;
    for (const read of reads) {
      // Only one process reads, and so finds it; the other learns of it.
      await eventually(
        () => read(one),
        (name) => name === 'past everything',
        10_000,
      );
      expect(await read(two)).toBe('past everything');
    }
    expect(stalenessOf(one).stale - before).toBe(2);
    expect(stalenessOf(one).inconsistencyRate).toBeGreaterThan(0);
  }, 120_000);

  test('does not count as stale what the triggers make up for', async () => {
    const { id } = await someProject(one, 'before');
    const read = async () => (await one.getProjectRepository().findById(id))?.name;
    await eventually(
      () => countOperations(one, read),
      ({ sql }) => sql === 0,
    );
    const { stale, sampled } = stalenessOf(one);
    await runSql(database.url, `UPDATE projects SET name = 'seen by the triggers' WHERE id = '${id}'`);
    await eventually(read, (name) => name === 'seen by the triggers');
    await eventually(
      async () => [await read(), stalenessOf(one).sampled] as const,
      ([, after]) => after >= sampled + 3,
    );
    expect(stalenessOf(one).stale).toBe(stale);
  }, 120_000);
});
