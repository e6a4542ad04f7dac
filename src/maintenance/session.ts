import pg from 'pg';
import { type Logger, maskUrl } from '../config/index.js';
import { isUnreachable } from '../database/database-errors.js';
import { withinMs } from '../database/deadline.js';
import { DatabaseUnavailableError } from '../errors.js';

/** The name under which sessions of maintenance stand in `pg_stat_activity`. */
export const APPLICATION_NAME = 'holdfast maintenance';
/** The name of the short second connections that cancel and watch. */
const HELPER_NAME = 'holdfast maintenance helper';

const CONNECT_TIMEOUT_MS = 10_000;
/** For the statements that look things up; they take milliseconds where the server is well. */
const LOOK_UP_TIMEOUT_MS = 30_000;
/** What an answer may come later than `statement_timeout` before the connection counts as lost. */
const GRACE_MS = 10_000;
const END_TIMEOUT_MS = 2_000;

const SETTINGS_SQL = `
SELECT set_config('application_name', $1, false),
       set_config('lock_timeout', $2, false),
       set_config('statement_timeout', $3, false)`;

const STATEMENT_TIMEOUT_SQL = `SELECT set_config('statement_timeout', $1, false)`;

const FACTS_SQL = `
SELECT pg_backend_pid()                                  AS "pid",
       current_setting('server_version_num')::int        AS "version",
       pg_is_in_recovery()                               AS "isStandby",
       current_setting('track_counts')::bool             AS "countsRows"`;

const CANCEL_SQL = 'SELECT pg_cancel_backend($1)';

/** What is read of the server once. */
export interface ServerFacts {
  readonly pid: number;
  /** As `server_version_num`: 150004 is 15.4. */
  readonly version: number;
  readonly isStandby: boolean;
  /** `track_counts`: without it, nothing is known of dead tuples. */
  readonly countsRows: boolean;
}

/** A statement that ran to its end, and what PostgreSQL warned of meanwhile. */
export interface StatementOutcome {
  readonly warnings: readonly string[];
}

/** A query with a limit on this side, which pg knows and its types do not. */
interface TimedQuery extends pg.QueryConfig {
  readonly query_timeout?: number;
}

/** How long statements of a session may wait and work. */
export interface SessionTimeouts {
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

/**
 * A connection that belongs to one run of maintenance: never the pool's, since VACUUM needs to stand outside of any
 * transaction, may run for hours, and relies on session settings and a session lock that a pool must not inherit.
 */
export class MaintenanceSession {
  readonly facts: ServerFacts;
  readonly #client: pg.Client;
  readonly #connectionString: string;
  readonly #timeouts: SessionTimeouts;
  readonly #logger: Logger;
  #warnings: string[] = [];

  private constructor(
    client: pg.Client,
    facts: ServerFacts,
    connectionString: string,
    timeouts: SessionTimeouts,
    logger: Logger,
  ) {
    this.#client = client;
    this.facts = facts;
    this.#connectionString = connectionString;
    this.#timeouts = timeouts;
    this.#logger = logger;
    client.on('notice', (notice) => {
      if (notice.severity === 'WARNING') this.#warnings.push(notice.message ?? 'a warning without a text');
    });
  }

  /** @throws DatabaseUnavailableError when the server cannot be reached or lets nobody in, with its reason */
  static async open(
    connectionString: string,
    timeouts: SessionTimeouts,
    logger: Logger,
  ): Promise<MaintenanceSession> {
    const client = await connect(connectionString, APPLICATION_NAME);
    try {
      // Not only at the start, since an address may name an application of its own.
      const { lockTimeoutMs } = timeouts;
      await client.query(SETTINGS_SQL, [APPLICATION_NAME, String(lockTimeoutMs), String(LOOK_UP_TIMEOUT_MS)]);
      const { rows } = await client.query<ServerFacts>(FACTS_SQL);
      const [facts] = rows;
      if (facts === undefined) throw new DatabaseUnavailableError('PostgreSQL gave no answer.');
      logger.debug({ url: maskUrl(connectionString), ...facts }, 'maintenance session opened');
      return new MaintenanceSession(client, facts, connectionString, timeouts, logger);
    } catch (error) {
      await endQuietly(client);
      throw error;
    }
  }

  /** Looks something up. When the signal aborts, it is cancelled on the server: some look-ups wait for a lock. */
  query<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    signal?: AbortSignal,
  ): Promise<readonly Row[]> {
    const query: TimedQuery = { text, values: [...values], query_timeout: LOOK_UP_TIMEOUT_MS + GRACE_MS };
    return this.#cancellable(signal, async () => (await this.#client.query<Row>(query)).rows);
  }

