import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig, silentLogger } from '../../../src/config/index.js';
import { PrismaClient } from '../../../src/domain/index.js';
import {
  BaseRepository,
  defineRepositoryFactory,
  inject,
  injectable,
  REPOSITORY_CONTEXT,
  type RepositoryContext,
} from '../../../src/index.js';
import { openRedisClient, type RedisClient } from '../../support/redis-stores.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';

@injectable()
class Users extends BaseRepository<PrismaClient['user']> {
  constructor(@inject(REPOSITORY_CONTEXT) context: RepositoryContext) {
    super(context, { model: 'User', idType: 'uuid' });
  }
}

/** Users whose repository says how long they are kept. */
@injectable()
class BriefUsers extends BaseRepository<PrismaClient['user']> {
  constructor(@inject(REPOSITORY_CONTEXT) context: RepositoryContext) {
    super(context, { model: 'User', idType: 'uuid', ttlSeconds: { entity: 40, query: 20 } });
  }
}

describe('how long what is cached is kept', () => {
  let database: TestDatabase;
  let redis: RedisClient;

  beforeAll(async () => {
    database = await createDatabase();
    redis = await openRedisClient(sharedRedis().url);
  });
  afterAll(async () => {
    redis.destroy();
    await database.drop();
  });

  /** The lifetimes in seconds, rounded up, of a row, a list and a count. */
  async function lifetimes(environment: Record<string, string>, repository = Users): Promise<number[]> {
    const { url, keyPrefix } = sharedRedis();
    const config = loadConfig({
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      DB_POOL_MAX: '2',
      REDIS_URL: url,
      CACHE_PREFIX: keyPrefix,
      ...environment,
    });
    const Factory = defineRepositoryFactory({ user: repository }, { PrismaClient });
    const factory = new Factory({ config, logger: silentLogger });
    try {
      await factory.initialize();
      expect(await factory.cache.waitUntilServing(10_000)).toBe(true);
      const users = factory.getUserRepository();
      const unique = randomUUID();
      const { id } = await users.create({
        githubId: unique,
        email: `${unique}@example.test`,
        username: 'someone',
      });
      await users.findById(id);
      await users.findMany({ where: { id } });
      await users.count({ where: { id } });
      const kinds = [
        `{${keyPrefix}/users:${id}}`,
        `{${keyPrefix}/users[?]findMany:*`,
        `{${keyPrefix}/users[?]count:*`,
      ];
      return await Promise.all(
        kinds.map(async (pattern) => {
          const [key = ''] = await redis.keys(pattern);
          return Math.ceil((await redis.pTTL(key)) / 1_000);
        }),
      );
    } finally {
      await factory.shutdown();
    }
  }

  test('follows the kind, where nothing is said', async () => {
    expect(await lifetimes({})).toEqual([900, 300, 300]);
  });

  const said = {
    CACHE_DEFAULT_TTL: '60',
    CACHE_STRATEGY_ENTITIES: 'LONG',
    CACHE_STRATEGY_AGGREGATIONS: 'WEEK',
  };

  test('follows the strategies, and the general time for what they leave out', async () => {
    expect(await lifetimes(said)).toEqual([3_600, 60, 604_800]);
  });

  test('follows the repository before all of them', async () => {
    expect(await lifetimes(said, BriefUsers)).toEqual([40, 20, 20]);
  });
});
