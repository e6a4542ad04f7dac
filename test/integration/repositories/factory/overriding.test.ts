import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import { MemoryStore } from '../../../../src/cache/store/memory-store.js';
import { type Config, type Logger, loadConfig, silentLogger } from '../../../../src/config/index.js';
import {
  ConversionJobRepository,
  DomainRepositoryFactory,
  PrismaClient,
  ProjectRepository,
  UserRepository,
} from '../../../../src/domain/index.js';
import {
  type ConnectionPool,
  type DependencyContainer,
  inject,
  injectable,
  REPOSITORY_CONTEXT,
  type RepositoryContext,
  repositoryToken,
  type SchemaMetadata,
  TOKENS,
  WiringError,
} from '../../../../src/index.js';
import { eventually } from '../../../support/eventually.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';

let database: TestDatabase;
let config: Config;
/** Shut down after each test. */
let factories: { shutdown(): Promise<void> }[] = [];

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

beforeEach(() => {
  config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: database.url, ENABLE_LOCAL_CACHE: 'true' });
});
afterEach(async () => {
  for (const factory of factories) await factory.shutdown();
  factories = [];
});

function factoryWith(register: (container: DependencyContainer) => void): DomainRepositoryFactory {
  const factory = new DomainRepositoryFactory({ config, logger: silentLogger, register });
  factories.push(factory);
  return factory;
}

const someone = () => ({
  githubId: randomUUID(),
  email: `${randomUUID()}@example.test`,
  username: 'someone',
});

describe('what an application registers in the container of a factory', () => {
  test('is asked for once at each start, before anything is made', async () => {
    const seen: boolean[] = [];
    const factory = factoryWith((container) => {
      seen.push(container.isRegistered(TOKENS.pool) || container.isRegistered(TOKENS.config));
    });
    expect(seen).toEqual([]);
    await factory.initialize();
    factory.getUserRepository();
    expect(seen).toEqual([false]);
    await factory.shutdown();
    await factory.initialize();
    expect(seen).toEqual([false, false]);
  });

  test('replaces the configuration and the logger, which win over the options', async () => {
    const lines: string[] = [];
    const note = (context: object | string, message?: string) =>
      void lines.push(message ?? (context as string));
    const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
    const other = loadConfig({ NODE_ENV: 'test', DATABASE_URL: database.url, DB_POOL_MAX: '3' });
    const factory = factoryWith((container) => {
      container.registerInstance(TOKENS.config, other);
      container.registerInstance(TOKENS.logger, logger);
    });
    await factory.initialize();
    expect(factory.pool.getPoolStatistics().maxConnections).toBe(3);
    expect(lines).toContain('pool made');
  });

  test('replaces the clock of the cache, by which entries expire', async () => {
    const clock = new ManualClock();
    const factory = factoryWith((container) => container.registerInstance(TOKENS.clock, clock));
    const users = factory.getUserRepository();
    const { id } = await users.create(someone());
    await users.findById(id);
    const loads = () => factory.getCacheStatistics().loads;
    const before = loads();
    await users.findById(id);
    expect(loads()).toBe(before);
    await clock.advance(24 * 3_600_000);
    await users.findById(id);
    expect(loads()).toBe(before + 1);
  });

  test('replaces the store of the cache, which two factories can share', async () => {
    const store = new MemoryStore();
    const [one, two] = [0, 1].map(() =>
      factoryWith((container) => container.registerInstance(TOKENS.sharedStore, store)),
    ) as [DomainRepositoryFactory, DomainRepositoryFactory];
    const { id } = await one.getUserRepository().create(someone());
    await one.getUserRepository().findById(id);
    expect(await two.getUserRepository().findById(id)).toMatchObject({ username: 'someone' });
    expect(two.getCacheStatistics()).toMatchObject({ hits: 1, loads: 0, near: null });
    await one.getUserRepository().update(id, { username: 'changed' });
    expect((await two.getUserRepository().findById(id))?.username).toBe('changed');
    await one.shutdown();
    expect((await two.getUserRepository().findById(id))?.username).toBe('changed');
    expect(two.getCacheStatistics()).toMatchObject({ hits: 2, loads: 1 });
  });

  test('replaces the store by one that fails for a while, and nothing from before is served after', async () => {
    class Failing extends MemoryStore {
      failing = false;
      #refuse(): void {
        if (this.failing) throw new Error('no');
      }
      override async ping() {
        this.#refuse();
      }
      override async read(...args: Parameters<MemoryStore['read']>) {
        this.#refuse();
        return super.read(...args);
      }
      override async fence(...args: Parameters<MemoryStore['fence']>) {
        this.#refuse();
        return super.fence(...args);
      }
      override async lift(...args: Parameters<MemoryStore['lift']>) {
        this.#refuse();
        return super.lift(...args);
      }
    }
    const store = new Failing();
    const factory = factoryWith((container) => container.registerInstance(TOKENS.sharedStore, store));
    const users = factory.getUserRepository();
    const { id } = await users.create(someone());
    await users.findById(id);
    store.failing = true;
    await users.update(id, { username: 'meanwhile' });
    expect((await users.findById(id))?.username).toBe('meanwhile');
    store.failing = false;
    const { hits } = factory.getCacheStatistics();
    await eventually(
      async () => {
        expect((await users.findById(id))?.username).toBe('meanwhile');
        return factory.getCacheStatistics().hits;
      },
      (now) => now > hits,
    );
  });

  test('replaces the pool, which two factories can share, and which stays open when one is shut down', async () => {
    const owner = factoryWith(() => undefined);
    const { pool } = owner;
    const guest = factoryWith((container) => container.registerInstance(TOKENS.pool, pool));
    expect(guest.pool).toBe(pool);
    const { id } = await guest.getUserRepository().create(someone());
    await guest.transaction(async (prisma) => {
      expect(await prisma.user.findUnique({ where: { id } })).toMatchObject({ id });
      expect(await guest.getUserRepository().findById(id)).toMatchObject({ id });
    });
    await guest.shutdown();
    expect(await owner.getUserRepository().findById(id)).toMatchObject({ id });
  });

  test('replaces the Prisma client, from a factory that would make many', async () => {
    const queries: string[] = [];
    let clients = 0;
    const factory = factoryWith((container) =>
      container.register(TOKENS.prisma, {
        useFactory: (c) => {
          clients += 1;
          const adapter = new PrismaPg(c.resolve<ConnectionPool>(TOKENS.pool).pgPool);
          const client = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] });
          client.$on('query', ({ query }) => void queries.push(query));
          return client;
        },
      }),
    );
    const { id } = await factory.getUserRepository().create(someone());
    await factory.transaction(() => factory.getUserRepository().update(id, { username: 'other' }));
    expect(clients).toBe(1);
    expect(queries.some((query) => query.startsWith('INSERT INTO "public"."users"'))).toBe(true);
    expect(queries.some((query) => query.startsWith('UPDATE "public"."users"'))).toBe(true);
  });

  test('replaces the metadata and the context', async () => {
    let asked: string[] = [];
    const factory = factoryWith((container) => {
      container.register(TOKENS.repositoryContext, {
        useFactory: (c): RepositoryContext => ({
          pool: c.resolve(TOKENS.pool),
          prisma: c.resolve(TOKENS.prisma),
          cache: c.resolve(TOKENS.cache),
          metadata: c.resolve(TOKENS.metadata),
          logger: c.resolve(TOKENS.logger),
          defaultTtlSeconds: 5,
        }),
      });
      container.afterResolution(TOKENS.metadata, (_token, metadata) => {
        asked = Object.keys((metadata as SchemaMetadata).models);
      });
    });
    factory.getUserRepository();
    expect(asked.sort()).toEqual(['ConversionJob', 'Project', 'User']);
  });

  test('replaces a repository by its name, for those too who have it injected by its class', async () => {
    const factory = factoryWith((container) =>
      container.register(repositoryToken('user'), { useClass: Loud }),
    );
    expect(factory.getUserRepository()).toBeInstanceOf(Loud);
    expect(factory.getUserRepository()).toBe(factory.getUserRepository());
  });

  test('replaces a repository by its class', async () => {
    const factory = factoryWith((container) => container.register(UserRepository, { useClass: Loud }));
    expect(factory.getUserRepository()).toBeInstanceOf(Loud);
    expect(factory.getUserRepository()).toBe(factory.getUserRepository());
  });

  test('does not reach another factory', () => {
    factoryWith((container) => container.register(UserRepository, { useClass: Loud })).getUserRepository();
    expect(factoryWith(() => undefined).getUserRepository()).not.toBeInstanceOf(Loud);
  });
});

