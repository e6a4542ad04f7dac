import { PrismaPg } from '@prisma/adapter-pg';
import { Client } from 'pg';
import { SchemaEngine } from '../../../scripts/support/schema-engine.js';
import { loadConfig, silentLogger } from '../../../src/config/index.js';
import type { PrismaClientLike, SchemaMetadata } from '../../../src/database/index.js';
import type { BaseRepository, RepositoryFactory } from '../../../src/repositories/index.js';
import { eventually } from '../eventually.js';
import { COMMAND_PATIENCE_MS, servesInTime } from '../patience.js';
import type { AnyDelegate } from '../prisma/feature-repositories.js';
import { createDatabase, sharedRedis } from '../servers.js';
import { type GeneratedRepositories, generateRepositories } from './generate-repositories.js';

/** A generated repository, of which the compiler knows what all of them have. */
export type AnyRepository = BaseRepository<AnyDelegate, unknown>;

/** The delegate of a model in a client that no compiler has seen. */
export type AnyClientDelegate = Readonly<Record<string, (args?: unknown) => Promise<unknown>>>;

/** Two services made of generated repositories, on one database and one cache, and Prisma alone to compare them with. */
export interface GeneratedWorld {
  readonly generated: GeneratedRepositories;
  readonly metadata: SchemaMetadata;
  readonly here: Service;
  readonly elsewhere: Service;
  /** What Prisma without holdfast says of a model, on connections of its own. */
  prisma(model: string): AnyClientDelegate;
  /** Sends SQL as another service would: neither through the pool nor through Prisma. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** One process's worth of repositories. */
export interface Service {
  readonly factory: RepositoryFactory;
  /** The generated repository of a model. */
  repository(model: string): AnyRepository;
}

/** @param sql what is run before and after Prisma has made the tables: extensions and views */
export async function openGeneratedWorld(
  schema: string,
  { before = '', after = '' }: { readonly before?: string; readonly after?: string } = {},
): Promise<GeneratedWorld> {
  const generated = await generateRepositories(schema);
  // What was opened, and is closed in the opposite order.
  const closers: (() => Promise<unknown>)[] = [() => generated.remove()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const database = await createDatabase({ migrated: false });
    closers.push(() => database.drop());
    const engine = await SchemaEngine.open(database.url, generated.schemaFile);
    const tables = await engine.completeSql().finally(() => engine.close());
    const other = new Client({ connectionString: database.url });
    await other.connect();
    closers.push(() => other.end());
    for (const text of [before, tables, after]) if (text !== '') await other.query(text);
    const { PrismaClient } = generated.client;
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 3 }) });
    closers.push(() => prisma.$disconnect());
    const prefix = sharedRedis().keyPrefix;
    const open = async (): Promise<Service> => {
      const service = await openService(generated, database.url, prefix);
      closers.push(() => service.factory.shutdown());
      return service;
    };
    return {
      generated,
      metadata: generated.index.schemaMetadata,
      here: await open(),
      elsewhere: await open(),
      prisma: (model) => delegateOf(prisma, model),
      sql: async (text, values = []) => (await other.query<Record<string, unknown>>(text, [...values])).rows,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openService(generated: GeneratedRepositories, url: string, prefix: string): Promise<Service> {
  const { GeneratedRepositoryFactory, repositories } = generated.index;
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: url,
    REDIS_URL: sharedRedis().url,
    REDIS_COMMAND_TIMEOUT: String(COMMAND_PATIENCE_MS),
    CACHE_PREFIX: prefix,
    DB_POOL_MAX: '5',
  });
  const factory = new GeneratedRepositoryFactory({ config, logger: silentLogger });
  await factory.initialize();
  await servesInTime(factory.cache);
  const byModel = new Map<string, AnyRepository>();
  for (const key of Object.keys(repositories)) {
    const getter = `get${key.charAt(0).toUpperCase()}${key.slice(1)}Repository`;
    const repository = (Reflect.get(factory, getter) as () => AnyRepository).call(factory);
    byModel.set(repository.model, repository);
  }
  return {
    factory,
    repository: (model) => {
      const found = byModel.get(model);
      if (found === undefined) throw new Error(`There is no generated repository of ${model}.`);
      return found;
    },
  };
}

function delegateOf(prisma: PrismaClientLike, model: string): AnyClientDelegate {
  return Reflect.get(prisma, model.charAt(0).toLowerCase() + model.slice(1)) as AnyClientDelegate;
}

/** How many statements a service sends while a piece of work runs. */
export async function statementsOf({ factory }: Service, work: () => Promise<unknown>): Promise<number> {
  const before = factory.pool.getPoolStatistics().queryCount;
  await work();
  return factory.pool.getPoolStatistics().queryCount - before;
}

/** Reads until the answer comes from the cache, and returns it. */
export async function untilCached<T>(service: Service, read: () => Promise<T>): Promise<T> {
  let value: T | undefined;
  const statements = () =>
    statementsOf(service, async () => {
      value = await read();
    });
  // Mostly the second answer does, and there is no need to wait between the two.
  for (let time = 1; time <= 3; time += 1) if ((await statements()) === 0) return value as T;
  await eventually(statements, (sent) => sent === 0);
  return value as T;
}
