import { AsyncLocalStorage } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { TransactionClosedError } from '../../errors.js';

/** How a transaction ended. `unknown`: COMMIT was sent, and no answer came. */
export type TransactionOutcome = 'committed' | 'rolledBack' | 'unknown';

/** A Prisma client that works on the connection of a transaction. */
export interface JoinedPrisma {
  readonly client: object;
  /** Gives it back to Prisma. Sends nothing to the server: the transaction is not Prisma's to end. */
  end(): Promise<void>;
}

/** Runs once, when the transaction has ended. */
export type OutcomeHook = (outcome: TransactionOutcome) => Promise<void> | void;

/**
 * A transaction that is under way, or a savepoint in one. Everything that runs inside its function finds it through the
 * asynchronous context, which is how repositories and raw queries join it.
 */
export class TransactionScope {
  readonly name: string | null;
  readonly parent: TransactionScope | null;
  /** When it must have ended, on the clock of `performance.now()`. */
  readonly deadline: number;
  readonly startedAt = performance.now();
  readonly #client: PoolClient;
  #hooks: OutcomeHook[] = [];
  #closed: Error | null = null;
  #lastFailure: unknown = null;
  #savepoints = 0;
  #nested: Promise<unknown> = Promise.resolve();
  readonly #prisma = new Map<object, Promise<JoinedPrisma>>();

  constructor(options: {
    readonly client: PoolClient;
    readonly name: string | null;
    readonly deadline: number;
    readonly parent: TransactionScope | null;
  }) {
    this.#client = options.client;
    this.name = options.name;
    this.deadline = options.deadline;
    this.parent = options.parent;
  }

  get root(): TransactionScope {
    return this.parent === null ? this : this.parent.root;
  }

  /** How long it may take in all. */
  get lengthMs(): number {
    return this.deadline - this.startedAt;
  }

  /** How long it may still take; never below zero. */
  get remainingMs(): number {
    return Math.max(0, this.deadline - performance.now());
  }

  /** The failure of its latest statement that failed, also where the function went on as if nothing had been. */
  get lastFailure(): unknown {
    return this.#lastFailure;
  }

  /** Whether a statement failed, so that PostgreSQL refuses everything but a rollback. */
  get isAborted(): boolean {
    return this.#client.getTransactionStatus() === 'E';
  }

  /**
   * Its connection.
   *
   * @throws TransactionClosedError or what ended it, when it has ended
   */
  get client(): PoolClient {
    if (this.#closed !== null) throw this.#closed;
    return this.parent === null ? this.#client : this.parent.client;
  }

  async query<Row extends QueryResultRow>(config: QueryConfig): Promise<QueryResult<Row>> {
    try {
      return await this.client.query<Row>(config);
    } catch (error) {
      this.noteFailure(error);
      throw error;
    }
  }

  /** A statement of this transaction failed, perhaps one of Prisma's. */
  noteFailure(error: unknown): void {
    this.#lastFailure = error;
    if (this.parent !== null) this.parent.noteFailure(error);
  }

  /** Has a hook run when the transaction has ended; on a savepoint that is kept, when the whole has. */
  onOutcome(hook: OutcomeHook): void {
    if (this.#closed !== null) throw this.#closed;
    this.#hooks.push(hook);
  }

  /** A name that no other savepoint of this transaction has. */
  nextSavepoint(): string {
    const { root } = this;
    root.#savepoints += 1;
    return `holdfast_${root.#savepoints}`;
  }

  /** Runs nested transactions of this one after another: on one connection, savepoints cannot overlap. */
  serialize<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#nested.then(run, run);
    this.#nested = turn.catch(() => undefined);
    return turn;
  }

  /** Ends it for all who still hold it: from now on, what they ask is refused with this error. */
  close(reason?: Error): void {
    this.#closed ??=
      reason ??
      new TransactionClosedError(
        'This transaction has ended. Await everything that belongs to it before its function returns.',
        { context: { name: this.name } },
      );
  }

  /** The Prisma client that works on this connection, joined at first use and kept for the whole transaction. */
  async prisma(prisma: object, join: () => Promise<JoinedPrisma>): Promise<object> {
    const { root } = this;
    if (root.#closed !== null) throw root.#closed;
    let joined = root.#prisma.get(prisma);
    if (joined === undefined) {
      joined = join();
      root.#prisma.set(prisma, joined);
    }
    return (await joined).client;
  }

  /** Takes the connection back from all who joined it. Never rejects. */
  async takeBack(): Promise<void> {
    const joined = [...this.#prisma.values()];
    this.#prisma.clear();
    // One that could not join has nothing to give back, and told who asked for it.
    for (const each of await Promise.allSettled(joined))
      if (each.status === 'fulfilled') await each.value.end();
  }

  /** Hands its hooks to the transaction around it, since a savepoint that was kept ends with that. */
  passHooksToParent(): void {
    const hooks = this.#takeHooks();
    for (const hook of hooks) this.parent?.onOutcome(hook);
  }

  /** Runs its hooks, each once and in order. `onError` hears of those that failed; the others still run. */
  async settle(outcome: TransactionOutcome, onError: (error: unknown) => void): Promise<void> {
    for (const hook of this.#takeHooks()) {
      try {
        await hook(outcome);
      } catch (error) {
        onError(error);
      }
    }
  }

  #takeHooks(): readonly OutcomeHook[] {
    const hooks = this.#hooks;
    this.#hooks = [];
    return hooks;
  }
}

// Global, so that the ESM and the CommonJS build see each other's transactions when both are loaded.
const STORAGE = Symbol.for('holdfast:TransactionScopes');

/** The scopes that the current code runs in: one for each pool, since a process may have several databases. */
type Scopes = ReadonlyMap<object, TransactionScope>;

function storage(): AsyncLocalStorage<Scopes> {
  const holder = globalThis as { [STORAGE]?: AsyncLocalStorage<Scopes> };
  holder[STORAGE] ??= new AsyncLocalStorage<Scopes>();
  return holder[STORAGE];
}

/** The transaction on this pool that the caller runs in, if any. */
export function currentScope(pool: object): TransactionScope | null {
  return storage().getStore()?.get(pool) ?? null;
}

/** Runs a function inside a transaction on this pool, or, with null, outside of all. */
export function runInScope<T>(pool: object, scope: TransactionScope | null, run: () => T): T {
  const current = storage().getStore();
  // The first use of a storage makes every promise of the process dearer, in Node 20 by as much again.
  if (scope === null && current?.has(pool) !== true) return run();
  const scopes = new Map(current);
  if (scope === null) scopes.delete(pool);
  else scopes.set(pool, scope);
  return storage().run(scopes, run);
}
