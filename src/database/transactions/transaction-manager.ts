import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { Logger } from '../../config/index.js';
import { InvalidArgumentError, TransactionAbortedError, TransactionTimeoutError } from '../../errors.js';
import { isServerReply, isUnreachable, toDatabaseError } from '../database-errors.js';
import { withinMs } from '../deadline.js';
import type { HeldPool } from '../pool/held-pool.js';
import { fullJitterMs } from './backoff.js';
import { conflictOf } from './retriable.js';
import { type StatementRunner, Transaction, type TransactionOptions } from './transaction.js';
import {
  abortedError,
  outcomeUnknownError,
  retriesExhaustedError,
  timeoutError,
} from './transaction-errors.js';
import { currentScope, runInScope, type TransactionOutcome, TransactionScope } from './transaction-scope.js';
import { checkedSettings, type TransactionSettings as Settings } from './transaction-settings.js';
import { TransactionCounters, type TransactionStatistics } from './transaction-statistics.js';

/** How long a ROLLBACK is waited for before the connection is thrown away, which rolls back as well. */
const ROLLBACK_TIMEOUT_MS = 2_000;

/** What the manager needs of the pool it works on. */
export interface TransactionHost {
  readonly pool: HeldPool;
  readonly acquireTimeoutMs: number;
  /** The server's limit for one statement; 0 is none. */
  readonly statementTimeoutMs: number;
  readonly logger: Logger;
  /** Runs a statement on the connection of a scope, and cancels it when its signal aborts. */
  readonly runStatement: StatementRunner;
  /** Cancels on the server what a connection runs. */
  cancel(client: PoolClient): Promise<void>;
}

/** How one attempt ended. */
type Attempt<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly error: unknown; readonly mayRetry: boolean };

/**
 * Runs functions in transactions: retries what the server asks to be retried, within one deadline; never what may have
 * been committed. A transaction begun inside another becomes a savepoint of it.
 */
export class TransactionManager {
  readonly #host: TransactionHost;
  readonly #counters = new TransactionCounters();

  constructor(host: TransactionHost) {
    this.#host = host;
  }

