import { performance } from 'node:perf_hooks';
import pg from 'pg';
import type { Logger } from '../../config/index.js';
import { LifecycleError, PoolTimeoutError } from '../../errors.js';
import { throughPrisma } from '../database-errors.js';
import { keepFencedWrite } from '../outbox/fenced-statements.js';
import { LatencyHistogram } from '../statistics/latency-histogram.js';
import { captureStack, Holders } from './holders.js';

type ConnectCallback = Parameters<pg.Pool['connect']>[0];

/** What this pool does beyond pg's. */
export interface HeldPoolOptions {
  /** How long a caller waits in all: for its turn, and for the connection to be opened. */
  readonly acquireTimeoutMs: number;
  readonly maxLifetimeMs: number;
  readonly leakThresholdMs: number;
  readonly logger: Logger;
  /**
   * The connection to give to one who asks for a client of its own inside a transaction: that transaction's. Prisma
   * asks so when it starts a transaction; a single statement of pg's `query` does not.
   */
  readonly joined: () => pg.PoolClient | null;
}

const LONGEST_SHOWN = 5;
const LIFETIME_JITTER = 0.1;

/**
 * pg's pool, which in addition has one deadline for taking a connection, knows who holds each and for how long, and
 * gives each connection a lifetime of its own.
 */
export class HeldPool extends pg.Pool {
  readonly acquireLatency = new LatencyHistogram();
  readonly holdLatency = new LatencyHistogram();
  readonly holders: Holders;
  readonly #options: HeldPoolOptions;
  #timeouts = 0;
  #connected = false;
  #peakInUse = 0;
  #onAcquired: ((waitedMs: number) => void) | null = null;
  #closed = false;

  constructor(config: pg.PoolConfig, options: HeldPoolOptions) {
    super({ ...config, connectionTimeoutMillis: options.acquireTimeoutMs });
    this.#options = options;
    this.holders = new Holders({
      leakThresholdMs: options.leakThresholdMs,
      logger: options.logger,
      now: () => performance.now(),
    });
    // pg takes its own listener away when it lends a connection, and who borrows it adds one only a moment later. A
    // server that says goodbye just then would end the process.
    this.on('connect', (client) => client.on('error', hangUp));
    if (options.maxLifetimeMs > 0) this.#jitterLifetimes(options.maxLifetimeMs);
  }

  /** Whether a connection was had the last time one was asked for. */
  get isConnected(): boolean {
    return this.#connected;
  }

  /** The most connections that were in use at once. */
  get peakInUse(): number {
    return this.#peakInUse;
  }

  /** Has someone told how long each caller waited for the connection it got. */
  onAcquired(listener: (waitedMs: number) => void): void {
    this.#onAcquired = listener;
  }

  /** How many callers waited in vain. */
  get timeouts(): number {
    return this.#timeouts;
  }

  /** From now on nobody is given a connection. Those who wait for one are still served. */
  refuse(): void {
    this.#closed = true;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) {
      const joined = this.#options.joined();
      return joined === null ? this.acquire() : Promise.resolve(joined);
    }
    this.#take(null, this.#options.acquireTimeoutMs, keepFencedWrite(callback));
    return undefined;
  }

  /**
   * Takes a connection, whatever transaction the caller is in.
   *
   * @throws PoolTimeoutError when none could be had in time
   * @throws LifecycleError when the pool is closing
   */
  acquire(label: string | null = null, timeoutMs = this.#options.acquireTimeoutMs): Promise<pg.PoolClient> {
    return new Promise((resolve, reject) => {
      this.#take(label, timeoutMs, (error, client) => {
        if (client === undefined) reject(error);
        else resolve(client);
      });
    });
  }

  #take(label: string | null, timeoutMs: number, callback: ConnectCallback): void {
    const nothing = (): void => undefined;
    if (this.#closed) {
      const closing = new LifecycleError('The pool is closing and takes no more work.');
      callback(throughPrisma(closing), undefined, nothing);
      return;
    }
    const stack = this.#options.leakThresholdMs > 0 ? captureStack() : null;
    const startedAt = performance.now();
    let late = false;
    // pg's own timeout counts anew once a connection is being opened; this one is for both.
    const timer = setTimeout(() => {
      late = true;
      callback(this.#timeoutError(timeoutMs), undefined, nothing);
    }, timeoutMs);

    super.connect((error, client, done) => {
      clearTimeout(timer);
      if (late) {
        // pg reports its own timeout without a client, and without the third argument.
        client?.release();
        return;
      }
      this.#connected = client !== undefined;
      const waitedMs = performance.now() - startedAt;
      this.acquireLatency.record(waitedMs);
      this.#onAcquired?.(waitedMs);
      if (client === undefined) callback(this.#failure(error, timeoutMs), undefined, done);
      else callback(undefined, client, this.#held(client, label, stack));
    });
  }

  /** Wraps the client's release, which pg makes anew for each holder. */
  #held(
    client: pg.PoolClient,
    label: string | null,
    stack: string | null,
  ): (error?: Error | boolean) => void {
    const givenBack = this.holders.taken(client, label, stack);
    this.#peakInUse = Math.max(this.#peakInUse, this.holders.size);
    client.release = this.#releasing(client.release, givenBack);
    return client.release;
  }

  #releasing(release: pg.PoolClient['release'], givenBack: () => number): pg.PoolClient['release'] {
    return (error) => {
      this.holdLatency.record(givenBack());
      release(error);
    };
  }

  #failure(error: Error | undefined, timeoutMs: number): Error {
    const waitedInVain = /^timeout exceeded when trying to connect/.test(error?.message ?? '');
    return waitedInVain || error === undefined ? this.#timeoutError(timeoutMs) : error;
  }

  #timeoutError(timeoutMs: number): PoolTimeoutError {
    this.#timeouts += 1;
    const figures = {
      total: this.totalCount,
      active: this.holders.size,
      idle: this.idleCount,
      waiting: this.waitingCount,
      max: this.options.max,
    };
    const holders = this.holders.longest(LONGEST_SHOWN);
    const [oldest] = holders;
    const held =
      oldest === undefined
        ? 'none is in use, so PostgreSQL is slow to accept one'
        : `the longest has been held for ${oldest.heldMs} ms${oldest.label === null ? '' : ` by ${oldest.label}`}`;
    const error = new PoolTimeoutError(
      `No connection came free within ${timeoutMs} ms: ${figures.total} of ${figures.max} open, ${figures.active} in ` +
        `use, ${figures.idle} idle, ${figures.waiting} waiting; ${held}. ` +
        'DB_LEAK_THRESHOLD shows who holds connections; DB_POOL_MAX allows more.',
      { context: { timeoutMs, ...figures, holders } },
    );
    return throughPrisma(error);
  }

  /** pg reads its option anew for each connection, so a getter gives each a lifetime of its own. */
  #jitterLifetimes(maxLifetimeMs: number): void {
    Object.defineProperty(this.options, 'maxLifetimeSeconds', {
      enumerable: true,
      get: () => (maxLifetimeMs * (1 - Math.random() * LIFETIME_JITTER)) / 1000,
    });
  }
}

function hangUp(): void {
  // Whoever holds the connection finds out by the failure of its next statement; the pool drops it when it comes back.
}
