import { PrismaClientKnownRequestError } from '@prisma/client/runtime/client';
import { InvalidArgumentError, RetriesExhaustedError } from '../../errors.js';
import type { PrismaClientLike } from '../prisma-client.js';
import { prismaInScope } from './prisma-join.js';
import { conflictOf } from './retriable.js';
import type { IsolationLevel, TransactionOptions } from './transaction.js';

/** The pool on which a client's transactions are begun. */
export interface TransactionPool {
  readonly pgPool: object;
  transaction<T>(work: () => Promise<T>, options: TransactionOptions): Promise<T>;
}

/** What Prisma's `$transaction` may be told. */
interface PrismaTransactionOptions {
  readonly maxWait?: number;
  readonly timeout?: number;
  readonly isolationLevel?: string;
}

/** What is asked of a client here beside what holdfast needs of every one. */
type AnyClient = PrismaClientLike & {
  $extends?(extension: unknown): unknown;
  $transaction(work: unknown, options?: unknown): Promise<unknown>;
};

// Prisma's own, for who states none.
const DEFAULT_MAX_WAIT_MS = 2_000;
const DEFAULT_TIMEOUT_MS = 5_000;
const NAME = 'prisma.$transaction';

// Global, since the ESM and the CommonJS build may meet in a process.
const ORIGINAL = Symbol.for('holdfast:OriginalPrismaClient');

/**
 * A Prisma client as an application is given it: the interactive form of its `$transaction` is a transaction of
 * holdfast's, so repositories and the pool's `query` that are called inside join it. All else is the client's own, the
 * array form of `$transaction` too; what is made of it by `$extends` is such a client again, and one that is such a
 * client already stays as it is.
 *
 * The options mean what they do to Prisma, with these differences: waiting for a connection and the function share one
 * limit, the sum of `maxWait` and `timeout` (by default 2 and 5 seconds), and its passing is a `TransactionTimeoutError`.
 * It is not retried; a conflict is an error with Prisma's code P2034. A statement that failed unnoticed is a
 * `TransactionAbortedError`, where Prisma would resolve and the server roll back. Inside a transaction it is a savepoint.
 */
export function joiningClient<Client extends PrismaClientLike>(
  client: Client,
  pool: TransactionPool,
): Client {
  if (originalClient(client) !== client) return client;
  return wrapped(client, client, pool);
}

/** The client below, whose `$transaction` is Prisma's. */
export function originalClient<Client extends object>(client: Client): Client {
  return (Reflect.get(client, ORIGINAL) as Client | undefined) ?? client;
}

/** @param root the client that transactions are joined with: of one that works in a transaction, that which began it */
function wrapped<Client extends PrismaClientLike>(
  client: Client,
  root: AnyClient,
  pool: TransactionPool,
): Client {
  const own = client as unknown as AnyClient;
  const $transaction = (work: unknown, options?: unknown): Promise<unknown> =>
    typeof work === 'function'
      ? interactive(pool, root, work as Work, (options ?? {}) as PrismaTransactionOptions)
      : own.$transaction(work, options);
  const $extends = (extension: unknown): unknown => {
    const extended = own.$extends?.(extension);
    return isClient(extended) ? joiningClient(extended, pool) : extended;
  };
  return new Proxy(client, {
    get(target, property) {
      if (property === '$transaction') return $transaction;
      if (property === ORIGINAL) return target;
      const value: unknown = Reflect.get(target, property, target);
      // A client that works in a transaction cannot be extended.
      return property === '$extends' && value !== undefined ? $extends : value;
    },
  });
}

type Work = (transaction: object) => Promise<unknown>;

async function interactive(
  pool: TransactionPool,
  root: AnyClient,
  work: Work,
  { maxWait = DEFAULT_MAX_WAIT_MS, timeout = DEFAULT_TIMEOUT_MS, isolationLevel }: PrismaTransactionOptions,
): Promise<unknown> {
  const isolation = isolationLevel === undefined ? null : isolationOf(isolationLevel);
  let thrown: unknown;
  try {
    return await pool.transaction(
      async () => {
        const client = await prismaInScope(pool.pgPool, root);
        try {
          return await work(wrapped(client as AnyClient, root, pool));
        } catch (error) {
          thrown = error;
          throw error;
        }
      },
      {
        name: NAME,
        timeoutMs: maxWait + timeout,
        // It was not written to be run twice, and who wants that has a loop around it.
        maxRetries: 0,
        ...(isolation !== null && { isolation }),
      },
    );
  } catch (error) {
    throw error instanceof RetriesExhaustedError && error !== thrown ? asPrisma(error.cause) : error;
  }
}

function isolationOf(level: string): IsolationLevel {
  // PostgreSQL has no dirty reads: there, the one is the other.
  if (level === 'ReadUncommitted' || level === 'ReadCommitted') return 'ReadCommitted';
  if (level === 'RepeatableRead' || level === 'Serializable') return level;
  throw new InvalidArgumentError(
    `isolationLevel is ${level}: expected ReadUncommitted, ReadCommitted, RepeatableRead or Serializable.`,
  );
}

/** A conflict under the code that loops around `$transaction` look for. */
function asPrisma(error: unknown): unknown {
  if (conflictOf(error) === null || (error instanceof Error && 'code' in error && error.code === 'P2034'))
    return error;
  const conflict = new PrismaClientKnownRequestError(
    'Transaction failed due to a write conflict or a deadlock. Please retry your transaction',
    { code: 'P2034', clientVersion: 'holdfast' },
  );
  conflict.cause = error;
  return conflict;
}

function isClient(value: unknown): value is PrismaClientLike {
  return (
    typeof value === 'object' && value !== null && typeof Reflect.get(value, '$transaction') === 'function'
  );
}
