import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { type LocalPostgres, startPostgres } from '../support/local-postgres.js';
import { type LocalRedis, startRedis } from '../support/local-redis.js';
import { applyMigrations } from '../support/migrate.js';

/** The servers of one run, its own: both sides of every comparison use the same. */
export interface BenchServers {
  readonly postgres: LocalPostgres;
  readonly redis: LocalRedis;
  /** The database of the library, with its triggers. */
  readonly databaseUrl: string;
  /** The same without them, as an application has it that uses Prisma alone: else its writes would pay for them too. */
  readonly bareDatabaseUrl: string;
  stop(): Promise<void>;
}

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
const BARE = 'bare';

/**
 * PostgreSQL as it is by default where what it does costs something: a commit waits for the disk, unlike in the tests.
 * Redis writes nothing to the disk, as a cache does. The schema is migrated.
 */
export async function startServers(): Promise<BenchServers> {
  const started = await Promise.allSettled([
    startPostgres({ settings: { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' } }),
    startRedis(),
  ]);
  const [postgres, redis] = started;
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
  };
  try {
    if (postgres.status === 'rejected') throw postgres.reason;
    if (redis.status === 'rejected') throw redis.reason;
    const databaseUrl = postgres.value.url;
    await applyMigrations(databaseUrl, MIGRATIONS);
    const bareDatabaseUrl = await makeBareDatabase(databaseUrl);
    return { postgres: postgres.value, redis: redis.value, databaseUrl, bareDatabaseUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeBareDatabase(url: string): Promise<string> {
  const bare = new URL(url);
  bare.pathname = `/${BARE}`;
  // A database that is copied may have no connection but the one that copies it; this one is another's.
  const maker = new URL(url);
  maker.pathname = '/template1';
  await statement(maker.href, `CREATE DATABASE ${BARE} TEMPLATE postgres`);
  await statement(bare.href, 'DROP SCHEMA holdfast_outbox CASCADE');
  return bare.href;
}

async function statement(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
