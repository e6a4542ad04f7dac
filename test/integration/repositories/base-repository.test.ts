import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DomainRepositoryFactory, Prisma } from '../../../src/domain/index.js';
import { EntityNotFoundError, InvalidArgumentError } from '../../../src/errors.js';
import { countOperations, domainFactory, someProject, someUser } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { untilMemoryMayAnswer } from '../../support/near-memory.js';
import { servesInTime } from '../../support/patience.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';

let database: TestDatabase;
let here: DomainRepositoryFactory;
/** Another service on the same servers: its own pool, its own connection to Redis. */
let elsewhere: DomainRepositoryFactory;
/** A third, without a near cache. */
let shared: DomainRepositoryFactory;

beforeAll(async () => {
  database = await createDatabase();
  const redis = sharedRedis();
  const servers = { databaseUrl: database.url, redisUrl: redis.url, prefix: redis.keyPrefix };
  here = domainFactory(servers);
  elsewhere = domainFactory(servers);
  shared = domainFactory(servers, { cache: { coherence: 'off' } });
  await Promise.all([here, elsewhere, shared].map((factory) => factory.initialize()));
  for (const factory of [here, elsewhere, shared]) expect(await servesInTime(factory.cache)).toBe(true);
});

afterAll(async () => {
  await Promise.all([here, elsewhere, shared].map((factory) => factory.shutdown()));
  await database.drop();
});

/** Reads until the entity comes from the cache. */
async function warm(factory: DomainRepositoryFactory, id: string): Promise<void> {
  await eventually(
    () => countOperations(factory, () => factory.getProjectRepository().findById(id)),
    ({ sql }) => sql === 0,
  );
}

