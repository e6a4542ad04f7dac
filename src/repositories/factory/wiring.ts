import { type Clock, systemClock } from '../../cache/clock.js';
import { CacheManager } from '../../cache/index.js';
import type { SharedStore } from '../../cache/store/shared-store.js';
import { type Config, createLogger, type Logger, loadConfig, ttlSecondsOf } from '../../config/index.js';
import { clientShape, shapedBy } from '../../database/client-shape.js';
import {
  coarseMetadata,
  createPrismaClient,
  Outbox,
  type PrismaClientLike,
  type SchemaMetadata,
} from '../../database/index.js';
import { joiningClient, originalClient } from '../../database/transactions/joining-client.js';
import { MaintainedPool } from '../../maintenance/index.js';
import { type DependencyContainer, container as global, instanceCachingFactory } from '../container.js';
import type { RepositoryContext } from '../repository-context.js';
import type { FactorySchema, RepositoryClasses, RepositoryFactoryOptions } from './factory-types.js';
import { registerRepositories } from './register-repositories.js';
import { TOKENS } from './tokens.js';

/** The parts that have connections, and what they were made of: what several factories may share. */
export interface Parts {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metadata: SchemaMetadata;
  /** What the client does to rows, as the cache was made for: see `clientShape`. */
  readonly clientShape: string;
  readonly pool: MaintainedPool;
  readonly cache: CacheManager;
  /** The client before any extension; null where the application has registered its own. */
  readonly baseClient: PrismaClientLike | null;
}

/** The parts of one factory, as they hang together. */
export interface Wiring extends Parts {
  readonly container: DependencyContainer;
  /** The client that the application is given. */
  readonly prisma: PrismaClientLike;
  /** Closes what was made here, after what is under way has ended, and leaves what was registered or shared. */
  close(options: { readonly timeoutMs?: number }): Promise<void>;
}

export interface WiringOptions {
  readonly schema: FactorySchema<PrismaClientLike>;
  readonly repositories: RepositoryClasses;
  /** The classes that `repositories` partly replaces: who wants one of them injected gets what took its place. */
  readonly replaced?: RepositoryClasses;
  readonly options: RepositoryFactoryOptions;
  /** Parts of others, which stay theirs. */
  readonly shared?: Parts;
}

/** What was made here, and is therefore closed here. */
interface Made {
  pool?: MaintainedPool;
  cache?: CacheManager;
  client?: PrismaClientLike;
}

/**
 * Puts a factory's parts together in a container of its own: what the application registers, and defaults for the rest.
 * Connects to nothing.
 *
 * @throws ConfigurationError when the environment is not usable
 */
export function wire(given: WiringOptions): Wiring {
  const made: Made = {};
  try {
    return wireWith(given, made);
  } catch (error) {
    // It has no connections yet, but perhaps a timer.
    void made.pool?.close();
    throw error;
  }
}

function wireWith(given: WiringOptions, made: Made): Wiring {
  const { schema, repositories, replaced = {}, options, shared } = given;
  const container = global.createChildContainer();
  if (shared !== undefined) registerShared(container, shared);
  options.register?.(container);
  registerParts(container, schema, options, made, shared);
  registerRepositories(container, repositories, replaced);
  // Resolved in this order, and each once, whatever lifecycle the application has registered it with.
  const config = pinned<Config>(container, TOKENS.config);
  const logger = pinned<Logger>(container, TOKENS.logger);
  const clock = pinned<Clock>(container, TOKENS.clock);
  const pool = pinned<MaintainedPool>(container, TOKENS.pool);
  const prisma = joiningClient(container.resolve<PrismaClientLike>(TOKENS.prisma), pool);
  container.registerInstance(TOKENS.prisma, prisma);
  // The client below, since a transaction joins through the `$transaction` that is Prisma's.
  pool.usePrisma(originalClient(prisma));
  const metadata = pinned<SchemaMetadata>(container, TOKENS.metadata);
  const cache = pinned<CacheManager>(container, TOKENS.cache);
  const shape = clientShape(originalClient(prisma));
  // Extensions are written anew while it lives, and what is cached came through the old ones.
  if (shared !== undefined && shared.clientShape !== shape) void cache.clear();
  return {
    container,
    config,
    logger,
    clock,
    metadata,
    clientShape: shape,
    pool,
    prisma,
    cache,
    baseClient: made.client ?? shared?.baseClient ?? null,
    close: async (closing) => {
      await made.cache?.rest();
      // The pool first, since it waits for what is under way; Prisma's disconnection would break its transactions off.
      await made.pool?.close(closing);
      await made.client?.$disconnect();
      await made.cache?.disconnect();
      await container.dispose();
    },
  };
}

