import { DEFAULT_TTL } from '../../config/index.js';
import type { PrismaClientLike } from '../../database/index.js';
import { InvalidArgumentError } from '../../errors.js';
import type { RepositoryContext } from '../repository-context.js';
import type { RepositoryFactory } from '../repository-factory.js';
import { cachedModels, ModelRepositories } from './cached-models.js';
import type { CachedModels, CachedQueryOptions, Invalidation, ModelsOf } from './facade-types.js';

/** The whole data layer behind one object: for code that would rather write `db.cached.user.findMany` than use repositories. */
export interface Facade<Client> {
  /** The application's Prisma client, on the shared pool. */
  getPrisma(): Client;
  /** Reads that are answered from the cache where they can be. */
  readonly cached: CachedModels<Client>;
  /** Prisma's delegates, on the primary. What they write, the triggers tell the cache of: use repositories for writes. */
  readonly primary: ModelsOf<Client>;
  /** Prisma's delegates, for reads that may lag behind. Today the primary's: there are no replicas yet. */
  readonly read: ModelsOf<Client>;
  /**
   * Runs a function, and keeps its result under a name. It is served until its time is over, or one of its tags or of the
   * models that it names is invalidated: what it reads beside those models, nothing tells. In a transaction, and without a
   * `cacheKey`, the function just runs.
   *
   * @param run given the Prisma client of the transaction that the caller is in, or the application's
   * @throws InvalidArgumentError for a time that is none, or more than 100 tags
   */
  query<T>(run: (prisma: Client) => Promise<T>, options?: CachedQueryOptions): Promise<T>;
  /** Invalidates what hangs on any of these. Resolves to whether all caches have confirmed it. */
  invalidateCache(what: Invalidation): Promise<boolean>;
}

/** Makes the facade of a factory. Connects to nothing. */
export function createFacade<Client extends PrismaClientLike>(
  factory: RepositoryFactory<Client>,
): Facade<Client> {
  let cached: CachedModels<Client> | null = null;
  const repositories = new ModelRepositories(
    () => factory.context,
    (model) => factory.repositoryOfModel(model),
  );
  const models = (): ModelsOf<Client> => factory.prisma as unknown as ModelsOf<Client>;
  return Object.freeze({
    getPrisma: () => factory.prisma,
    get cached() {
      cached ??= cachedModels<Client>(factory.context.metadata, repositories);
      return cached;
    },
    get primary() {
      return models();
    },
    get read() {
      return models();
    },
    query: async <T>(run: (prisma: Client) => Promise<T>, options: CachedQueryOptions = {}): Promise<T> => {
      const { context } = factory;
      const ttlSeconds = ttlSecondsOf(options, context);
      const client = (await context.pool.prismaInTransaction(context.prisma)) as Client | null;
      if (client !== null) return run(client);
      const { cacheKey: key, tags = [], models: read = [] } = options;
      const load = (): Promise<T> => run(factory.prisma);
      if (key === undefined) return load();
      return context.cache.getOrLoad(key, load, { tags, models: read, ttlSeconds });
    },
    invalidateCache: async ({ keys = [], tags = [], models: all = [] }: Invalidation) => {
      const { cache } = factory.context;
      const done = await Promise.all([
        keys.length === 0 || cache.deleteMultiple(keys),
        tags.length === 0 || cache.invalidateTags(tags),
        ...all.map((model) => repositories.of(model).invalidateAll()),
      ]);
      return done.every(Boolean);
    },
  });
}

function ttlSecondsOf(
  { ttlSeconds, cacheStrategy }: CachedQueryOptions,
  { defaultTtlSeconds }: RepositoryContext,
): number {
  const strategy = cacheStrategy === undefined ? undefined : DEFAULT_TTL[cacheStrategy];
  if (cacheStrategy !== undefined && strategy === undefined) {
    throw new InvalidArgumentError(
      `There is no cache strategy "${String(cacheStrategy)}". There are ${Object.keys(DEFAULT_TTL).join(', ')}.`,
    );
  }
  return ttlSeconds ?? strategy ?? defaultTtlSeconds;
}
