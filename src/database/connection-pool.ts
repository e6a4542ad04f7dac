import { performance } from 'node:perf_hooks';
import type pg from 'pg';
import type { ClientBase, QueryResultRow } from 'pg';
import { type Config, type Logger, maskUrl } from '../config/index.js';
import { WiringError } from '../errors.js';
import { FencedClient } from './outbox/fenced-client.js';
import { cancelRunning } from './pool/cancel.js';
import { type ConnectOptions, connectWithRetry } from './pool/connect-with-retry.js';
import { type DatabaseHealth, NO_ANSWER, readServerState } from './pool/database-health.js';
import { DynamicSize } from './pool/dynamic-size.js';
import { HeldPool } from './pool/held-pool.js';
import { PoolClosing } from './pool/pool-closing.js';
import type { PoolStatistics } from './pool/pool-statistics.js';
import type { Recommendation } from './pool/recommendation.js';
import { recommend } from './pool/recommendations.js';
import { readServerFigures, type ServerFigures } from './pool/server-figures.js';
import { type StatementOptions, StatementPath } from './pool/statement-path.js';
import type { TextRows } from './pool/text-query.js';
import type { PrismaClientLike, PrismaTransaction } from './prisma-client.js';
import { carryCallSites } from './query-log/carry-call-sites.js';
import { observedClientClass } from './query-log/observed-client.js';
import {
  type SlowQuery,
  type StatementListener,
  StatementObserver,
  type StatementObserverOptions,
} from './query-log/statement-observer.js';
import type { StatementSummary } from './query-log/statement-summaries.js';
import type { QueryOptions, SqlExecutor } from './sql-executor.js';
import { joinedConnection } from './transactions/joined-connection.js';
import { originalClient } from './transactions/joining-client.js';
import { joinPrisma, SameConnection } from './transactions/prisma-join.js';
import type { Transaction, TransactionOptions } from './transactions/transaction.js';
import { TransactionManager } from './transactions/transaction-manager.js';
import { currentScope, type TransactionScope } from './transactions/transaction-scope.js';

/** What may be said of a pool besides its configuration. */
export type ConnectionPoolOptions = Pick<
  StatementObserverOptions,
  'callSites' | 'redact' | 'slowQueryCapacity'
>;

/** What may be told to `getRecommendations`, since no SQL gives it. */
export interface RecommendationFacts {
  /** Cores of the server. */
  readonly cores?: number;
  /** Processes that have a pool like this one. */
  readonly processes?: number;
}

/** How long `close` waits for what is under way before it cancels it on the server. */
const DEFAULT_CLOSE_TIMEOUT_MS = 10_000;

/**
 * The one pool of connections to PostgreSQL that a process has. Prisma runs on it, and so does raw SQL. Making one
 * opens no connection: the first query does.
 */
export class ConnectionPool implements SqlExecutor {
  readonly transactions: TransactionManager;
  readonly #pool: HeldPool;
  readonly #statements: StatementPath;
  readonly #end: PoolClosing;
  readonly #observer: StatementObserver;
  readonly #logger: Logger;
  readonly #config: Config['database'];
  readonly #size: DynamicSize | null;
  #prisma: PrismaClientLike | null = null;
  #closing: Promise<void> | null = null;

