import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { DatabaseUnavailableError, PoolTimeoutError } from '../../../src/errors.js';
import { countOperations, domainFactory, IMPATIENT, someProject } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { servesInTime } from '../../support/patience.js';
import {
  closedPort,
  createDatabase,
  ownPostgres,
  ownRedis,
  type TestDatabase,
} from '../../support/servers.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const read = (factory: DomainRepositoryFactory, id: string) => factory.getProjectRepository().findById(id);

/** Reads until the answer comes from the cache. */
const untilCached = (factory: DomainRepositoryFactory, id: string) =>
  eventually(
    () => countOperations(factory, () => read(factory, id)),
    ({ sql }) => sql === 0,
    20_000,
  );

describe('with Redis on a closed port', () => {
  test('everything is answered from PostgreSQL, and the health says so', async () => {
    const servers = { databaseUrl: database.url, redisUrl: `redis://127.0.0.1:${await closedPort()}` };
    const factory = domainFactory(servers, IMPATIENT);
    try {
      await factory.initialize();
      const { id } = await someProject(factory, 'one');
      expect((await read(factory, id))?.name).toBe('one');
      await factory.getProjectRepository().update(id, { name: 'two' });
      expect((await read(factory, id))?.name).toBe('two');
      await factory.getProjectRepository().delete(id);
      expect(await read(factory, id)).toBeNull();
      const health = await factory.healthCheck();
      expect(health).toMatchObject({ status: 'degraded', database: true, cache: false });
      expect(health.errors.join()).toMatch(/cache: ./);
      expect(factory.getCacheStatistics().bypasses).toBeGreaterThan(0);
    } finally {
      await factory.shutdown();
    }
  });
});

describe('when Redis goes away and comes back', () => {
  test.each(['killed and restarted empty', 'killed and restarted with its data'])(
    'as after being %s, nothing fails, no old value is served, and hits come again',
    async (how) => {
      const redis = await ownRedis({ appendOnly: true });
      const servers = { databaseUrl: database.url, redisUrl: redis.url };
      const [writer, other] = [domainFactory(servers, IMPATIENT), domainFactory(servers, IMPATIENT)];
      try {
        await Promise.all([writer.initialize(), other.initialize()]);
        const { id } = await someProject(writer, 'before');
        await untilCached(writer, id);

        await redis.kill('SIGKILL');
        expect((await read(writer, id))?.name).toBe('before');
        await writer.getProjectRepository().update(id, { name: 'during' });
        expect((await read(writer, id))?.name).toBe('during');
        expect((await read(other, id))?.name).toBe('during');

        if (how.endsWith('empty')) await redis.restart({ keepData: false });
        else await redis.start();
        expect((await read(writer, id))?.name).toBe('during');
        await untilCached(writer, id);
        expect((await read(writer, id))?.name).toBe('during');
        await eventually(
          () => read(other, id),
          (project) => project?.name === 'during',
        );
      } finally {
        await Promise.all([writer.shutdown(), other.shutdown()]);
        await redis.stop();
      }
    },
  );

  test('a server that hangs costs the reads one command timeout together, and then nothing', async () => {
    const redis = await ownRedis();
    // Without memory, which may go on answering for a second.
    const factory = domainFactory(
      { databaseUrl: database.url, redisUrl: redis.url },
      { ...IMPATIENT, cache: { coherence: 'off' } },
    );
    try {
      await factory.initialize();
      const { id } = await someProject(factory, 'before');
      await untilCached(factory, id);
      const before = factory.getCacheStatistics();

      redis.pause();
      const names = await Promise.all(Array.from({ length: 20 }, () => read(factory, id)));
      expect(new Set(names.map((project) => project?.name))).toEqual(new Set(['before']));
      for (let n = 0; n < 20; n += 1) expect((await read(factory, id))?.name).toBe('before');
      await factory.getProjectRepository().update(id, { name: 'after' });
      const during = factory.getCacheStatistics();
      expect(during.bypasses - before.bypasses).toBeGreaterThanOrEqual(20);
      // One for the batch that found it hanging; others only by probes, which no caller waits for.
      expect(during.hits).toBe(before.hits);

      redis.resume();
      await untilCached(factory, id);
      expect((await read(factory, id))?.name).toBe('after');
    } finally {
      redis.resume();
      await factory.shutdown();
      await redis.stop();
    }
  });
});

describe('a connection to Redis whose peer is gone without a word', () => {
  test('is given up for another, and hits come again', async () => {
    const redis = await ownRedis();
    const proxy = await startTcpProxy(redis.port);
    const servers = { databaseUrl: database.url, redisUrl: `redis://127.0.0.1:${proxy.port}` };
    const factory = domainFactory(servers, IMPATIENT);
    try {
      await factory.initialize();
      const { id } = await someProject(factory, 'before');
      await untilCached(factory, id);
      proxy.strand();
      await eventually(
        () => factory.cache.healthCheck(),
        ({ healthy }) => !healthy,
      );
      expect((await read(factory, id))?.name).toBe('before');
      expect(await servesInTime(factory.cache)).toBe(true);
      await untilCached(factory, id);
    } finally {
      await factory.shutdown();
      await proxy.stop();
      await redis.stop();
    }
  }, 120_000);
});

