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
import { eventually } from '../../support/eventually.js';
import { COMMAND_PATIENCE_MS, servesInTime } from '../../support/patience.js';
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

  /** The lifetimes in seconds, as far as they have not passed yet, of a row, a list and a count. */
  async function lifetimes(environment: Record<string, string>, repository = Users): Promise<number[]> {
    const { url, keyPrefix } = sharedRedis();
    const config = loadConfig({
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      DB_POOL_MAX: '2',
      REDIS_URL: url,
      REDIS_COMMAND_TIMEOUT: String(COMMAND_PATIENCE_MS),
      CACHE_PREFIX: keyPrefix,
      ...environment,
    });
    const Factory = defineRepositoryFactory({ user: repository }, { PrismaClient });
    const factory = new Factory({ config, logger: silentLogger });
    try {
      await factory.initialize();
      expect(await servesInTime(factory.cache)).toBe(true);
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
          // Who reads does not wait for what it found to be kept: until then a lease stands there, with a short life of its own.
          const [key = ''] = await eventually(
            () => redis.keys(pattern),
            ({ length }) => length > 0,
          );
          await eventually(
            () => redis.getRange(key, 0, 0),
            (state) => state === 'V',
          );
          return (await redis.pTTL(key)) / 1_000;
        }),
      );
    } finally {
      await factory.shutdown();
    }
  }

  /** Some seconds may have passed since. */
  function expectLittleOff(left: readonly number[], said: readonly number[]): void {
    for (const [index, seconds] of said.entries()) {
      expect(left[index]).toBeLessThanOrEqual(seconds);
      expect(left[index]).toBeGreaterThan(seconds - 15);
    }
  }

  test('follows the kind, where nothing is said', async () => {
    expectLittleOff(await lifetimes({}), [900, 300, 300]);
  });

  const said = {
    CACHE_DEFAULT_TTL: '60',
    CACHE_STRATEGY_ENTITIES: 'LONG',
    CACHE_STRATEGY_AGGREGATIONS: 'WEEK',
  };

  test('follows the strategies, and the general time for what they leave out', async () => {
    expectLittleOff(await lifetimes(said), [3_600, 60, 604_800]);
  });

  test('follows the repository before all of them', async () => {
    expectLittleOff(await lifetimes(said, BriefUsers), [40, 20, 20]);
  });
});
