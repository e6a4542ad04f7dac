import { type CacheHealth, CacheManager, type CacheStatistics } from '../cache/index.js';
import { type Config, createLogger, type Logger, loadConfig } from '../config/index.js';
import {
  type ConnectOptions,
  coarseMetadata,
  createPrismaClient,
  type DatabaseHealth,
  Outbox,
  type PrismaClientClass,
  type PrismaClientLike,
  type PrismaTransaction,
  type RedactParameter,
  type SchemaMetadata,
  type Transaction,
  type TransactionOptions,
  withinMs,
} from '../database/index.js';
import { LifecycleError } from '../errors.js';
import { MaintainedPool } from '../maintenance/index.js';
import type { RepositoryHealth } from './base-repository.js';
import { container, type DependencyContainer } from './container.js';
import { REPOSITORY_CONTEXT, type RepositoryContext } from './repository-context.js';

/** What `healthCheck` needs of a repository. */
export interface CheckableRepository {
  healthCheck(): Promise<RepositoryHealth>;
}

/** A repository class, as the container makes it: its dependencies are injected. */
// biome-ignore lint/suspicious/noExplicitAny: a class's parameters can be constrained by nothing narrower
export type RepositoryClass = new (...args: any[]) => CheckableRepository;

/** What may be given in code instead of being found in the environment. */
export interface RepositoryFactoryOptions {
  /** @default loadConfig(), at first use */
  readonly config?: Config;
  /** @default pino, as the configuration says */
  readonly logger?: Logger;
  /** What is shown of a statement's parameters where `DATABASE_LOG_QUERY_PARAMS` has them logged. @default all */
  readonly redactParameter?: RedactParameter;
}

/** The application's schema. */
export interface FactorySchema<Client extends PrismaClientLike> {
  readonly PrismaClient: PrismaClientClass<Client>;
  /**
   * What its models are in the database.
   *
   * @default what the client tells, and of all else the worst: right, but many writes then invalidate more than they change
   */
  readonly metadata?: SchemaMetadata;
}

/** How the parts of the data layer are. `degraded` means that all is answered, but without the cache. */
export interface FactoryHealth {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly database: boolean;
  readonly cache: boolean;
  readonly repositories: Readonly<Record<string, RepositoryHealth>>;
  readonly latencyMs: { readonly database: number; readonly cache: number };
  /** Why a part is not healthy. */
  readonly errors: readonly string[];
}

/** The parts that exist while the factory is in use. */
interface Wiring<Client> {
  readonly pool: MaintainedPool;
  readonly prisma: Client;
  readonly cache: CacheManager;
  readonly container: DependencyContainer;
}

/** A probe waits no longer than this, whatever hangs. */
const HEALTH_TIMEOUT_MS = 2_000;

/**
 * Owns the pool, the Prisma client, the connection to Redis and the repositories, one of each. Making one reads
 * nothing and connects to nothing: that happens at first use, or in `initialize`.
 */
export class RepositoryFactory<Client extends PrismaClientLike = PrismaClientLike> {
  readonly #PrismaClient: PrismaClientClass<Client>;
  readonly #metadata: SchemaMetadata | null;
  readonly #repositories: Readonly<Record<string, RepositoryClass>>;
  readonly #options: RepositoryFactoryOptions;
  #wiring: Wiring<Client> | null = null;
  #initializing: Promise<void> | null = null;
  #shuttingDown: Promise<void> | null = null;
  #initialized = false;
  #ended = false;

  /** @param schema the generated client, and what is known of its schema beyond what it tells itself */
  constructor(
    schema: FactorySchema<Client>,
    repositories: Readonly<Record<string, RepositoryClass>>,
    options: RepositoryFactoryOptions = {},
  ) {
    this.#PrismaClient = schema.PrismaClient;
    this.#metadata = schema.metadata ?? null;
    this.#repositories = repositories;
    this.#options = Object.freeze({ ...options });
  }

  get pool(): MaintainedPool {
    return this.#wired().pool;
  }

  get prisma(): Client {
    return this.#wired().prisma;
  }

  get cache(): CacheManager {
    return this.#wired().cache;
  }