describe('a process whose Redis hung for a moment', () => {
  test('fences its writes again, and serves hits again, though it never stops writing', async () => {
    const redis = await ownRedis();
    const servers = { databaseUrl: database.url, redisUrl: redis.url };
    const [writer, other] = [domainFactory(servers, IMPATIENT), domainFactory(servers, IMPATIENT)];
    try {
      await Promise.all([writer.initialize(), other.initialize()]);
      const busy = await someProject(writer, '0');
      const quiet = await someProject(writer, 'quiet');
      let writing = true;
      const stale: string[] = [];
      const write = async (): Promise<void> => {
        while (writing) {
          const { fileCount } = await writer
            .getProjectRepository()
            .update(busy.id, { fileCount: { increment: 1 } });
          const seen = await read(other, busy.id);
          if ((seen?.fileCount ?? 0) < fileCount) stale.push(`${seen?.fileCount} after ${fileCount}`);
        }
      };
      const writers = [write(), write(), write()];

      await untilCached(writer, quiet.id);
      redis.pause();
      await eventually(
        () => writer.getCacheStatistics().errors,
        (errors) => errors > 0,
      );
      redis.resume();
      await untilCached(writer, quiet.id);
      const { epochChanges } = writer.getCacheStatistics();
      await untilCached(other, quiet.id);
      await untilCached(writer, quiet.id);
      expect(writer.getCacheStatistics().epochChanges - epochChanges).toBeLessThanOrEqual(3);
      writing = false;
      await Promise.all(writers);
      expect(stale).toEqual([]);
    } finally {
      redis.resume();
      await Promise.all([writer.shutdown(), other.shutdown()]);
      await redis.stop();
    }
  });
});

describe('when PostgreSQL goes away', () => {
  test('what is cached is still answered, the rest fails at once, and all works when it is back', async () => {
    const [postgres, redis] = await Promise.all([ownPostgres({ migrated: true }), ownRedis()]);
    const factory = domainFactory({ databaseUrl: postgres.url, redisUrl: redis.url });
    try {
      await factory.initialize();
      const cached = await someProject(factory, 'cached');
      const uncached = await someProject(factory, 'uncached');
      await untilCached(factory, cached.id);

      await postgres.kill('SIGKILL');
      expect((await read(factory, cached.id))?.name).toBe('cached');
      await expect(read(factory, uncached.id)).rejects.toThrow(DatabaseUnavailableError);
      await expect(factory.getProjectRepository().update(uncached.id, { name: 'no' })).rejects.toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
      });
      expect(await factory.healthCheck()).toMatchObject({
        status: 'unhealthy',
        database: false,
        cache: true,
      });

      await postgres.start();
      await eventually(
        () => factory.healthCheck(),
        (health) => health.status === 'healthy',
      );
      expect((await read(factory, uncached.id))?.name).toBe('uncached');
    } finally {
      await factory.shutdown();
      await redis.stop();
      await postgres.stop();
    }
  });

  test('a server that hangs does not hang the health check', async () => {
    const postgres = await ownPostgres({ migrated: true });
    const factory = domainFactory({ databaseUrl: postgres.url });
    try {
      await factory.initialize();
      postgres.pause();
      const health = await factory.healthCheck();
      expect(health).toMatchObject({ status: 'unhealthy', database: false });
      expect(health.errors).toContain('database: no answer within 2000 ms');
    } finally {
      postgres.resume();
      await factory.shutdown();
      await postgres.stop();
    }
  });
});

describe('when every connection is in use', () => {
  test('a caller is told so within the acquire timeout, with the figures of the pool', async () => {
    const factory = domainFactory(
      { databaseUrl: database.url },
      { database: { pool: { max: 1, acquireTimeoutMs: 2_000 } } },
    );
    try {
      await factory.initialize();
      const held = await factory.pool.pgPool.connect();
      try {
        const failure = await factory
          .getUserRepository()
          .findMany()
          .catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(PoolTimeoutError);
        expect(failure).toMatchObject({
          code: 'POOL_TIMEOUT',
          context: { timeoutMs: 2_000, total: 1, active: 1, idle: 0, max: 1, holders: [{ label: null }] },
        });
      } finally {
        held.release();
      }
      await expect(factory.getUserRepository().findMany({ take: 1 })).resolves.toBeDefined();
    } finally {
      await factory.shutdown();
    }
  });
});