describe('findById', () => {
  test('gives from the cache exactly what Prisma gives from the database', async () => {
    const { id: ownerId } = await someUser(here);
    const created = await here.getProjectRepository().create({
      ownerId,
      name: 'every type',
      description: null,
      sourceStack: { nested: { list: [1, null, 'two'] }, ['__proto__']: 'a key' },
      targetStack: Prisma.JsonNull,
      tags: ['a', 'b'],
      sizeBytes: 2n ** 62n,
      estimatedCost: '12345678.9012',
      status: 'READY',
    });
    const byPrisma = await here.prisma.project.findUniqueOrThrow({ where: { id: created.id } });
    await warm(here, created.id);
    expect(await here.getProjectRepository().findById(created.id)).toStrictEqual(byPrisma);
  });

  test('costs one statement and two round trips when nothing is cached, then one round trip without a near cache', async () => {
    const { id } = await someProject(here);
    const projects = shared.getProjectRepository();
    const { fills } = shared.getCacheStatistics();
    const cold = await countOperations(shared, async () => {
      await projects.findById(id);
      await eventually(
        () => shared.getCacheStatistics().fills,
        (now) => now === fills + 1,
      );
    });
    expect(cold).toEqual({ sql: 1, roundTrips: 2 });
    const hot = await countOperations(shared, () => projects.findById(id));
    expect(hot).toEqual({ sql: 0, roundTrips: 1 });
  });

  test('costs nothing at all from the near cache, and gives the very same object', async () => {
    const { id } = await someProject(here);
    const first = await here.getProjectRepository().findById(id);
    await untilMemoryMayAnswer(here.cache);
    const operations = await countOperations(here, async () => {
      expect(await here.getProjectRepository().findById(id)).toBe(first);
    });
    expect(operations).toEqual({ sql: 0, roundTrips: 0 });
  });

  test('makes one round trip and one statement of a hundred reads of one tick', async () => {
    const projects = [await someProject(here), await someProject(here), await someProject(here)];
    const readAll = (): Promise<unknown> =>
      Promise.all(
        Array.from({ length: 99 }, async (_, n) => {
          const id = projects[n % 3]?.id ?? '';
          expect((await shared.getProjectRepository().findById(id))?.id).toBe(id);
        }),
      );
    const { fills } = shared.getCacheStatistics();
    const cold = await countOperations(shared, async () => {
      await readAll();
      await eventually(
        () => shared.getCacheStatistics().fills,
        (now) => now === fills + 3,
      );
    });
    expect(cold).toEqual({ sql: 1, roundTrips: 2 });
    expect(await countOperations(shared, readAll)).toEqual({ sql: 0, roundTrips: 1 });
  });

  test('finds one row under both cases of its uuid, and a write through either is seen through the other', async () => {
    const { id } = await someProject(here, 'before');
    await warm(here, id);
    await here.getProjectRepository().update(id.toUpperCase(), { name: 'after' });
    expect((await here.getProjectRepository().findById(id))?.name).toBe('after');
    expect((await here.getProjectRepository().findById(id.toUpperCase()))?.name).toBe('after');
  });

  test('gives null for a row that is not there, and the row as soon as it is created', async () => {
    const id = randomUUID();
    expect(await elsewhere.getUserRepository().findById(id)).toBeNull();
    await here.getUserRepository().create({ id, githubId: id, email: `${id}@x`, username: 'late' });
    expect((await elsewhere.getUserRepository().findById(id))?.username).toBe('late');
  });

  test('gives an object that nobody can change for others', async () => {
    const { id } = await someProject(here);
    const project = await here.getProjectRepository().findById(id);
    expect(() => Object.assign(project ?? {}, { name: 'changed' })).toThrow(TypeError);
    await warm(here, id);
    expect(Object.isFrozen(await here.getProjectRepository().findById(id))).toBe(true);
  });

  test('refuses an id that cannot be one, instead of finding nothing', async () => {
    await expect(here.getUserRepository().findById('me')).rejects.toThrow(InvalidArgumentError);
    await expect(here.getUserRepository().findById(7 as never)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  test('with OrThrow says which entity is missing', async () => {
    const id = randomUUID();
    await expect(here.getUserRepository().findByIdOrThrow(id)).rejects.toMatchObject({
      code: 'ENTITY_NOT_FOUND',
      context: { model: 'User', id },
    });
  });
});

describe('a write that was acknowledged', () => {
  test('is seen by every later read, here and elsewhere', async () => {
    const { id } = await someProject(here, 'version 0');
    for (let version = 1; version <= 20; version += 1) {
      await warm(elsewhere, id);
      await here.getProjectRepository().update(id, { name: `version ${version}` });
      expect((await elsewhere.getProjectRepository().findById(id))?.name).toBe(`version ${version}`);
      expect((await here.getProjectRepository().findById(id))?.name).toBe(`version ${version}`);
    }
  });

  test('of a deletion takes the cascades with it, here and elsewhere', async () => {
    const { id: projectId, ownerId } = await someProject(here);
    const job = await here
      .getConversionJobRepository()
      .create({ projectId, userId: ownerId, type: 'ANALYSIS' });
    await warm(elsewhere, projectId);
    expect(await elsewhere.getConversionJobRepository().findById(job.id)).not.toBeNull();

    await here.getUserRepository().delete(ownerId);
    expect(await elsewhere.getProjectRepository().findById(projectId)).toBeNull();
    expect(await elsewhere.getConversionJobRepository().findById(job.id)).toBeNull();
  });

  test('that nests into other models is seen in them', async () => {
    const { id, ownerId } = await someProject(here, 'before');
    await warm(elsewhere, id);
    await here.getUserRepository().update(ownerId, {
      projects: { update: { where: { id }, data: { name: 'through its owner' } } },
    });
    expect((await elsewhere.getProjectRepository().findById(id))?.name).toBe('through its owner');
  });
});

describe('a write that failed', () => {
  test('for want of the row says so, for update and delete', async () => {
    const id = randomUUID();
    await expect(here.getProjectRepository().update(id, { name: 'x' })).rejects.toThrow(EntityNotFoundError);
    await expect(here.getProjectRepository().delete(id)).rejects.toThrow(EntityNotFoundError);
  });

  test('on a constraint leaves the entity cacheable at once', async () => {
    const [first, second] = [await someUser(here), await someUser(here)];
    await expect(here.getUserRepository().update(second.id, { email: first.email })).rejects.toMatchObject({
      code: 'P2002',
    });
    await here.getUserRepository().findById(second.id);
    // Were the fence still standing, this would be a load each time.
    await eventually(
      () => countOperations(here, () => here.getUserRepository().findById(second.id)),
      ({ sql }) => sql === 0,
      5_000,
    );
    expect((await here.getUserRepository().findById(second.id))?.email).toBe(second.email);
  });

  test('is refused before it is sent when it changes nothing, or the id', async () => {
    const { id } = await someProject(here);
    const projects = here.getProjectRepository();
    const operations = await countOperations(here, async () => {
      await expect(projects.update(id, {})).rejects.toThrow(InvalidArgumentError);
      await expect(projects.update(id, { id: randomUUID() })).rejects.toThrow(InvalidArgumentError);
    });
    expect(operations).toEqual({ sql: 0, roundTrips: 0 });
  });
});

describe('findMany and count', () => {
  test('give from the cache exactly what Prisma gives, relations and all', async () => {
    const { id: ownerId } = await someUser(here);
    for (const name of ['c', 'a', 'b']) {
      await here.getProjectRepository().create({
        ownerId,
        name,
        sourceStack: { deep: [1, { two: null }] },
        sizeBytes: 2n ** 60n,
        estimatedCost: '0.0001',
      });
    }
    const args = {
      where: { ownerId },
      orderBy: { name: 'asc' },
      include: { owner: true, jobs: true, _count: { select: { jobs: true } } },
    } as const;
    const byPrisma = await here.prisma.project.findMany(args);
    const { fills } = here.getCacheStatistics();
    expect(await here.getProjectRepository().findMany(args)).toStrictEqual(byPrisma);
    await eventually(
      () => here.getCacheStatistics().fills,
      (now) => now > fills,
    );
    const fromRedis = await countOperations(shared, async () => {
      expect(await shared.getProjectRepository().findMany(args)).toStrictEqual(byPrisma);
    });
    expect(fromRedis).toEqual({ sql: 0, roundTrips: 1 });
    await untilMemoryMayAnswer(here.cache);
    const fromMemory = await countOperations(here, async () => {
      expect(await here.getProjectRepository().findMany(args)).toStrictEqual(byPrisma);
    });
    expect(fromMemory).toEqual({ sql: 0, roundTrips: 0 });
    expect(await here.getProjectRepository().count({ where: { ownerId } })).toBe(3);
    expect(await elsewhere.getProjectRepository().count({ where: { ownerId } })).toBe(3);
  });

  test('follow every write to a model that their arguments speak of, in every process', async () => {
    const { id, ownerId } = await someProject(here, 'first');
    const where = { owner: { id: ownerId } };
    const seen = async (factory: DomainRepositoryFactory): Promise<string> => {
      const found = await factory.getProjectRepository().findMany({
        where,
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        select: { name: true, owner: { select: { name: true } }, jobs: { select: { type: true } } },
      });
      const count = await factory.getProjectRepository().count({ where });
      return `${count} ${found.map(({ name, owner, jobs }) => `${name}/${owner.name}/${jobs.length}`).join()}`;
    };
    const steps: [write: () => Promise<unknown>, then: string][] = [
      [async () => undefined, '1 first/null/0'],
      [() => here.getProjectRepository().update(id, { name: 'a' }), '1 a/null/0'],
      [() => elsewhere.getUserRepository().update(ownerId, { name: 'Ada' }), '1 a/Ada/0'],
      [() => here.getConversionJobRepository().create({ projectId: id, type: 'EXPORT' }), '1 a/Ada/1'],
      [
        () => elsewhere.getProjectRepository().create({ ownerId, name: 'b', sourceStack: {} }),
        '2 a/Ada/1,b/Ada/0',
      ],
      [() => here.getProjectRepository().updateMany({ where, data: { name: 'c' } }), '2 c/Ada/1,c/Ada/0'],
      [
        () => shared.getConversionJobRepository().deleteMany({ where: { projectId: id } }),
        '2 c/Ada/0,c/Ada/0',
      ],
      [() => here.getProjectRepository().delete(id), '1 c/Ada/0'],
      [() => elsewhere.getUserRepository().delete(ownerId), '0 '],
    ];
    for (const [write, then] of steps) {
      await write();
      for (const factory of [here, elsewhere, shared]) expect(await seen(factory)).toBe(then);
      for (const factory of [here, elsewhere, shared]) expect(await seen(factory)).toBe(then);
    }
  });
});

describe('a look-up by a unique field', () => {
  const byEmail = (factory: DomainRepositoryFactory, email: string) =>
    factory.getUserRepository().findByEmail(email);

  test('finds the row, from the cache too, and none where there is none', async () => {
    const user = await someUser(here);
    for (const factory of [here, elsewhere, shared, here])
      expect(await byEmail(factory, user.email)).toEqual(user);
    await eventually(
      () => countOperations(shared, () => byEmail(shared, user.email)),
      ({ sql }) => sql === 0,
    );
    for (const factory of [here, elsewhere, here]) expect(await byEmail(factory, 'nobody')).toBeNull();
    await eventually(
      () => countOperations(shared, () => byEmail(shared, 'nobody')),
      ({ sql }) => sql === 0,
    );
  });

  test('follows a value from row to row, and to none', async () => {
    const [first, second] = [await someUser(here), await someUser(here)];
    const value = `wandering-${first.email}`;
    const owner = async (): Promise<readonly (string | undefined)[]> => {
      const seen: (string | undefined)[] = [];
      for (const factory of [here, elsewhere, shared]) seen.push((await byEmail(factory, value))?.id);
      return seen;
    };
    const all = (id: string | undefined) => [id, id, id];
    expect(await owner()).toEqual(all(undefined));
    await here.getUserRepository().update(first.id, { email: value });
    expect(await owner()).toEqual(all(first.id));
    await elsewhere.transaction(async () => {
      await elsewhere.getUserRepository().update(first.id, { email: first.email });
      await elsewhere.getUserRepository().update(second.id, { email: value });
    });
    expect(await owner()).toEqual(all(second.id));
    await here.getUserRepository().delete(second.id);
    expect(await owner()).toEqual(all(undefined));
    const third = await elsewhere
      .getUserRepository()
      .create({ githubId: value, email: value, username: 'third' });
    expect(await owner()).toEqual(all(third.id));
  });

  test('asks the database for a text that can name no entry', async () => {
    expect(await byEmail(here, '')).toBeNull();
    await expect(byEmail(here, 'a\0b')).rejects.toThrow();
  });
});

describe('the cache statistics', () => {
  test('count hits of each tier, misses and loads apart', async () => {
    const { id } = await someProject(here);
    await warm(here, id);
    await untilMemoryMayAnswer(here.cache);
    const before = here.getCacheStatistics();
    await here.getProjectRepository().findById(id);
    await here.getProjectRepository().findById(randomUUID());
    const after = here.getCacheStatistics();
    expect(after.nearHits - before.nearHits).toBe(1);
    expect(after.misses - before.misses).toBe(1);
    expect(after.loads - before.loads).toBe(1);
    expect(after.hitRate).toBeGreaterThan(0);

    const { hits } = shared.getCacheStatistics();
    await warm(shared, id);
    expect(shared.getCacheStatistics().hits).toBeGreaterThan(hits);
  });

  test('show that clearing the cache makes the next read a miss', async () => {
    const { id } = await someProject(here);
    await warm(here, id);
    expect(await elsewhere.clearCache()).toBe(true);
    const { sql } = await countOperations(here, () => here.getProjectRepository().findById(id));
    expect(sql).toBe(1);
  });
});

describe('arguments that the caller changes after the call', () => {
  test('of a read do not put its result under the name of another', async () => {
    const { ownerId } = await someProject(here, 'mine');
    const where = { ownerId, name: 'mine' };
    const reading = here.getProjectRepository().findMany({ where });
    where.name = 'other';
    expect((await reading).map((project) => project.name)).toEqual(['mine']);
    const named = (name: string) => elsewhere.getProjectRepository().findMany({ where: { ownerId, name } });
    expect((await named('mine')).map((project) => project.name)).toEqual(['mine']);
    expect(await named('other')).toEqual([]);
  });

  test('of a write change nothing that is not invalidated', async () => {
    const { id, ownerId } = await someProject(here, 'before');
    await warm(elsewhere, id);
    const data: Prisma.UserUpdateInput = { name: 'owner' };
    const writing = here.getUserRepository().update(ownerId, data);
    data.projects = { update: { where: { id }, data: { name: 'after' } } };
    await writing;
    expect((await elsewhere.getProjectRepository().findById(id))?.name).toBe('before');
  });
});