/** What stands under a token, made once: from now on it is this, also where a factory is registered that makes many. */
export function pinned<Part>(container: DependencyContainer, token: symbol): Part {
  const part = container.resolve<Part>(token);
  container.registerInstance(token, part);
  return part;
}

function registerShared(container: DependencyContainer, shared: Parts): void {
  for (const part of ['config', 'logger', 'clock', 'metadata', 'pool', 'cache'] as const)
    container.registerInstance(TOKENS[part], shared[part]);
}

function registerParts(
  container: DependencyContainer,
  schema: FactorySchema<PrismaClientLike>,
  options: RepositoryFactoryOptions,
  made: Made,
  shared: Parts | undefined,
): void {
  const get = <T>(token: symbol): T => container.resolve<T>(token);
  const byDefault = <T>(token: symbol, make: () => T): void => {
    if (!container.isRegistered(token))
      container.register(token, { useFactory: instanceCachingFactory(make) });
  };
  const { redactParameter: redact } = options;

  byDefault(TOKENS.config, () => options.config ?? loadConfig());
  byDefault(TOKENS.logger, () => options.logger ?? createLogger(get(TOKENS.config)));
  byDefault<Clock>(TOKENS.clock, () => systemClock);
  byDefault(TOKENS.pool, () => {
    made.pool = new MaintainedPool(
      get(TOKENS.config),
      get(TOKENS.logger),
      redact === undefined ? {} : { redact },
    );
    return made.pool;
  });
  byDefault(TOKENS.prisma, () => {
    const pool = get<MaintainedPool>(TOKENS.pool);
    const base = shared?.baseClient ?? createPrismaClient(schema.PrismaClient, pool);
    if (shared?.baseClient !== base) made.client = base;
    return joiningClient(schema.extend?.(base) ?? base, pool);
  });
  byDefault(TOKENS.metadata, () => schema.metadata ?? coarseMetadata(get(TOKENS.prisma)));
  byDefault(TOKENS.cache, () => {
    const config = get<Config>(TOKENS.config);
    made.cache = new CacheManager({
      config,
      logger: get(TOKENS.logger),
      metadata: shapedBy(clientShape(originalClient(get(TOKENS.prisma))), get(TOKENS.metadata)),
      outbox: new Outbox(get<MaintainedPool>(TOKENS.pool), config.cache.outboxSchema),
      clock: get(TOKENS.clock),
      ...(container.isRegistered(TOKENS.sharedStore) && { store: get<SharedStore>(TOKENS.sharedStore) }),
    });
    return made.cache;
  });
  byDefault<RepositoryContext>(TOKENS.repositoryContext, () => {
    const { cache } = get<Config>(TOKENS.config);
    return Object.freeze({
      pool: get<MaintainedPool>(TOKENS.pool),
      prisma: get<PrismaClientLike>(TOKENS.prisma),
      metadata: get<SchemaMetadata>(TOKENS.metadata),
      cache: get<CacheManager>(TOKENS.cache),
      logger: get<Logger>(TOKENS.logger),
      defaultTtlSeconds: cache.defaultTtlSeconds,
      ttlSeconds: {
        entities: ttlSecondsOf(cache, 'entities'),
        queries: ttlSecondsOf(cache, 'queries'),
        aggregations: ttlSecondsOf(cache, 'aggregations'),
      },
    });
  });
}
