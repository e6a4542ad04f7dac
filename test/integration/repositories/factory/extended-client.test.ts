import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Config, loadConfig, silentLogger } from '../../../../src/config/index.js';
import { schemaMetadata } from '../../../../src/domain/generated/holdfast/metadata.js';
import { Prisma, PrismaClient } from '../../../../src/domain/index.js';
import { BaseRepository, defineRepositoryFactory, type RepositoryContext } from '../../../../src/index.js';
import { COMMAND_PATIENCE_MS, servesInTime } from '../../../support/patience.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../../support/servers.js';
import { runSql } from '../../../support/sql.js';

/** What the query extension has seen. */
let seen: string[] = [];

/** Each kind of extension that Prisma has. */
function extend(client: PrismaClient) {
  return client.$extends({
    name: 'everything',
    client: {
      $greet: (name: string) => `hello ${name}`,
    },
    model: {
      user: {
        async findByUsername(username: string) {
          return Prisma.getExtensionContext(this).findFirst({ where: { username } });
        },
      },
    },
    query: {
      $allModels: {
        async $allOperations({ model, operation, args, query }) {
          seen.push(`${model}.${operation}`);
          return query(args);
        },
      },
      user: {
        async create({ args, query }) {
          return query({ ...args, data: { ...args.data, name: 'by the extension' } });
        },
      },
    },
    result: {
      user: {
        label: { needs: { username: true }, compute: ({ username }) => `<${username}>` },
      },
    },
  });
}
type Extended = ReturnType<typeof extend>;

class People extends BaseRepository<Extended['user']> {
  constructor(context: RepositoryContext) {
    super(context, { model: 'User' });
  }
}

class PlainPeople extends BaseRepository<PrismaClient['user']> {
  constructor(context: RepositoryContext) {
    super(context, { model: 'User' });
  }
}

const Factory = defineRepositoryFactory({ user: People }, { PrismaClient, extend, metadata: schemaMetadata });

let database: TestDatabase;
let factory: InstanceType<typeof Factory>;
let config: Config;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const someone = (username: string = randomUUID()) => ({
  githubId: randomUUID(),
  email: `${randomUUID()}@example.test`,
  username,
});
const namesInDatabase = async (id: string): Promise<(string | undefined)[]> =>
  (await runSql<{ username: string }>(database.url, 'SELECT username FROM users WHERE id = $1', [id])).map(
    ({ username }) => username,
  );

describe.each(['without a cache', 'with Redis'])('a factory whose client is extended, %s', (kind) => {
  beforeEach(async () => {
    const redis = kind === 'with Redis' ? sharedRedis() : null;
    config = loadConfig({
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      REDIS_URL: redis?.url,
      REDIS_COMMAND_TIMEOUT: String(COMMAND_PATIENCE_MS),
      CACHE_PREFIX: redis?.keyPrefix,
    });
    factory = new Factory({ config, logger: silentLogger });
    await factory.initialize();
    if (redis !== null) expect(await servesInTime(factory.cache)).toBe(true);
    seen = [];
  });
  afterEach(() => factory.shutdown());

  test('gives out that client', async () => {
    expect(factory.prisma.$greet('you')).toBe('hello you');
    const { username } = await factory.getUserRepository().create(someone());
    expect(await factory.prisma.user.findByUsername(username)).toMatchObject({ label: `<${username}>` });
  });

  test('has its query extensions see what repositories ask, and change it', async () => {
    const users = factory.getUserRepository();
    const created = await users.create(someone());
    expect(created.name).toBe('by the extension');
    await users.findById(created.id);
    await users.update(created.id, { username: 'other' });
    await users.count();
    expect(seen).toEqual(['User.create', expect.stringMatching(/^User\.find/), 'User.update', 'User.count']);
  });

  test('has computed fields in its entities, frozen, the second time too', async () => {
    const users = factory.getUserRepository();
    const { id } = await users.create(someone('computed'));
    for (let time = 0; time < 3; time += 1) {
      const found = await users.findByIdOrThrow(id);
      expect(found.label).toBe('<computed>');
      expect(Object.isFrozen(found)).toBe(true);
    }
    const [listed] = await users.findMany({ where: { id } });
    expect(listed?.label).toBe('<computed>');
    await users.update(id, { username: 'changed' });
    expect((await users.findByIdOrThrow(id)).label).toBe('<changed>');
  });

  test('has all extensions in a transaction, and repositories in it', async () => {
    const users = factory.getUserRepository();
    const { id } = await users.create(someone());
    seen = [];
    await factory.transaction(async (prisma) => {
      expect(prisma.$greet('inside')).toBe('hello inside');
      const changed = await users.update(id, { username: `in ${id}` });
      expect(changed.label).toBe(`<in ${id}>`);
      expect(await prisma.user.findByUsername(`in ${id}`)).toMatchObject({ label: `<in ${id}>` });
      expect((await users.findByIdOrThrow(id)).label).toBe(`<in ${id}>`);
      expect(await factory.prisma.user.findByUsername(`in ${id}`)).toBeNull();
    });
    expect(seen).toEqual([
      'User.update',
      'User.findFirst',
      expect.stringMatching(/^User\.find/),
      'User.findFirst',
    ]);
    expect(await namesInDatabase(id)).toEqual([`in ${id}`]);
  });

  test('rolls back what was written through the extended client and through repositories', async () => {
    const users = factory.getUserRepository();
    const { id } = await users.create(someone('before'));
    const failure = new Error('no');
    const failing = factory.transaction(async (prisma) => {
      await users.update(id, { username: 'by the repository' });
      await prisma.user.update({ where: { id }, data: { name: 'by Prisma' } });
      throw failure;
    });
    await expect(failing).rejects.toBe(failure);
    expect(await users.findById(id)).toMatchObject({ username: 'before', name: 'by the extension' });
    expect(await namesInDatabase(id)).toEqual(['before']);
  });

  test('keeps values apart from those of a client that is extended otherwise', async () => {
    const { id } = await factory.getUserRepository().create(someone('shared'));
    expect((await factory.getUserRepository().findByIdOrThrow(id)).label).toBe('<shared>');
    const Other = defineRepositoryFactory(
      { user: PlainPeople },
      {
        PrismaClient,
        metadata: schemaMetadata,
        extend: (client: PrismaClient) =>
          client.$extends({
            result: { user: { label: { needs: {}, compute: () => 'other' }, size: { compute: () => 1 } } },
          }),
      },
    );
    const other = new Other({ config, logger: silentLogger });
    await other.initialize();
    if (kind === 'with Redis') expect(await servesInTime(other.cache)).toBe(true);
    const plain = await other.getUserRepository().findByIdOrThrow(id);
    expect(plain).toMatchObject({ id, label: 'other', size: 1 });
    expect((await factory.getUserRepository().findByIdOrThrow(id)).label).toBe('<shared>');
    await other.shutdown();
  });

  test("joins the pool's prismaTransaction as well", async () => {
    const users = factory.getUserRepository();
    const { id } = await users.create(someone('before'));
    await factory.pool.prismaTransaction<Extended, void>(async (prisma) => {
      await users.update(id, { username: 'inside' });
      expect((await prisma.user.findUniqueOrThrow({ where: { id } })).label).toBe('<inside>');
    });
    expect((await users.findByIdOrThrow(id)).label).toBe('<inside>');
  });
});