  /**
   * Runs `work` in a transaction and resolves to what it returns, after COMMIT and the hooks. It may run several times,
   * so what it does outside the database belongs into `afterCommit`.
   *
   * @throws TransactionTimeoutError when the deadline passes; the statement under way is then cancelled on the server
   * @throws TransactionAbortedError when `work` went on after a statement that failed
   * @throws RetriesExhaustedError when it kept colliding with others
   * @throws CommitOutcomeUnknownError when the connection was lost after COMMIT was sent
   * @throws PoolTimeoutError, DatabaseUnavailableError, InvalidArgumentError, and whatever `work` throws
   */
  async run<T>(work: (transaction: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const settings = checkedSettings(options, this.#host.statementTimeoutMs);
    settings.signal?.throwIfAborted();
    const outer = currentScope(this.#host.pool);
    return outer === null ? this.#runRetried(work, settings) : this.#runNested(outer, work, settings);
  }

  getStatistics(): TransactionStatistics {
    return this.#counters.snapshot();
  }

  async #runRetried<T>(work: (transaction: Transaction) => Promise<T>, settings: Settings): Promise<T> {
    this.#counters.started += 1;
    const deadline = performance.now() + settings.timeoutMs;
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#attempt(work, settings, deadline);
      if (outcome.done) return outcome.value;
      if (!outcome.mayRetry) throw outcome.error;
      const waitMs = fullJitterMs(attempt);
      if (attempt >= settings.maxRetries || performance.now() + waitMs >= deadline) {
        throw retriesExhaustedError(settings.name, attempt + 1, settings.timeoutMs, outcome.error);
      }
      await delay(waitMs);
      settings.signal?.throwIfAborted();
      this.#counters.retried += 1;
    }
  }

  async #attempt<T>(
    work: (transaction: Transaction) => Promise<T>,
    settings: Settings,
    deadline: number,
  ): Promise<Attempt<T>> {
    const client = await this.#acquire(settings, deadline);
    const scope = new TransactionScope({ client, name: settings.name, deadline, parent: null });
    // While it is held nobody else listens, and an error without a listener would end the process.
    const onConnectionError = (error: Error): void => scope.noteFailure(error);
    client.on('error', onConnectionError);
    this.#counters.active.add(scope);

    let commitSent = false;
    let outcome: TransactionOutcome = 'rolledBack';
    let broken = false;
    let attempt: Attempt<T>;
    try {
      await scope.query({ text: settings.begin });
      const value = await this.#bounded(scope, settings, work);
      await this.#shut(scope);
      this.#assertWhole(scope, settings);
      commitSent = true;
      const { command } = await client.query('COMMIT');
      if (command !== 'COMMIT') throw abortedError(scope);
      outcome = 'committed';
      attempt = { done: true, value };
    } catch (error) {
      await this.#shut(scope);
      if (
        commitSent &&
        !(error instanceof TransactionAbortedError) &&
        !(isServerReply(error) && !isUnreachable(error))
      ) {
        outcome = 'unknown';
        broken = true;
        attempt = { done: false, mayRetry: false, error: outcomeUnknownError(settings.name, error) };
      } else {
        broken = commitSent ? false : !(await this.#rollBack(client));
        attempt = this.#failed(scope, error);
      }
    } finally {
      this.#counters.active.delete(scope);
      client.removeListener('error', onConnectionError);
    }
    // pg ends a connection that is released as broken, and the server rolls back what it had begun.
    client.release(broken);
    this.#count(outcome);
    await scope.settle(outcome, (error) => this.#hookFailed(settings, error));
    return attempt;
  }

  #runNested<T>(
    outer: TransactionScope,
    work: (transaction: Transaction) => Promise<T>,
    settings: Settings,
  ): Promise<T> {
    if (settings.changesMode) {
      throw new InvalidArgumentError(
        'A transaction inside another shares its isolation and access mode: state them on the outermost one.',
      );
    }
    return outer.serialize(async () => {
      const savepoint = outer.nextSavepoint();
      const deadline = Math.min(outer.deadline, performance.now() + settings.timeoutMs);
      const scope = new TransactionScope({
        client: outer.client,
        name: settings.name,
        deadline,
        parent: outer,
      });
      await outer.query({ text: `SAVEPOINT ${savepoint}` });
      try {
        const value = await this.#bounded(scope, settings, work);
        scope.close();
        if (scope.isAborted) throw abortedError(scope);
        await outer.query({ text: `RELEASE SAVEPOINT ${savepoint}` });
        scope.passHooksToParent();
        return value;
      } catch (error) {
        scope.close();
        await this.#rollBackTo(outer, savepoint);
        await scope.settle('rolledBack', (failure) => this.#hookFailed(settings, failure));
        throw toDatabaseError(error);
      }
    });
  }

  async #acquire(settings: Settings, deadline: number): Promise<PoolClient> {
    const waitMs = Math.min(this.#host.acquireTimeoutMs, Math.max(1, deadline - performance.now()));
    const label = `transaction ${settings.name ?? '(unnamed)'}`;
    try {
      return await this.#host.pool.acquire(label, Math.ceil(waitMs));
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  /** Runs the function inside the scope, until its deadline or its signal ends it. */
  async #bounded<T>(
    scope: TransactionScope,
    settings: Settings,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const { pool, runStatement } = this.#host;
    const { client } = scope;
    let stopped: { readonly reason: unknown; readonly cancelled: Promise<void> } | null = null;
    let onStopped: ((reason: unknown) => void) | null = null;
    const stopping = new Promise<never>((_, reject) => {
      onStopped = reject;
    });
    const stop = (reason: unknown): void => {
      // Closed first, so that what the function still sends is refused and cannot follow the rollback.
      scope.close(reason instanceof Error ? reason : undefined);
      const cancelled = this.#host.cancel(client);
      stopped = { reason, cancelled };
      void cancelled.then(() => onStopped?.(reason));
    };
    const timer = setTimeout(() => stop(timeoutError(settings.name, settings.timeoutMs)), scope.remainingMs);
    const onAbort = (): void => stop(settings.signal?.reason);
    settings.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      settings.signal?.throwIfAborted();
      const transaction = new Transaction(scope, runStatement);
      return await Promise.race([runInScope(pool, scope, async () => work(transaction)), stopping]);
    } catch (error) {
      const cause = stopped as { readonly reason: unknown; readonly cancelled: Promise<void> } | null;
      if (cause === null) throw error;
      // A cancellation on its way must not meet the rollback. The statement it ended failed with it, not by itself.
      await cause.cancelled;
      throw cause.reason;
    } finally {
      clearTimeout(timer);
      settings.signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Closes the door before the end is sent. A branch of the function that still runs, as siblings in a `Promise.all` do
   * when one failed, could otherwise send a statement after the ROLLBACK, where it would be committed by itself.
   */
  async #shut(scope: TransactionScope): Promise<void> {
    scope.close();
    await scope.takeBack();
  }

  /** A process that was stopped and goes on finds here that its time was up, before it commits. */
  #assertWhole(scope: TransactionScope, settings: Settings): void {
    if (scope.isAborted) throw abortedError(scope);
    if (scope.remainingMs === 0) throw timeoutError(settings.name, settings.timeoutMs);
  }

  /** @returns whether the connection may be used again */
  async #rollBack(client: PoolClient): Promise<boolean> {
    try {
      return (await withinMs(ROLLBACK_TIMEOUT_MS, client.query('ROLLBACK'))).inTime;
    } catch (error) {
      this.#host.logger.debug({ reason: String(error) }, 'rolled back by closing the connection');
      return false;
    }
  }

  async #rollBackTo(outer: TransactionScope, savepoint: string): Promise<void> {
    try {
      await outer.query({ text: `ROLLBACK TO SAVEPOINT ${savepoint}` });
      await outer.query({ text: `RELEASE SAVEPOINT ${savepoint}` });
    } catch (error) {
      // The connection is gone or the outer transaction has ended: its own end deals with it.
      this.#host.logger.debug({ reason: String(error) }, 'savepoint not rolled back');
    }
  }

  #failed(scope: TransactionScope, error: unknown): Attempt<never> {
    if (error instanceof TransactionTimeoutError) this.#counters.timeouts += 1;
    const cause = error instanceof TransactionAbortedError ? error.cause : error;
    const conflict = conflictOf(cause);
    if (conflict === 'deadlock') this.#counters.deadlocks += 1;
    if (conflict === 'serialization') this.#counters.serializationFailures += 1;
    // The function may have lost a connection to something else, which running it again would not mend.
    const lostOwn = isUnreachable(cause) && isUnreachable(scope.lastFailure);
    return { done: false, mayRetry: conflict !== null || lostOwn, error: toDatabaseError(error) };
  }

  #count(outcome: TransactionOutcome): void {
    if (outcome === 'unknown') this.#counters.outcomeUnknown += 1;
    else this.#counters[outcome] += 1;
  }

  #hookFailed(settings: Settings, error: unknown): void {
    this.#host.logger.error({ err: error, transaction: settings.name }, 'a hook of a transaction failed');
  }
}
