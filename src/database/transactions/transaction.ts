import type { ClientBase } from 'pg';
import type { QueryOptions, SqlExecutor } from '../sql-executor.js';
import type { OutcomeHook, TransactionScope } from './transaction-scope.js';

/** How much a transaction may see of others: https://www.postgresql.org/docs/15/transaction-iso.html */
export type IsolationLevel = 'ReadCommitted' | 'RepeatableRead' | 'Serializable';

/** What may be said of a transaction. */
export interface TransactionOptions {
  /** @default the server's, ReadCommitted unless set otherwise */
  readonly isolation?: IsolationLevel;
  /** For everything: waiting for a connection, all attempts, COMMIT. @default 10_000 */
  readonly timeoutMs?: number;
  /** Attempts after the first, on serialization failure, deadlock or a connection lost before COMMIT. @default 3 */
  readonly maxRetries?: number;
  /** @default false */
  readonly readOnly?: boolean;
  /** Shown in statistics, logs and errors. */
  readonly name?: string;
  /** Rolls back and rejects with the signal's reason when it aborts. */
  readonly signal?: AbortSignal;
}

/** Runs a statement of a scope; the manager supplies how, since it knows how to cancel one. */
export type StatementRunner = <Row extends object>(
  scope: TransactionScope,
  text: string,
  parameters: readonly unknown[],
  options: QueryOptions,
) => Promise<{ readonly rows: readonly Row[]; readonly rowCount: number }>;

/** What the function of a transaction is given. Repositories and the pool's `query` join it without it. */
export class Transaction implements SqlExecutor {
  readonly #scope: TransactionScope;
  readonly #run: StatementRunner;

  constructor(scope: TransactionScope, run: StatementRunner) {
    this.#scope = scope;
    this.#run = run;
  }

  /** What its options call it. */
  get name(): string | null {
    return this.#scope.name;
  }

  /** How long it may still take. */
  get remainingMs(): number {
    return this.#scope.remainingMs;
  }

  async query<Row extends object>(
    text: string,
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<readonly Row[]> {
    return (await this.#run<Row>(this.#scope, text, parameters, options)).rows;
  }

  async execute(
    text: string,
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<number> {
    return (await this.#run(this.#scope, text, parameters, options)).rowCount;
  }

  async withClient<T>(use: (client: ClientBase) => Promise<T>): Promise<T> {
    try {
      return await use(this.#scope.client);
    } catch (error) {
      this.#scope.noteFailure(error);
      throw error;
    }
  }

  /**
   * Runs once after the whole has committed, before `run` resolves. Its failure is logged and changes nothing: what was
   * committed stays so.
   */
  afterCommit(hook: () => Promise<void> | void): void {
    this.#on('committed', hook);
  }

  /** Runs once after this transaction, or this savepoint, was rolled back; of a retried one, after each attempt. */
  afterRollback(hook: () => Promise<void> | void): void {
    this.#on('rolledBack', hook);
  }

  #on(wanted: 'committed' | 'rolledBack', hook: () => Promise<void> | void): void {
    const onOutcome: OutcomeHook = (outcome) => (outcome === wanted ? hook() : undefined);
    this.#scope.onOutcome(onOutcome);
  }
}
