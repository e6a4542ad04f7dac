import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFacade } from '../../../src/repositories/index.js';
import { countOperations, domainFactory, someProject, someUser } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { servesInTime } from '../../support/patience.js';
import { openFeatureWorld, statementsOf } from '../../support/prisma/feature-world.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';

let database: TestDatabase;
let here: ReturnType<typeof domainFactory>;
let elsewhere: ReturnType<typeof domainFactory>;

beforeAll(async () => {
  database = await createDatabase();
  const redis = sharedRedis();
  const servers = { databaseUrl: database.url, redisUrl: redis.url, prefix: redis.keyPrefix };
  here = domainFactory(servers);
  elsewhere = domainFactory(servers);
  for (const factory of [here, elsewhere]) {
    await factory.initialize();
    await servesInTime(factory.cache);
  }
});

afterAll(async () => {
  await Promise.all([here.shutdown(), elsewhere.shutdown()]);
  await database.drop();
});

const sqlOf = async (read: () => Promise<unknown>) => (await countOperations(elsewhere, read)).sql;

/** Reads until the answer comes from the cache. */
async function warm(read: () => Promise<unknown>): Promise<void> {
  await eventually(
    () => sqlOf(read),
    (sql) => sql === 0,
  );
}

describe('db.cached', () => {
  test('answers each read as Prisma does, from the cache, and never after a write what was before', async () => {
    const db = createFacade(elsewhere);
    const { id, ownerId } = await someProject(here, 'before');
    const where = { ownerId };
    const reads: readonly (readonly [read: () => Promise<unknown>, byPrisma: () => Promise<unknown>])[] = [
      [
        () => db.cached.project.findUnique({ where: { id } }),
        () => db.primary.project.findUnique({ where: { id } }),
      ],
      [() => db.cached.project.findFirst({ where }), () => db.primary.project.findFirst({ where })],
      [
        () => db.cached.project.findMany({ where, include: { owner: true } }),
        () => db.primary.project.findMany({ where, include: { owner: true } }),
      ],
      [
        () => db.cached.project.count({ where: { ...where, name: 'after' } }),
        () => db.primary.project.count({ where: { ...where, name: 'after' } }),
      ],
      [
        () => db.cached.project.aggregate({ where, _max: { name: true } }),
        () => db.primary.project.aggregate({ where, _max: { name: true } }),
      ],
      [
        () => db.cached.project.groupBy({ by: ['name'], where, _count: true }),
        () => db.read.project.groupBy({ by: ['name'], where, _count: true }),
      ],
    ];
    for (const [read, byPrisma] of reads) {
      expect(await read()).toEqual(await byPrisma());
      await warm(read);
    }
    await here.getProjectRepository().update(id, { name: 'after' });
    for (const [read, byPrisma] of reads) expect(await read()).toEqual(await byPrisma());
  });

  test('takes a time and tags of its own, by which it can be invalidated', async () => {
    const db = createFacade(elsewhere);
    const { id } = await someUser(here);
    const read = () => db.cached.user.findUnique({ where: { id }, ttl: 60, tags: [`report:${id}`] });
    const plain = () => db.cached.user.findUnique({ where: { id } });
    await warm(read);
    await warm(plain);
    expect(await createFacade(here).invalidateCache({ tags: [`report:${id}`] })).toBe(true);
    expect(await sqlOf(plain)).toBe(0);
    expect(await sqlOf(read)).toBe(1);
    await expect(db.cached.user.findMany({ ttl: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('keeps to what the repository of the model declares, and answers for models without one', async () => {
    const world = await openFeatureWorld();
    const db = createFacade(world.here) as unknown as {
      cached: Record<string, Record<string, (args?: object) => Promise<unknown>>>;
      invalidateCache(what: object): Promise<boolean>;
    };
    await expect(db.cached['document']?.['findMany']?.()).rejects.toMatchObject({ code: 'SCOPE_REQUIRED' });
    const read = () => db.cached['audit']?.['count']?.() ?? Promise.reject(new Error('no such model'));
    expect(await read()).toBe(0);
    await eventually(
      () => statementsOf(world.here, read),
      (statements) => statements === 0,
    );
    expect(await db.invalidateCache({ models: ['Audit'] })).toBe(true);
    expect(await statementsOf(world.here, read)).toBe(1);
    await expect(db.invalidateCache({ models: ['Nothing'] })).rejects.toMatchObject({ code: 'WIRING' });
    await world.close();
  });
});

describe('db.query', () => {
  test('keeps the result of a function under its name, until its tag, its key or a model of it is invalidated', async () => {
    const db = createFacade(elsewhere);
    const { ownerId } = await someProject(here);
    const read = () =>
      db.query((prisma) => prisma.project.count({ where: { ownerId } }), {
        cacheKey: `projects of ${ownerId}`,
        cacheStrategy: 'SHORT',
        tags: ['counts'],
        models: ['Project'],
      });
    expect(await read()).toBe(1);
    await warm(read);
    await here.getProjectRepository().create({ ownerId, name: 'second', sourceStack: {} });
    expect(await read()).toBe(2);
    for (const what of [
      { tags: ['counts'] },
      { keys: [`projects of ${ownerId}`] },
      { models: ['Project'] },
    ]) {
      await warm(read);
      expect(await createFacade(here).invalidateCache(what)).toBe(true);
      expect(await sqlOf(read)).toBe(1);
    }
  });

  test('without a name, or in a transaction, keeps nothing', async () => {
    const db = createFacade(here);
    const { id } = await someUser(here);
    let runs = 0;
    const run = async (prisma: ReturnType<typeof db.getPrisma>) => {
      runs += 1;
      return (await prisma.user.findUniqueOrThrow({ where: { id } })).username;
    };
    await db.query(run);
    await db.query(run);
    expect(runs).toBe(2);
    await here
      .transaction(async (prisma) => {
        await prisma.user.update({ where: { id }, data: { username: 'uncommitted' } });
        expect(await db.query(run, { cacheKey: `name of ${id}` })).toBe('uncommitted');
        throw new Error('rolled back');
      })
      .catch((error: unknown) => expect(error).toMatchObject({ message: 'rolled back' }));
    expect(await db.query(run, { cacheKey: `name of ${id}` })).toBe('someone');
  });

  test('lets one of many at once run the function', async () => {
    let runs = 0;
    const read = (factory: typeof here) =>
      createFacade(factory).query(
        async () => {
          runs += 1;
          return { at: runs };
        },
        { cacheKey: 'one of many' },
      );
    const results = await Promise.all(Array.from({ length: 50 }, (_, n) => read(n % 2 ? here : elsewhere)));
    expect(runs).toBe(1);
    expect(new Set(results.map(({ at }) => at))).toEqual(new Set([1]));
  });

  test('refuses a strategy or a time that is none', async () => {
    const db = createFacade(here);
    for (const options of [
      { cacheStrategy: 'EVER' as never },
      { ttlSeconds: 0 },
      { ttlSeconds: Number.NaN },
    ]) {
      await expect(db.query(async () => 1, { cacheKey: 'x', ...options })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });
});
