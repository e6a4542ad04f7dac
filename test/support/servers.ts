import { randomBytes } from 'node:crypto';
import { createConnection } from 'node:net';
import {
  type LocalPostgres,
  type LocalPostgresOptions,
  startPostgres,
} from '../../scripts/support/local-postgres.js';
import { type LocalRedis, type LocalRedisOptions, startRedis } from '../../scripts/support/local-redis.js';
import { applyMigrations } from '../../scripts/support/migrate.js';
import {
  MIGRATED_TEMPLATE,
  MIGRATIONS_FOLDER,
  SHARED_POSTGRES_URL,
  SHARED_REDIS_URL,
} from './shared-servers.js';
import { databaseUrl, runSql } from './sql.js';

/*
 * Servers for tests. One PostgreSQL and one Redis are shared by a whole run (see shared-servers.ts for where they come
 * from); a test takes a database and a key prefix of its own on them. A test that stops, pauses or kills a server
 * takes one of its own.
 */

/** A fresh database on the shared server. */
export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Removes the database, and ends what is still connected to it. */
  drop(): Promise<void>;
}

/** A corner of the shared Redis that no other test looks into. */
export interface TestRedis {
  /** Address with a database number that belongs to this Jest worker, so `FLUSHDB` disturbs no other file. */
  readonly url: string;
  /** A random prefix for keys and channels; channels are common to all database numbers. */
  readonly keyPrefix: string;
}

/** The address of the shared PostgreSQL, as a user who may create databases. Its own databases are not to be touched. */
export function sharedPostgres(): { readonly url: string } {
  return { url: fromGlobalSetup(SHARED_POSTGRES_URL) };
}

/**
 * Makes a database of the test's own on the shared server: with the reference domain's tables, or empty. A copy of a
 * database that was migrated once takes some 30 ms.
 */
export async function createDatabase(options: { readonly migrated?: boolean } = {}): Promise<TestDatabase> {
  const server = sharedPostgres().url;
  const name = `holdfast_test_${randomBytes(6).toString('hex')}`;
  const template = (options.migrated ?? true) ? fromGlobalSetup(MIGRATED_TEMPLATE) : 'template1';
  await runSql(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  return {
    name,
    url: databaseUrl(server, name),
    drop: async () => {
      await runSql(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** A database number and a key prefix on the shared Redis. */
export function sharedRedis(): TestRedis {
  const url = new URL(fromGlobalSetup(SHARED_REDIS_URL));
  // Redis has 16 databases unless told otherwise; 0 is left to whoever the server belongs to.
  const DATABASES = 15;
  const worker = Number(process.env['JEST_WORKER_ID'] ?? 1);
  url.pathname = `/${((worker - 1) % DATABASES) + 1}`;
  return { url: url.href, keyPrefix: `test-${randomBytes(6).toString('hex')}` };
}

/**
 * Starts a PostgreSQL that belongs to the test, about 0.6 s. `migrated` puts the reference domain's tables into the
 * database that `url` names. The test calls `stop`.
 */
export async function ownPostgres(
  options: LocalPostgresOptions & { readonly migrated?: boolean } = {},
): Promise<LocalPostgres> {
  const server = await startPostgres(options);
  try {
    if (options.migrated) await applyMigrations(server.url, MIGRATIONS_FOLDER);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Starts a Redis that belongs to the test, about 30 ms. The test calls `stop`. */
export function ownRedis(options: LocalRedisOptions = {}): Promise<LocalRedis> {
  return startRedis(options);
}

/**
 * A port on 127.0.0.1 where connections are refused, and stay so: it lies outside the range from which the system
 * gives out ports, and not among those that `fetch` refuses by itself.
 */
export async function closedPort(): Promise<number> {
  const HIGHEST = 1022;
  const LOWEST = 1001;
  for (let port = HIGHEST; port >= LOWEST; port -= 1) if (await refuses(port)) return port;
  throw new Error(`Something listens on every port from ${LOWEST} to ${HIGHEST}.`);
}

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

function fromGlobalSetup(variable: string): string {
  const value = process.env[variable];
  if (value) return value;
  throw new Error(
    `${variable} is not set: run the tests by \`npm test\`, whose global set-up starts the servers.`,
  );
}