  /**
   * Connects to PostgreSQL and to Redis. Calls made meanwhile share the one attempt; after a failure it can be called
   * again. That Redis is away is no failure: reads are then answered from PostgreSQL.
   *
   * @param options how often PostgreSQL is tried: by default three times, a second and two seconds apart
   * @throws ConfigurationError when the environment is not usable
   * @throws DatabaseUnavailableError when PostgreSQL does not answer
   */
  initialize(options: ConnectOptions = {}): Promise<void> {
    this.#ended = false;
    this.#initializing ??= this.#connect(options).catch((error: unknown) => {
      this.#initializing = null;
      throw error;
    });
    return this.#initializing;
  }

  /** Whether `initialize` has succeeded, and `shutdown` not been called since. */
  get isInitialized(): boolean {
    return this.#initialized;
  }

  /** Connects to Redis alone; resolves to whether it answers. */
  async initializeRedis(): Promise<boolean> {
    const { cache } = this.#wired();
    await cache.connect();
    return (await cache.healthCheck()).healthy;
  }

  /** How everything is. Never rejects, and answers within two seconds whatever hangs. */
  async healthCheck(): Promise<FactoryHealth> {
    const wiring = this.#wired();
    const names = Object.keys(this.#repositories);
    const [database, cache, ...repositories] = await Promise.all([
      this.checkDatabase(),
      checked<CacheHealth | Unanswered>(wiring.cache.healthCheck()),
      ...names.map((name) => checked<RepositoryHealth | Unanswered>(this.repository(name).healthCheck())),
    ]);
    const parts = { database, cache };
    return Object.freeze({
      status: !database.healthy ? 'unhealthy' : cache.healthy ? 'healthy' : 'degraded',
      database: database.healthy,
      cache: cache.healthy,
      repositories: Object.fromEntries(
        names.map((name, index) => [name, repositories[index] as RepositoryHealth]),
      ),
      latencyMs: { database: database.latencyMs, cache: cache.latencyMs },
      errors: Object.entries(parts).flatMap(([part, { error }]) =>
        error === null ? [] : [`${part}: ${error}`],
      ),
    });
  }

  /** How the database is. Never rejects, and answers within two seconds. */
  async checkDatabase(): Promise<DatabaseHealth | Unanswered> {
    if (this.#ended) return { healthy: false, latencyMs: 0, error: 'disconnected: call initialize() again' };
    return checked<DatabaseHealth | Unanswered>(this.#wired().pool.healthCheck());
  }

  getCacheStatistics(): CacheStatistics {
    return this.#wired().cache.getStatistics();
  }

  /** Invalidates all that is cached. Resolves to whether the cache confirmed it. */
  clearCache(): Promise<boolean> {
    return this.#wired().cache.clear();
  }

  /**
   * Runs a function in a transaction, with a Prisma client that works in it. Repositories, and the pool's `query`, join
   * it by themselves; what they write is seen by others when it has committed.
   *
   * @throws see `TransactionManager.run`
   */
  transaction<T>(
    work: (prisma: PrismaTransaction<Client>, transaction: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    return this.#wired().pool.prismaTransaction<Client, T>(work, options);
  }

  /**
   * Closes every connection, after what is under way has ended; what takes longer than `timeoutMs` (by default 10,000) is
   * cancelled on the server. May be called at any time and any number of times. Until `initialize` is called again, the
   * factory then gives out nothing.
   */
  shutdown(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#shuttingDown ??= this.#close(options.timeoutMs).finally(() => {
      this.#shuttingDown = null;
    });
    return this.#shuttingDown;
  }

  /** The one instance of the repository that was given under this name. */
  protected repository(name: string): CheckableRepository {
    const { container: wired, cache } = this.#wired();
    // For who never calls initialize(); resolves also where Redis is away, and does nothing the second time.
    void cache.connect();
    return wired.resolve(this.#repositories[name] as RepositoryClass);
  }

  async #connect(options: ConnectOptions): Promise<void> {
    const { pool, prisma, cache } = this.#wired();
    await Promise.all([pool.connect(options), cache.connect()]);
    await prisma.$connect();
    this.#initialized = true;
  }

  async #close(timeoutMs: number | undefined): Promise<void> {
    const wiring = this.#wiring;
    this.#wiring = null;
    this.#initializing = null;
    this.#initialized = false;
    this.#ended = true;
    if (wiring === null) return;
    wiring.cache.rest();
    // The pool first, since it waits for what is under way; Prisma's disconnection would break its transactions off.
    await wiring.pool.close(timeoutMs === undefined ? {} : { timeoutMs });
    await wiring.prisma.$disconnect();
    await wiring.cache.disconnect();
    await wiring.container.dispose();
  }

  #wired(): Wiring<Client> {
    if (this.#ended) {
      throw new LifecycleError(
        'The repository factory was shut down. Call initialize() before you use it again.',
      );
    }
    this.#wiring ??= this.#wire();
    return this.#wiring;
  }

  #wire(): Wiring<Client> {
    const config = this.#options.config ?? loadConfig();
    const logger = this.#options.logger ?? createLogger(config);
    const { redactParameter } = this.#options;
    const pool = new MaintainedPool(
      config,
      logger,
      redactParameter === undefined ? {} : { redact: redactParameter },
    );
    const prisma = createPrismaClient(this.#PrismaClient, pool);
    const metadata = this.#metadata ?? coarseMetadata(prisma);
    const outbox = new Outbox(pool, config.cache.outboxSchema);
    const cache = new CacheManager({ config, logger, metadata, outbox });
    const context: RepositoryContext = Object.freeze({
      pool,
      prisma,
      metadata,
      cache,
      logger,
      defaultTtlSeconds: config.cache.defaultTtlSeconds,
    });
    const child = container.createChildContainer();
    child.registerInstance(REPOSITORY_CONTEXT, context);
    for (const Repository of Object.values(this.#repositories)) child.registerSingleton(Repository);
    return { pool, prisma, cache, container: child };
  }
}

/** What takes the place of an answer that did not come in time. */
export interface Unanswered {
  readonly healthy: false;
  readonly latencyMs: number;
  readonly error: string;
}

async function checked<Answer>(check: Promise<Answer>): Promise<Answer | Unanswered> {
  const answer = await withinMs(HEALTH_TIMEOUT_MS, check);
  if (answer.inTime) return answer.value;
  return { healthy: false, latencyMs: HEALTH_TIMEOUT_MS, error: `no answer within ${HEALTH_TIMEOUT_MS} ms` };
}
