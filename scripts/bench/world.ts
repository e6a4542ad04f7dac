import { PrismaPg } from '@prisma/adapter-pg';
import { Client } from 'pg';
import { createClient } from 'redis';
import type { EnvironmentVariables } from '../../src/config/index.js';
import { askRedis } from '../support/redis-command.js';
import { DomainRepositoryFactory, loadConfig, PrismaClient, silentLogger } from './library.js';
import { type BenchServers, startServers } from './servers.js';
import { type LoggedStatement, StatementLog } from './statement-log.js';
import { seedUsers } from './users.js';

export { userId } from './users.js';

/** How a run is made. */
export interface WorldOptions {
  /** How often each side of a comparison is measured. The table has the medians. */
  readonly rounds: number;
  /** The folder of the results, for a scenario that writes files of its own. */
  readonly out: string;
  /** Takes a line about what is being done. */
  readonly log: (line: string) => void;
}

/** Which caches a factory has. Everything that is not said is as the library has it by default. */
export interface FactorySettings {
  /** The near cache. @default true */
  readonly near?: boolean;
  /** Any cache at all. @default true */
  readonly cache?: boolean;
  /** Processes of one fleet share it. @default one of its own */
  readonly prefix?: string;
  /** More settings, as environment variables. */
  readonly environment?: EnvironmentVariables;
}

/** A client of node-redis, as its documentation makes it. */
export type PlainRedis = ReturnType<typeof plainRedis>;

/** Connections of each pool at most, ours and Prisma's: the default of both. */
export const POOL_MAX = 10;

/** Long enough for a machine that is busy with something else. */
const SERVING_TIMEOUT_MS = 30_000;

/**
 * Where the scenarios run: a PostgreSQL and a Redis of the run's own, with the schema of the reference domain, and the
 * clients of both sides. `closeClients` closes what was handed out, so that no scenario runs beside another's clients;
 * `stop` the servers too.
 */
export class World {
  readonly rounds: number;
  readonly out: string;
  readonly log: (line: string) => void;
  readonly servers: BenchServers;
  readonly #admins: readonly [Client, Client];
  readonly #statements: StatementLog;
  #closings: (() => Promise<unknown>)[] = [];
  #seeded = { ours: 0, bare: 0 };
  #prefixes = 0;

  private constructor(options: WorldOptions, servers: BenchServers, admins: readonly [Client, Client]) {
    this.rounds = options.rounds;
    this.out = options.out;
    this.log = options.log;
    this.servers = servers;
    this.#admins = admins;
    this.#statements = new StatementLog(servers.postgres, admins[0]);
  }