  /**
   * Runs one maintenance statement under the statement timeout. When the signal aborts, it is cancelled on the server,
   * and fails with SQLSTATE 57014 as it would by anyone's cancel.
   */
  async run(text: string, signal?: AbortSignal): Promise<StatementOutcome> {
    const { statementTimeoutMs } = this.#timeouts;
    await this.query(STATEMENT_TIMEOUT_SQL, [String(statementTimeoutMs)]);
    // Without a limit on the server there is none here either: nobody can tell a long VACUUM from a dead server.
    const limit = statementTimeoutMs > 0 ? { query_timeout: statementTimeoutMs + GRACE_MS } : {};
    const statement: TimedQuery = { text, ...limit };
    this.#warnings = [];
    try {
      await this.#cancellable(signal, () => this.#client.query(statement));
      return { warnings: this.#warnings };
    } finally {
      await this.#resetStatementTimeout();
    }
  }

  /** A second connection, for what this one cannot do while it is busy. Whoever asks for it closes it. */
  openHelper(): Promise<pg.Client> {
    return connect(this.#connectionString, HELPER_NAME);
  }

  /** Ends the connection, and with it the lock; never fails and never hangs. */
  async close(): Promise<void> {
    await endQuietly(this.#client);
  }

  /** Cancels; where that cannot be done, leaves the connection, so that the caller is not kept waiting. */
  async #cancelOrLeave(): Promise<void> {
    try {
      await this.#cancel();
    } catch (error) {
      this.#logger.warn({ reason: describe(error) }, 'the statement could not be cancelled on the server');
      await endQuietly(this.#client);
    }
  }

  /** Asks the server, through a second connection, to end what this session is at. */
  async #cancel(): Promise<void> {
    const canceller = await this.openHelper();
    try {
      const cancel: TimedQuery = {
        text: CANCEL_SQL,
        values: [this.facts.pid],
        query_timeout: CONNECT_TIMEOUT_MS,
      };
      await canceller.query(cancel);
    } finally {
      await endQuietly(canceller);
    }
  }

  async #resetStatementTimeout(): Promise<void> {
    try {
      await this.query(STATEMENT_TIMEOUT_SQL, [String(LOOK_UP_TIMEOUT_MS)]);
    } catch (error) {
      // What lost the connection is already on its way to the caller.
      if (!isConnectionLoss(error)) throw error;
    }
  }

  /**
   * Does work that an abort cancels on the server. It ends no earlier than the cancel was delivered, so that the cancel
   * cannot hit the next statement: PostgreSQL ignores one that reaches a session between two.
   */
  async #cancellable<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (signal === undefined) return work();
    let cancellation: Promise<void> | null = null;
    const cancel = () => {
      cancellation ??= this.#cancelOrLeave();
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const working = work();
      if (signal.aborted) cancel();
      return await working;
    } finally {
      signal.removeEventListener('abort', cancel);
      await cancellation;
    }
  }
}

async function connect(connectionString: string, applicationName: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  // Without a listener the loss of the connection would end the process; the statement that notices reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await endQuietly(client);
    throw new DatabaseUnavailableError(
      `PostgreSQL at ${maskUrl(connectionString)} cannot be used for maintenance: ${describe(error)}.`,
      { cause: error },
    );
  }
}

/** Ends a connection; never fails and never hangs. */
export async function endQuietly(client: pg.Client): Promise<void> {
  // A server that is paused never says goodbye.
  await withinMs(
    END_TIMEOUT_MS,
    client.end().catch(() => undefined),
  );
}

/** Whether the error means that the session is gone, or its server does not answer. */
export function isConnectionLoss(error: unknown): boolean {
  // pg gives these no code; the first is its `query_timeout`, the others what it says of a connection already lost.
  return isUnreachable(error) || /^Query read timeout|not queryable$/.test(messageOf(error));
}

/** The SQLSTATE of an error of PostgreSQL; null for any other. */
export function sqlState(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** The message of anything that was thrown, without a stop at its end. */
export function describe(error: unknown): string {
  const isSeveral = error instanceof AggregateError && error.message === '';
  return (isSeveral ? error.errors.map(messageOf).join('; ') : messageOf(error)).replace(/\.$/, '');
}

// By shape, since an error of Node may come from another realm.
function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return String(message);
}
