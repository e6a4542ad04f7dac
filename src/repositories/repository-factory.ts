import type { CacheManager, CacheStatistics } from '../cache/index.js';
import type {
  ConnectOptions,
  DatabaseHealth,
  PrismaClientLike,
  PrismaTransaction,
  Transaction,
  TransactionOptions,
} from '../database/index.js';
import { originalClient } from '../database/transactions/joining-client.js';
import { prismaInScope } from '../database/transactions/prisma-join.js';
import { ConfigurationError, WiringError } from '../errors.js';
import type { MaintainedPool } from '../maintenance/index.js';
import { type AnyRepository, isRepository } from './any-repository.js';
import type {
  CheckableRepository,
  FactorySchema,
  RepositoryClasses,
  RepositoryFactoryOptions,
} from './factory/factory-types.js';
import {
  type FactoryHealth,
  failed,
  type HealthCheckOptions,
  HealthProbe,
  nothingAnswers,
  type Unanswered,
} from './factory/health-probe.js';
import { type HeldLife, type LifeSource, ownLives, sharedLives } from './factory/life-source.js';
import { repositoryToken, TOKENS } from './factory/tokens.js';
import { pinned, type Wiring } from './factory/wiring.js';
import type { RepositoryContext } from './repository-context.js';

/** What the factory makes of the parts of one life. */
interface Household {
  readonly parts: Wiring;
  readonly wiring: Wiring;
  readonly repositories: Map<string, CheckableRepository>;
  readonly health: HealthProbe;
}

/**
 * Owns the pool, the Prisma client, the connection to Redis and the repositories, one of each. Making one reads
 * nothing and connects to nothing: that happens at first use, or in `initialize`.
 */
export class RepositoryFactory<Client extends PrismaClientLike = PrismaClientLike> {
  readonly #names: readonly string[];
  readonly #lives: LifeSource;
  #held: HeldLife | null = null;
  #household: Household | null = null;

  /**
   * @param schema the generated client, and what is known of its schema beyond what it tells itself
   * @param shared whether to share connections with others of the same schema: for `getInstance`, which takes no options
   */
  constructor(
    schema: FactorySchema<PrismaClientLike, Client>,
    repositories: RepositoryClasses,
    options: RepositoryFactoryOptions & { readonly repositories?: RepositoryClasses } = {},
    shared = false,
  ) {
    const { repositories: overrides = {}, ...others } = options;
    const unknown = Object.keys(overrides).find((name) => !Object.hasOwn(repositories, name));
    if (unknown !== undefined) {
      const known = Object.keys(repositories).join(', ');
      throw new WiringError(`There is no repository "${unknown}" to be replaced. There are ${known}.`);
    }
    this.#names = Object.keys(repositories);
    const setup = {
      schema,
      repositories: { ...repositories, ...overrides },
      replaced: repositories,
      options: Object.freeze(others),
    };
    this.#lives = shared ? sharedLives(setup) : ownLives(setup);
  }

  /** The connection pool that Prisma and raw SQL share. */
  get pool(): MaintainedPool {
    return this.#wired().pool;
  }

  /**
   * The application's Prisma client on the pool, with its extensions. A function given to its `$transaction` runs in a
   * transaction of holdfast's, which repositories join.
   */
  get prisma(): Client {
    return this.#wired().prisma as Client;
  }

  /** The cache that all its repositories share. */
  get cache(): CacheManager {
    return this.#wired().cache;
  }

