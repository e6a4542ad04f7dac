import { InvalidArgumentError } from '../../errors.js';
import type { ConnectionPool } from '../connection-pool.js';
import { runInScope } from '../transactions/transaction-scope.js';
import { runUnfenced } from './fenced-statements.js';
import { formatMoment, parseMoment } from './outbox-moment.js';
import { OutboxStatements } from './outbox-statements.js';
import { DEFAULT_OUTBOX_SCHEMA } from './outbox-table.js';

/** A change that the invalidation triggers recorded. */
export interface OutboxChange {
  readonly schema: string;
  readonly table: string;
  /**
   * The ids of the rows before and after the change, as text; null when any row of the table may have changed. See
   * `installInvalidationTriggers` for how values read.
   */
  readonly ids: readonly string[] | null;
}

const DEFAULT_LIMIT = 500;

/**
 * The changes that no fence was for, until the caches have been told of them. Any number of processes may take from it.
 * None of its statements is part of a transaction that the caller is in, nor marked as fenced.
 *
 * Every method throws PoolTimeoutError and DatabaseUnavailableError as the pool's `query` does, and pg's error, with
 * its SQLSTATE as `code`, when the server refuses: `42P01` where there is no outbox, `42501` without rights on it.
 */
export class Outbox {
  readonly #pool: ConnectionPool;
  readonly #sql: OutboxStatements;
  #installed = false;

  /** @param outboxSchema the one that the triggers were installed with */
  constructor(pool: ConnectionPool, outboxSchema = DEFAULT_OUTBOX_SCHEMA) {
    this.#pool = pool;
    this.#sql = new OutboxStatements(outboxSchema);
  }

  /** Whether the outbox is there. Once it was, nothing is asked any more. */
  async isInstalled(): Promise<boolean> {
    if (!this.#installed) this.#installed = await this.#holds(this.#sql.isInstalled, [this.#sql.table]);
    return this.#installed;
  }

  /**
   * Takes the oldest changes that nobody else is taking, hands them to `deliver`, and forgets them when that has resolved.
   * When it rejects, takes longer than 10 s, or the connection is lost, they stay. So each change is delivered at least
   * once, and usually once; `deliver` may be called again for the same ones within one call. An empty outbox costs one
   * statement. `deliver` runs outside of the transaction that holds the changes.
   *
   * @returns how many changes were delivered; fewer than `limit` mean that none was left that could be had
   * @throws what `deliver` throws
   * @throws TransactionTimeoutError, RetriesExhaustedError, CommitOutcomeUnknownError as the pool's `transaction` does
   */
  async take(
    deliver: (changes: readonly OutboxChange[]) => Promise<void>,
    options: { /** @default 500 */ readonly limit?: number } = {},
  ): Promise<number> {
    const { limit = DEFAULT_LIMIT } = options;
    if (!(Number.isInteger(limit) && limit > 0)) {
      throw new InvalidArgumentError(`limit is ${limit}: expected a whole number above 0.`);
    }
    return this.#apart(async () => {
      if (!(await this.#holds(this.#sql.isWaiting))) return 0;
      return this.#pool.transaction(
        async (transaction) => {
          const changes = await transaction.query<OutboxChange>(this.#sql.take, [limit]);
          if (changes.length > 0) await this.#apart(() => deliver(changes));
          return changes.length;
        },
        // Under a stricter level, rows that another deleted a moment before would fail it.
        { isolation: 'ReadCommitted', name: 'outbox' },
      );
    });
  }

  /** This moment, for `isDrainedUpTo`: a text that says nothing to others. It is on no clock. */
  now(): Promise<string> {
    return this.#apart(async () => {
      // In this order: who gets a later id, or is listed no more because it has committed, is seen by who looks now.
      const [last] = await this.#pool.query<{ id: string }>(this.#sql.lastId);
      const writers = await this.#pool.query<{ id: string }>(this.#sql.writers, [this.#sql.table]);
      return formatMoment({ lastId: last?.id ?? '0', writers: writers.map(({ id }) => id) });
    });
  }

  /**
   * Whether all that was recorded up to this moment has been delivered, by whomever. What is being delivered has not been.
   * Neither has what a transaction had recorded that has not ended since, unless it was rolled back: it would be seen only
   * with its commit.
   *
   * @param moment what `now` gave, in this process or another
   * @param options `openTransactions: false` leaves those transactions out: a session that holds one open without end
   *   would otherwise be waited for without end
   * @throws InvalidArgumentError when `moment` is none
   */
  async isDrainedUpTo(
    moment: string,
    options: { /** @default true */ readonly openTransactions?: boolean } = {},
  ): Promise<boolean> {
    const { lastId, writers } = parseMoment(moment);
    const waitsForWriters = (options.openTransactions ?? true) && writers.length > 0;
    return this.#apart(async () => {
      // First, and by itself: a transaction that ends between the two has committed for the second.
      if (waitsForWriters && (await this.#holds(this.#sql.isWriting, [this.#sql.table, writers])))
        return false;
      return !(await this.#holds(this.#sql.isWaitingUpTo, [lastId]));
    });
  }

  #holds(condition: string, parameters: readonly unknown[] = []): Promise<boolean> {
    return this.#apart(async () => {
      const [row] = await this.#pool.query<{ holds: boolean }>(condition, parameters);
      return row?.holds === true;
    });
  }

  /** Runs outside of whatever transaction and fenced write the caller is in. */
  #apart<T>(work: () => Promise<T>): Promise<T> {
    return runInScope(this.#pool.pgPool, null, () => runUnfenced(work));
  }
}