@injectable()
class Loud extends UserRepository {
  constructor(
    @inject(REPOSITORY_CONTEXT) context: RepositoryContext,
    @inject(ProjectRepository) projects: ProjectRepository,
    @inject(ConversionJobRepository) readonly theirJobs: ConversionJobRepository,
  ) {
    super(context, projects, theirJobs);
  }

  shout(): string {
    return this.model.toUpperCase();
  }
}

/** Compiles only where the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

describe("a factory's option `repositories`", () => {
  test('puts classes in place of others, and the getters are typed after them', () => {
    class Unlike extends ProjectRepository {
      readonly isUnlike = true;
    }
    const factory = new DomainRepositoryFactory({
      config,
      logger: silentLogger,
      repositories: { user: Loud, project: Unlike },
    });
    factories.push(factory);
    const users: Same<ReturnType<typeof factory.getUserRepository>, Loud> = true;
    const projects: Same<ReturnType<typeof factory.getProjectRepository>, Unlike> = true;
    const jobs: Same<ReturnType<typeof factory.getConversionJobRepository>, ConversionJobRepository> = true;
    expect([users, projects, jobs]).toEqual([true, true, true]);
    expect(factory.getUserRepository().shout()).toBe('USER');
    expect(factory.getProjectRepository().isUnlike).toBe(true);
  });

  test('leaves the types as they were where none is given', () => {
    const factory = new DomainRepositoryFactory({ config, logger: silentLogger });
    factories.push(factory);
    const users: Same<ReturnType<typeof factory.getUserRepository>, UserRepository> = true;
    const all: Same<typeof factory, InstanceType<typeof DomainRepositoryFactory>> = true;
    expect([users, all]).toEqual([true, true]);
    // @ts-expect-error what is replaced must be a repository
    expect(() => new DomainRepositoryFactory({ config, repositories: { user: Date } })).not.toThrow();
  });

  test('refuses a name that the factory does not have, when it compiles and when it does not', () => {
    // @ts-expect-error there is no such repository
    expect(() => new DomainRepositoryFactory({ config, repositories: { usr: Loud } })).toThrow(WiringError);
  });

  test('gives what took the place of a class to who has that class injected', () => {
    class Quiet extends ConversionJobRepository {}
    const factory = new DomainRepositoryFactory({
      config,
      logger: silentLogger,
      repositories: { user: Loud, conversionJob: Quiet },
    });
    factories.push(factory);
    expect(factory.getUserRepository().theirJobs).toBeInstanceOf(Quiet);
    expect(factory.getUserRepository().theirJobs).toBe(factory.getConversionJobRepository());
  });
});