  /** What its repositories stand on: for one that is made outside of it. */
  get context(): RepositoryContext {
    return pinned<RepositoryContext>(this.#wired().container, TOKENS.repositoryContext);
  }

  /** The first of its repositories that is for this model, as the schema calls it; null where none is. */
  repositoryOfModel(model: string): AnyRepository | null {
    for (const name of this.#names) {
      const repository = this.repository(name);
      if (isRepository(repository) && repository.model === model) return repository;
    }
    return null;
  }

  /**
   * Connects to PostgreSQL and to Redis. Calls made meanwhile share the one attempt; after a failure it can be called
   * again. That Redis is away is no failure: reads are then answered from PostgreSQL.
   *
   * @param options how often PostgreSQL is tried: by default three times, a second and two seconds apart
   * @throws ConfigurationError when the environment is not usable
   * @throws DatabaseUnavailableError when PostgreSQL does not answer
   * @throws LifecycleError when it was shut down meanwhile
   */
  async initialize(options: ConnectOptions = {}): Promise<void> {
    if (this.#held?.life.hasEnded === true) this.#held = null;
    await this.#current().life.initialize(options);
  }

  /** Whether `initialize` has succeeded, and `shutdown` not been called since. */
  get isInitialized(): boolean {
    return this.#held?.life.isInitialized ?? false;
  }

  /** Connects to Redis alone; resolves to whether it answers. */
  async initializeRedis(): Promise<boolean> {
    const { cache } = this.#wired();
    await cache.connect();
    return (await cache.healthCheck()).healthy;
  }

  /**
   * How everything is. Never rejects, and answers in time whatever hangs. Checks that come while one is under way share
   * it, so that probes do not pile up on what hangs.
   *
   * For a readiness probe, which decides whether requests are sent here: ready while `status` is not `unhealthy`, since
   * without the cache all is answered. For a liveness probe, which has a process restarted: that this answers at all,
   * whatever it says; a restart brings no database back.
   */
  async healthCheck(options: HealthCheckOptions = {}): Promise<FactoryHealth> {
    try {
      this.#wired();
      return await this.#home().health.check(options);
    } catch (error) {
      return nothingAnswers(this.#names, error);
    }
  }

  /** How the database is. Never rejects, and answers in time. */
  async checkDatabase(options: HealthCheckOptions = {}): Promise<DatabaseHealth | Unanswered> {
    try {
      return await this.#home().health.database(options);
    } catch (error) {
      return failed(error);
    }
  }

  /** What the cache has done since it was made. */
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
  async transaction<T>(
    work: (prisma: PrismaTransaction<Client>, transaction: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    const { pool, prisma } = this.#wired();
    return pool.transaction(async (transaction) => {
      const client = await prismaInScope(pool.pgPool, originalClient(prisma));
      return work(client as PrismaTransaction<Client>, transaction);
    }, options);
  }

  /**
   * Closes every connection, after what is under way has ended; what takes longer than `timeoutMs` (by default 10,000) is
   * cancelled on the server. May be called at any time and any number of times. Until `initialize` is called again, the
   * factory then gives out nothing, and neither do others that share its connections.
   */
  async shutdown(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const household = this.#household;
    this.#household = null;
    let held: HeldLife;
    try {
      held = this.#current();
    } catch (error) {
      // Nothing was ever made of an environment that is not usable.
      if (error instanceof ConfigurationError) return;
      throw error;
    }
    await held.life.end(options);
    if (household !== null && household.wiring !== household.parts) await household.wiring.close({});
  }

  /** The one instance of the repository that was given under this name. */
  protected repository(name: string): CheckableRepository {
    const { wiring, repositories } = this.#home();
    // For who never calls initialize(); resolves also where Redis is away, and does nothing the second time.
    void wiring.cache.connect();
    let repository = repositories.get(name);
    if (repository === undefined) {
      repository = pinned<CheckableRepository>(wiring.container, repositoryToken(name));
      repositories.set(name, repository);
    }
    return repository;
  }

  #wired(): Wiring {
    return this.#home().wiring;
  }

  #home(): Household {
    const held = this.#current();
    held.used();
    const { parts } = held.life;
    if (this.#household?.parts !== parts) this.#household = this.#settle(parts, held);
    return this.#household;
  }

  #settle(parts: Wiring, held: HeldLife): Household {
    const wiring = held.wiringOf(parts);
    const connected = async (): Promise<CacheManager> => {
      // For who never calls initialize(): the first attempt may still be under way. Resolves also where it fails.
      await wiring.cache.connect();
      return wiring.cache;
    };
    const health = new HealthProbe({
      database: () => wiring.pool.healthCheck(),
      cache: async () => (await connected()).healthCheck(),
      repositories: Object.fromEntries(
        this.#names.map((name) => {
          const check = async () => {
            await connected();
            return this.repository(name).healthCheck();
          };
          return [name, check] as const;
        }),
      ),
    });
    return { parts, wiring, repositories: new Map(), health };
  }

  #current(): HeldLife {
    if (this.#held === null || this.#held.isRetired) this.#held = this.#lives.next();
    return this.#held;
  }
}
