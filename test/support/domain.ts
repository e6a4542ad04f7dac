import { randomUUID } from 'node:crypto';
import { type ConfigOverrides, type Logger, loadConfig, silentLogger } from '../../src/config/index.js';
import { DomainRepositoryFactory, type Project, type User } from '../../src/domain/index.js';
import { COMMAND_PATIENCE_MS } from './patience.js';

/** Where a test's factory finds its servers; without Redis, its cache is off. */
export interface DomainServers {
  readonly databaseUrl: string;
  readonly redisUrl?: string;
  readonly prefix?: string;
}

/** For a factory whose Redis goes away: it finds that out as soon as with the product's own settings. */
export const IMPATIENT: ConfigOverrides = { redis: { commandTimeoutMs: 250 } };

/**
 * A factory of the reference domain on these servers, not connected yet. Nothing is taken from the environment. It waits
 * for Redis with patience, unless it is told to be impatient.
 */
export function domainFactory(
  servers: DomainServers,
  overrides: ConfigOverrides = {},
  logger: Logger = silentLogger,
): DomainRepositoryFactory {
  const config = loadConfig(
    {
      NODE_ENV: 'test',
      DATABASE_URL: servers.databaseUrl,
      REDIS_URL: servers.redisUrl,
      REDIS_COMMAND_TIMEOUT: String(COMMAND_PATIENCE_MS),
      CACHE_PREFIX: servers.prefix,
      DB_POOL_MAX: '5',
    },
    overrides,
  );
  return new DomainRepositoryFactory({ config, logger });
}

/** Stores a user whom no other test has. */
export function someUser(factory: DomainRepositoryFactory): Promise<User> {
  const unique = randomUUID();
  return factory
    .getUserRepository()
    .create({ githubId: unique, email: `${unique}@example.test`, username: 'someone' });
}

/** Stores a project of a new user. */
export async function someProject(factory: DomainRepositoryFactory, name = 'first'): Promise<Project> {
  const { id } = await someUser(factory);
  return factory.getProjectRepository().create({ ownerId: id, name, sourceStack: { language: 'perl' } });
}

/** How many SQL statements and how many round trips to the cache a piece of work makes. */
export async function countOperations(
  factory: DomainRepositoryFactory,
  work: () => Promise<unknown>,
): Promise<{ sql: number; roundTrips: number }> {
  const before = { sql: factory.pool.getPoolStatistics().queryCount, ...factory.getCacheStatistics() };
  await work();
  return {
    sql: factory.pool.getPoolStatistics().queryCount - before.sql,
    roundTrips: factory.getCacheStatistics().roundTrips - before.roundTrips,
  };
}
