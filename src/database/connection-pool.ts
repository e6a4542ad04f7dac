import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { type Config, type Logger, maskUrl } from '../config/index.js';
import { toDatabaseError } from './database-errors.js';
import { observedClientClass } from './observed-client.js';
import { StatementObserver } from './statement-observer.js';

/** The pool at one moment, and what has passed through it since it was made. */
export interface PoolStatistics {
  readonly totalConnections: number;
  readonly idleConnections: number;
  /** Callers that wait for a connection. */
  readonly waitingRequests: number;
  /** Statements that have ended, Prisma's included. */
  readonly queryCount: number;
  readonly errorCount: number;
  /** Statements that took at least `SLOW_QUERY_THRESHOLD`. */
  readonly slowQueryCount: number;
}

/** Whether PostgreSQL answers, and how fast. */
export interface DatabaseHealth {
  readonly healthy: boolean;
  /** How long the answer, or the failure, took. */
  readonly latencyMs: number;
  /** Why it is not healthy; null when it is. */
  readonly error: string | null;
  readonly pool: PoolStatistics;
}

/**
 * The one pool of connections to PostgreSQL that a process has. Prisma runs on it, and so does raw SQL. Making one
 * opens no connection: the first query does.
 */
export class ConnectionPool {
  /** The pg pool below, for Prisma's adapter. Queries of one's own go through `query`. */
  readonly pgPool: pg.Pool;
  readonly #observer: StatementObserver;
  readonly #logger: Logger;
  /** Connections that are open or being closed. */
  #open = 0;
  #closing: Promise<void> | null = null;

  constructor(config: Config, logger: Logger) {
    const { database } = config;
    this.#logger = logger.child({ component: 'pool' });
    this.#observer = new StatementObserver(config.queryLog, this.#logger);
    this.pgPool = new pg.Pool({
      connectionString: database.url,
      min: database.pool.min,
      max: database.pool.max,
      idleTimeoutMillis: database.pool.idleTimeoutMs,
      connectionTimeoutMillis: database.pool.acquireTimeoutMs,
      query_timeout: database.queryTimeoutMs,
      ...(database.statementTimeoutMs > 0 && { statement_timeout: database.statementTimeoutMs }),
      keepAlive: true,
      application_name: 'holdfast',
      Client: observedClientClass(this.#observer),
    });
    // Without a listener, the loss of an idle connection would end the process.
    this.pgPool.on('error', (error: Error & { readonly code?: string }) => {
      const context = { reason: error.message, code: error.code ?? null };
      this.#logger.warn(context, 'an idle connection was lost; the pool will open another');
    });
    this.pgPool.on('connect', () => {
      this.#open += 1;
    });
    this.pgPool.on('remove', () => {
      this.#open -= 1;
    });
    this.#logger.debug({ url: maskUrl(database.url), max: database.pool.max }, 'pool made');
  }

  /**
   * Runs one statement on any connection of the pool.
   *
   * @throws PoolTimeoutError when no connection came free within the acquire timeout
   * @throws DatabaseUnavailableError when PostgreSQL cannot be reached
   * @throws the error of pg, with its SQLSTATE as `code`, when the server refuses the statement
   */
  async query<Row extends pg.QueryResultRow>(
    text: string,
    parameters: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    try {
      return (await this.pgPool.query<Row>(text, [...parameters])).rows;
    } catch (error) {
      throw toDatabaseError(error, { ...this.getPoolStatistics() });
    }
  }

  /** Asks the server for an answer; never rejects. Takes no longer than the acquire and the query timeout. */
  async healthCheck(): Promise<DatabaseHealth> {
    const startedAt = performance.now();
    let error: string | null = null;
    try {
      await this.query('SELECT 1');
    } catch (caught) {
      error = caught instanceof Error ? caught.message : String(caught);
    }
    const latencyMs = performance.now() - startedAt;
    return { healthy: error === null, latencyMs, error, pool: this.getPoolStatistics() };
  }

  getPoolStatistics(): PoolStatistics {
    return Object.freeze({
      totalConnections: this.pgPool.totalCount,
      idleConnections: this.pgPool.idleCount,
      waitingRequests: this.pgPool.waitingCount,
      queryCount: this.#observer.queryCount,
      errorCount: this.#observer.errorCount,
      slowQueryCount: this.#observer.slowCount,
    });
  }

  /** Waits for the connections in use, and until all are closed. Calling it again waits for the same end. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.pgPool.end();
    // `end` does not wait for the goodbyes it sent; a server stopped just then would report lost connections.
    while (this.#open > 0) await once(this.pgPool, 'remove');
  }
}