  static async start(options: WorldOptions): Promise<World> {
    const servers = await startServers();
    const [ours, bare] = [servers.databaseUrl, servers.bareDatabaseUrl].map(
      (connectionString) => new Client({ connectionString, application_name: 'bench-admin' }),
    ) as [Client, Client];
    const world = new World(options, servers, [ours, bare]);
    try {
      await Promise.all([ours.connect(), bare.connect()]);
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  /** Where the library's tables are, for other processes. */
  get databaseUrl(): string {
    return this.servers.databaseUrl;
  }

  /** The same tables and rows in a database without the library's triggers, for what uses Prisma alone. */
  get bareDatabaseUrl(): string {
    return this.servers.bareDatabaseUrl;
  }

  get redisUrl(): string {
    return this.servers.redis.url;
  }

  /** What the keys of one fleet begin with; every call gives another. */
  newPrefix(): string {
    this.#prefixes += 1;
    return `bench${this.#prefixes}`;
  }

  /**
   * Sees to it that the users with the indexes 0 to `count - 1` are there, in both databases, and analyzed. Their ids are
   * `userId(index)`.
   *
   * @param bare whether Prisma's own database needs them too
   */
  async seedUsers(count: number, bare = true): Promise<void> {
    const [ours, other] = this.#admins;
    if (count > this.#seeded.ours) this.log(`storing ${count.toLocaleString('en-US')} users`);
    await seedUsers(ours, this.#seeded.ours, count);
    this.#seeded.ours = Math.max(this.#seeded.ours, count);
    // The triggers have noted all of them for the caches, none of which has any.
    await ours.query('TRUNCATE holdfast_outbox.outbox');
    if (!bare) return;
    await seedUsers(other, this.#seeded.bare, count);
    this.#seeded.bare = Math.max(this.#seeded.bare, count);
  }

  /** A factory of the library that answers from every tier it has. */
  async factory(settings: FactorySettings = {}): Promise<DomainRepositoryFactory> {
    const factory = new DomainRepositoryFactory({
      config: loadConfig(this.factoryEnvironment(settings)),
      logger: silentLogger,
    });
    this.onClose(() => factory.shutdown());
    await factory.initialize();
    if (settings.cache !== false) await this.waitUntilServing(factory);
    return factory;
  }

  /** Invalidates all that a factory has cached, in every tier. */
  async emptyCache(factory: DomainRepositoryFactory): Promise<void> {
    if (!(await factory.clearCache())) throw new Error('The cache of the library could not be emptied.');
    await this.waitUntilServing(factory);
  }

  /** Waits until hits come from every tier that a factory has. */
  async waitUntilServing(factory: DomainRepositoryFactory): Promise<void> {
    if (await factory.cache.waitUntilServing(SERVING_TIMEOUT_MS)) return;
    throw new Error(`The cache of the library did not answer for ${SERVING_TIMEOUT_MS} ms.`);
  }

  /** The settings of such a factory as environment variables, for other processes. */
  factoryEnvironment(settings: FactorySettings = {}): Record<string, string> {
    const { near = true, cache = true, prefix = this.newPrefix(), environment = {} } = settings;
    const given = Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return {
      NODE_ENV: 'production',
      DATABASE_URL: this.databaseUrl,
      REDIS_URL: this.redisUrl,
      CACHE_PREFIX: prefix,
      DB_POOL_MAX: String(POOL_MAX),
      ...(!near && { ENABLE_LOCAL_CACHE: 'false' }),
      ...(!cache && { CACHE_ENABLED: 'false' }),
      ...Object.fromEntries(given),
    };
  }

  /** Prisma alone, on a pool of the same size and the database without the library's triggers. Connected. */
  async barePrisma(): Promise<PrismaClient> {
    const prisma = barePrismaOn(this.bareDatabaseUrl);
    this.onClose(() => prisma.$disconnect());
    await prisma.$connect();
    return prisma;
  }

  /** A client of node-redis of one's own, connected. */
  async plainRedis(): Promise<PlainRedis> {
    const client = plainRedis(this.redisUrl);
    this.onClose(async () => client.destroy());
    await client.connect();
    return client;
  }

  /** Runs with `closeClients`, the last one first. */
  onClose(close: () => Promise<unknown>): void {
    this.#closings.push(close);
  }

  /**
   * The statements that PostgreSQL carries out meanwhile, of all processes: in order, those of the library in the background too, without
   * those of the world itself.
   */
  async statementsDuring(work: () => Promise<unknown>): Promise<readonly LoggedStatement[]> {
    const all = await this.#statements.during(work);
    return all.filter(({ application }) => application !== 'bench-admin');
  }

  /** The versions of the servers, for the report. */
  async serverVersions(): Promise<{ readonly postgres: string; readonly redis: string }> {
    const { rows } = await this.#admins[0].query<{ server_version: string }>('SHOW server_version');
    const info = await askRedis(this.servers.redis.port, 'INFO server');
    return {
      postgres: rows[0]?.server_version.split(' ')[0] ?? 'unknown',
      redis: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown',
    };
  }

  /** Closes all clients that were handed out, and empties Redis. */
  async closeClients(): Promise<void> {
    const closings = this.#closings.reverse();
    this.#closings = [];
    for (const close of closings) await close();
    await askRedis(this.servers.redis.port, 'FLUSHALL ASYNC');
  }

  async stop(): Promise<void> {
    try {
      await this.closeClients();
      for (const admin of this.#admins) await admin.end();
    } finally {
      await this.servers.stop();
    }
  }
}

/** Prisma as its documentation makes it, on a pool as large as the library's. */
export function barePrismaOn(connectionString: string): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString, max: POOL_MAX, application_name: 'bench-prisma' }),
  });
}

function plainRedis(url: string) {
  const client = createClient({ url });
  // Without a listener, the end of the server would end the process.
  client.on('error', () => undefined);
  return client;
}