  constructor(config: Config, logger: Logger, options: ConnectionPoolOptions = {}) {
    const { database } = config;
    this.#config = database;
    this.#logger = logger.child({ component: 'pool' });
    this.#observer = new StatementObserver(config.queryLog, this.#logger, options);
    this.#pool = new HeldPool(
      {
        ...connectionConfig(database),
        min: database.pool.min,
        max: database.pool.max,
        idleTimeoutMillis: database.pool.idleTimeoutMs,
        Client: observedClientClass(this.#observer, FencedClient),
      },
      {
        acquireTimeoutMs: database.pool.acquireTimeoutMs,
        maxLifetimeMs: database.pool.maxLifetimeMs,
        leakThresholdMs: database.pool.leakThresholdMs,
        logger: this.#logger,
        joined: () => this.#joined(),
      },
    );
    carryCallSites(this.#pool, this.#observer);
    const cancel = (client: ClientBase): Promise<void> => this.#cancel(client);
    this.#statements = new StatementPath({ pool: this.#pool, named: !database.transactionPooler, cancel });
    this.#end = new PoolClosing(this.#pool, cancel, this.#logger);
    this.#listen();
    this.#size = database.pool.dynamic ? new DynamicSize(this.#pool, database.pool, this.#logger) : null;
    this.transactions = new TransactionManager({
      pool: this.#pool,
      acquireTimeoutMs: database.pool.acquireTimeoutMs,
      statementTimeoutMs: database.statementTimeoutMs,
      logger: this.#logger,
      runStatement: (scope, text, parameters, options) =>
        this.#statements.inScope(scope, text, parameters, options),
      cancel,
    });
    this.#logger.debug({ url: maskUrl(database.url), max: database.pool.max }, 'pool made');
  }

  /** The pg pool below, for Prisma's adapter. Queries of one's own go through `query`. */
  get pgPool(): pg.Pool {
    return this.#pool;
  }

  /**
   * Opens a first connection, trying again while the server is not there.
   *
   * @throws DatabaseUnavailableError, or what else the last attempt failed with
   */
  async connect(options: ConnectOptions = {}): Promise<void> {
    const target = maskUrl(this.#config.url);
    await connectWithRetry(async () => void (await this.query('SELECT 1')), {
      ...options,
      logger: this.#logger,
      target,
    });
  }

  /**
   * Runs one statement: in the transaction that the caller is in, else on any connection.
   *
   * @throws PoolTimeoutError when no connection came free within the acquire timeout
   * @throws DatabaseUnavailableError when PostgreSQL cannot be reached
   * @throws the signal's reason when it aborts; the statement is then cancelled on the server
   * @throws the error of pg, with its SQLSTATE as `code`, when the server refuses the statement
   */
  async query<Row extends object>(
    text: string,
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<readonly Row[]> {
    return (await this.#statements.run<Row & QueryResultRow>(text, parameters, options)).rows;
  }

  /** As `query`, but gives the number of rows that the statement touched. */
  async execute(
    text: string,
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<number> {
    return (await this.#statements.run(text, parameters, options)).rowCount ?? 0;
  }

  /**
   * As `query`, but outside of any transaction, and hands on the texts that the server sends, row by row: for what reads them by
   * itself.
   *
   * @internal
   */
  queryTexts(
    text: string,
    parameters: () => readonly unknown[],
    options: StatementOptions,
    rows: TextRows,
  ): Promise<void> {
    return this.#statements.texts(text, parameters, options, rows);
  }

  withClient<T>(use: (client: ClientBase) => Promise<T>): Promise<T> {
    return this.#statements.withClient(use);
  }

  /**
   * Runs a function in a transaction. Repositories and `query` join it by themselves; inside another it is a savepoint.
   * See `TransactionManager.run` for what it throws.
   */
  transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    return this.transactions.run(work, options);
  }

  /** As `transaction`, and gives the function a Prisma client that works in it. */
  prismaTransaction<Client extends PrismaClientLike, T>(
    work: (prisma: PrismaTransaction<Client>, transaction: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    return this.transactions.run(async (transaction) => {
      const client = await this.prismaInTransaction();
      return work(client as PrismaTransaction<Client>, transaction);
    }, options);
  }

  /**
   * The Prisma client on the connection of the transaction that the caller is in; null outside of any.
   *
   * @param client where several are on this pool, which of them; by default the one that was put on it last
   * @throws TransactionClosedError when that transaction has ended
   */
  async prismaInTransaction(client?: object): Promise<object | null> {
    const scope = currentScope(this.#pool);
    if (scope === null) return null;
    const prisma = client === undefined ? this.#prisma : originalClient(client as PrismaClientLike);
    if (prisma === null)
      throw new WiringError('No Prisma client uses this pool: make one with createPrismaClient.');
    return scope.prisma(prisma, () => joinPrisma(this.#pool, scope, prisma));
  }

  /** The transaction that the caller is in; null outside of any. */
  get currentTransaction(): TransactionScope | null {
    return currentScope(this.#pool);
  }

  /** Makes this the client that `prismaTransaction` and repositories use. */
  usePrisma(prisma: PrismaClientLike): void {
    this.#prisma = prisma;
  }

  /**
   * Asks the server for an answer; never rejects. Takes no longer than the acquire and the query timeout; a caller with
   * less patience bounds it.
   */
  async healthCheck(): Promise<DatabaseHealth> {
    const startedAt = performance.now();
    let error: string | null = null;
    let server = NO_ANSWER;
    try {
      server = await readServerState(this);
    } catch (caught) {
      error = caught instanceof Error ? caught.message : String(caught);
    }
    const latencyMs = performance.now() - startedAt;
    return { healthy: error === null, latencyMs, error, ...server, pool: this.getPoolStatistics() };
  }

  /** Whether a connection was had the last time one was asked for. Asks nothing. */
  get isConnected(): boolean {
    return this.#pool.isConnected;
  }

  /** The last slow statements, newest first. */
  slowQueries(): readonly SlowQuery[] {
    return this.#observer.slowQueries();
  }

  /** What the statements of each shape have done; those that took the most time together come first. */
  statementSummaries(): readonly StatementSummary[] {
    return this.#observer.statementSummaries();
  }

  /** Has every statement reported when it has ended. @returns a function that ends it */
  onStatement(listener: StatementListener): () => void {
    return this.#observer.onStatement(listener);
  }

  /** How many connections there are, what they do, and how long callers waited for one. */
  getPoolStatistics(): PoolStatistics {
    return Object.freeze({
      totalConnections: this.#pool.totalCount,
      idleConnections: this.#pool.idleCount,
      waitingRequests: this.#pool.waitingCount,
      maxConnections: this.#pool.options.max,
      queryCount: this.#observer.queryCount,
      errorCount: this.#observer.errorCount,
      slowQueryCount: this.#observer.slowCount,
      acquireTimeouts: this.#pool.timeouts,
      leaksReported: this.#pool.holders.leaks,
      acquireLatency: this.#pool.acquireLatency.snapshot(),
      queryLatency: this.#observer.latency.snapshot(),
      holdLatency: this.#pool.holdLatency.snapshot(),
      transactions: this.transactions.getStatistics(),
    });
  }

  /**
   * Advice on the pool and the server, each piece with the figures behind it. Where the server cannot be asked, advice
   * on the pool alone.
   */
  async getRecommendations(facts: RecommendationFacts = {}): Promise<readonly Recommendation[]> {
    return recommend({
      pool: this.getPoolStatistics(),
      peakInUse: this.#pool.peakInUse,
      acquireTimeoutMs: this.#config.pool.acquireTimeoutMs,
      statementTimeoutMs: this.#config.statementTimeoutMs,
      server: await this.#serverFigures(),
      cores: facts.cores ?? null,
      processes: facts.processes ?? null,
    });
  }

  /**
   * Takes no more work, waits for what is under way, cancels on the server what is not done in time, and closes every
   * connection. Calling it again waits for the same end.
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#size?.stop();
    this.#closing ??= this.#end.close(options.timeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS);
    return this.#closing;
  }

  async #serverFigures(): Promise<ServerFigures | null> {
    try {
      return await readServerFigures(this);
    } catch (error) {
      this.#logger.warn({ reason: String(error) }, 'the server could not be asked for its figures');
      return null;
    }
  }

  #joined(): pg.PoolClient | null {
    const scope = currentScope(this.#pool);
    if (scope === null) return null;
    return joinedConnection(scope, scope instanceof SameConnection ? 'same' : 'savepoint');
  }

  #cancel(client: ClientBase): Promise<void> {
    const target = {
      connectionConfig: connectionConfig(this.#config),
      byProtocol: this.#config.transactionPooler,
    };
    return cancelRunning(target, client, (error) => {
      this.#logger.warn({ reason: String(error) }, 'a statement could not be cancelled on the server');
    });
  }

  #listen(): void {
    // Without a listener, the loss of an idle connection would end the process.
    this.#pool.on('error', (error: Error & { readonly code?: string }) => {
      const context = { reason: error.message, code: error.code ?? null };
      this.#logger.warn(context, 'an idle connection was lost; the pool will open another');
    });
  }
}

function connectionConfig(database: Config['database']): pg.ClientConfig {
  return {
    connectionString: database.url,
    application_name: database.applicationName,
    keepAlive: true,
    query_timeout: database.queryTimeoutMs,
    // A pooler refuses settings at the start of a session that it cannot keep apart.
    ...(database.statementTimeoutMs > 0 &&
      !database.transactionPooler && { statement_timeout: database.statementTimeoutMs }),
  };
}
