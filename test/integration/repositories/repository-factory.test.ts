import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig, silentLogger } from '../../../src/config/index.js';
import {
  ConversionJobRepository,
  DomainRepositoryFactory,
  PrismaClient,
  repositoryFactory,
  UserRepository,
} from '../../../src/domain/index.js';
import { DatabaseUnavailableError, LifecycleError, WiringError } from '../../../src/errors.js';
import {
  BaseRepository,
  defineRepositoryFactory,
  inject,
  injectable,
  REPOSITORY_CONTEXT,
  type RepositoryContext,
} from '../../../src/index.js';
import { codeOf } from '../../support/async.js';
import { domainFactory } from '../../support/domain.js';
import {
  closedPort,
  createDatabase,
  ownPostgres,
  sharedRedis,
  type TestDatabase,
} from '../../support/servers.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

async function connections(factory: DomainRepositoryFactory): Promise<number> {
  return factory.pool.getPoolStatistics().totalConnections;
}

describe('the factory of the reference domain', () => {
  test('is one for the process, and reads no setting before it is used', () => {
    // This process has no DATABASE_URL of its own, and yet the import above did not fail.
    expect(repositoryFactory).toBe(DomainRepositoryFactory.getInstance());
  });

  test('hands out one instance of each repository', async () => {
    const factory = domainFactory({ databaseUrl: database.url });
    expect(factory.getUserRepository()).toBe(factory.getUserRepository());
    expect(factory.getUserRepository()).toBeInstanceOf(UserRepository);
    expect(factory.getConversionJobRepository()).toBeInstanceOf(ConversionJobRepository);
    await factory.shutdown();
  });

  test('opens no connection before the first use', async () => {
    const factory = domainFactory({ databaseUrl: database.url });
    factory.getUserRepository();
    expect(await connections(factory)).toBe(0);
    await factory.getUserRepository().findMany({ take: 1 });
    expect(await connections(factory)).toBe(1);
    await factory.shutdown();
  });

  test('shares one attempt among concurrent calls of initialize', async () => {
    const redis = sharedRedis();
    const factory = domainFactory({
      databaseUrl: database.url,
      redisUrl: redis.url,
      prefix: redis.keyPrefix,
    });
    await Promise.all([factory.initialize(), factory.initialize(), factory.initialize()]);
    const { queryCount } = factory.pool.getPoolStatistics();
    await factory.initialize();
    expect(factory.pool.getPoolStatistics().queryCount).toBe(queryCount);
    expect(await factory.initializeRedis()).toBe(true);
    expect(await factory.healthCheck()).toMatchObject({
      status: 'healthy',
      database: true,
      cache: true,
      repositories: { user: { healthy: true }, project: { healthy: true }, conversionJob: { healthy: true } },
      errors: [],
    });
    await factory.shutdown();
  });

  test('can be initialized again after it failed for want of the database', async () => {
    const postgres = await ownPostgres({ migrated: true });
    const factory = domainFactory({ databaseUrl: postgres.url });
    try {
      await postgres.kill('SIGKILL');
      await expect(factory.initialize({ attempts: 2, initialDelayMs: 10 })).rejects.toThrow(
        DatabaseUnavailableError,
      );
      await postgres.start();
      await factory.initialize();
      expect((await factory.healthCheck()).status).toBe('healthy');
    } finally {
      await factory.shutdown();
      await postgres.stop();
    }
  });

  test('is initialized without Redis, and then degraded, not unhealthy', async () => {
    const port = await closedPort();
    const factory = domainFactory({ databaseUrl: database.url, redisUrl: `redis://127.0.0.1:${port}` });
    await factory.initialize();
    expect(factory.isInitialized).toBe(true);
    expect(await factory.initializeRedis()).toBe(false);
    expect(await factory.healthCheck()).toMatchObject({ status: 'degraded', database: true, cache: false });
    await factory.shutdown();
  });

  test('that is shut down while it is initialized is not initialized', async () => {
    const factory = domainFactory({ databaseUrl: database.url });
    const initializing = factory.initialize();
    await factory.shutdown();
    expect(await codeOf(initializing)).toBe('LIFECYCLE');
    expect(factory.isInitialized).toBe(false);
    await Promise.all([factory.initialize(), factory.initialize()]);
    expect(factory.isInitialized).toBe(true);
    await factory.shutdown();
  });

  test('says where the database was not found, without its password', async () => {
    const port = await closedPort();
    const factory = domainFactory({ databaseUrl: `postgresql://me:s3cret@127.0.0.1:${port}/x` });
    const failure = await factory.initialize({ attempts: 1 }).catch((error: unknown) => error as Error);
    expect(String(failure)).not.toContain('s3cret');
    expect(failure).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await factory.shutdown();
  });

  test('after shutdown gives out nothing until it is initialized again', async () => {
    const factory = domainFactory({ databaseUrl: database.url });
    await factory.initialize();
    await Promise.all([factory.shutdown(), factory.shutdown()]);
    await factory.shutdown();
    expect(() => factory.getUserRepository()).toThrow(LifecycleError);
    await factory.initialize();
    await expect(factory.getUserRepository().findMany({ take: 1 })).resolves.toBeDefined();
    await factory.shutdown();
  });
});

describe('a factory defined for another set of repositories', () => {
  const config = () => loadConfig({ NODE_ENV: 'test', DATABASE_URL: database.url });

  test('names its getters after the keys, and injects what the class asks for', async () => {
    @injectable()
    class People extends BaseRepository<PrismaClient['user']> {
      constructor(@inject(REPOSITORY_CONTEXT) context: RepositoryContext) {
        super(context, { model: 'User', idType: 'uuid' });
      }
    }
    const Factory = defineRepositoryFactory({ somePeople: People }, { PrismaClient });
    const factory = new Factory({ config: config(), logger: silentLogger });
    expect(factory.getSomePeopleRepository()).toBeInstanceOf(People);
    expect(await factory.getSomePeopleRepository().findMany()).toEqual([]);
    await factory.shutdown();
  });

  test('refuses a model that the schema does not have, and names those it has', async () => {
    @injectable()
    class Wrong extends BaseRepository<PrismaClient['user']> {
      constructor(@inject(REPOSITORY_CONTEXT) context: RepositoryContext) {
        super(context, { model: 'Usr', idType: 'uuid' });
      }
    }
    const Factory = defineRepositoryFactory({ wrong: Wrong }, { PrismaClient });
    const factory = new Factory({ config: config(), logger: silentLogger });
    expect(() => factory.getWrongRepository()).toThrow(/no model "Usr".*User, Project, ConversionJob/);
    await factory.shutdown();
  });

  test('refuses a key that cannot name a getter', () => {
    expect(() => defineRepositoryFactory({ 'not-a-name': UserRepository }, { PrismaClient })).toThrow(
      WiringError,
    );
  });
});
