import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LocalPostgres } from '../../../../scripts/support/local-postgres.js';
import type { LocalRedis } from '../../../../scripts/support/local-redis.js';
import { loadConfig, silentLogger } from '../../../../src/config/index.js';
import { DomainRepositoryFactory, UserRepository } from '../../../../src/domain/index.js';
import type { RepositoryHealth } from '../../../../src/index.js';
import { eventually } from '../../../support/eventually.js';
import { servesInTime } from '../../../support/patience.js';
import { ownPostgres, ownRedis } from '../../../support/servers.js';
import { runSql } from '../../../support/sql.js';

let postgres: LocalPostgres;
let redis: LocalRedis;
let factory: DomainRepositoryFactory;

beforeEach(async () => {
  [postgres, redis] = await Promise.all([ownPostgres({ migrated: true }), ownRedis()]);
  factory = factoryOf();
  await factory.initialize();
});
afterEach(async () => {
  postgres.resume();
  redis.resume();
  await factory.shutdown({ timeoutMs: 100 });
  await Promise.all([postgres.stop(), redis.stop()]);
});

function factoryOf(repositories: { user?: typeof UserRepository } = {}): DomainRepositoryFactory {
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    // Less than a check of the health may take.
    REDIS_COMMAND_TIMEOUT: '1500',
    DB_POOL_MAX: '6',
  });
  return new DomainRepositoryFactory({ config, logger: silentLogger, repositories });
}

/** How long it took, and what it resolved to. */
async function timed<T>(work: Promise<T>): Promise<{ ms: number; value: T }> {
  const startedAt = performance.now();
  const value = await work;
  return { ms: performance.now() - startedAt, value };
}

describe('the health of a factory', () => {
  test('has a status, booleans and latencies for each part', async () => {
    const health = await factory.healthCheck();
    expect(health).toMatchObject({ status: 'healthy', database: true, cache: true, errors: [] });
    expect(Object.keys(health.repositories).sort()).toEqual(['conversionJob', 'project', 'user']);
    const latencies = [
      ...Object.values(health.latencyMs),
      ...Object.values(health.repositories).map(({ latencyMs }) => latencyMs),
    ];
    for (const latency of latencies) expect(latency).toBeGreaterThan(0);
  });

  test('is degraded, not unhealthy, while Redis hangs, and says so in time', async () => {
    redis.pause();
    const { ms, value } = await timed(factory.healthCheck({ timeoutMs: 3_000 }));
    expect(value).toMatchObject({ status: 'degraded', database: true, cache: false });
    expect(value.errors.some((error) => error.startsWith('cache: '))).toBe(true);
    expect(ms).toBeLessThan(6_000);
    redis.resume();
    await eventually(
      () => factory.healthCheck(),
      ({ status }) => status === 'healthy',
    );
  });

  test('is unhealthy while PostgreSQL hangs, within two seconds unless told otherwise', async () => {
    postgres.pause();
    const { ms, value } = await timed(factory.healthCheck());
    expect(value).toMatchObject({ status: 'unhealthy', database: false, cache: true });
    expect(value.repositories['user']).toMatchObject({
      healthy: false,
      error: 'no answer within 2000 ms',
      latencyMs: 2_000,
    });
    expect(ms).toBeGreaterThan(1_900);
    expect(ms).toBeLessThan(6_000);
    expect(await timed(factory.checkDatabase({ timeoutMs: 50 }))).toMatchObject({
      value: { healthy: false },
    });
    postgres.resume();
    await eventually(
      () => factory.healthCheck(),
      ({ status }) => status === 'healthy',
    );
  });

  test('asks what hangs once, however many probes wait for it', async () => {
    // It has looked into the outbox by then, as it does before it believes Redis.
    expect(await servesInTime(factory.cache)).toBe(true);
    postgres.pause();
    const waiting = () => {
      const { totalConnections, idleConnections, waitingRequests } = factory.pool.getPoolStatistics();
      return totalConnections - idleConnections + waitingRequests;
    };
    await Promise.all(Array.from({ length: 50 }, () => factory.healthCheck({ timeoutMs: 50 })));
    await factory.healthCheck({ timeoutMs: 50 });
    // The database and each of the repositories, and perhaps the look into the outbox that is always made, and the one that
    // is made where this process was held up for so long that Redis is to be believed anew.
    expect([4, 5, 6]).toContain(waiting());
  });

  test('is degraded when one repository never answers, and tells which', async () => {
    class Silent extends UserRepository {
      override healthCheck(): Promise<RepositoryHealth> {
        return new Promise(() => undefined);
      }
    }
    const silent = factoryOf({ user: Silent });
    try {
      const { ms, value } = await timed(silent.healthCheck({ timeoutMs: 3_000 }));
      expect(value).toMatchObject({
        status: 'degraded',
        database: true,
        cache: true,
        repositories: { user: { healthy: false }, project: { healthy: true } },
        errors: ['user: no answer within 3000 ms'],
      });
      expect(ms).toBeLessThan(8_000);
    } finally {
      await silent.shutdown();
    }
  });

  test('is degraded when the table of one repository is missing', async () => {
    await runSql(postgres.url, 'ALTER TABLE conversion_jobs RENAME TO gone');
    const health = await factory.healthCheck();
    expect(health).toMatchObject({
      status: 'degraded',
      database: true,
      repositories: { user: { healthy: true }, conversionJob: { healthy: false } },
    });
    expect(health.errors).toEqual([expect.stringMatching(/^conversionJob: .*conversion_jobs/s)]);
  });

  test('is told after a shutdown too, and where the settings are not usable', async () => {
    await factory.shutdown();
    expect(await factory.healthCheck()).toMatchObject({
      status: 'unhealthy',
      database: false,
      cache: false,
      repositories: { user: { healthy: false } },
      errors: [expect.stringContaining('shut down')],
    });
    expect(await factory.checkDatabase()).toMatchObject({ healthy: false });
    const unset = new DomainRepositoryFactory();
    expect(await unset.healthCheck()).toMatchObject({
      status: 'unhealthy',
      errors: [expect.stringContaining('DATABASE_URL')],
    });
    await unset.shutdown();
  });
});
