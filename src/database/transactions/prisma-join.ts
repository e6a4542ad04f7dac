import { withinMs } from '../deadline.js';
import type { PrismaClientLike } from '../prisma-client.js';
import { currentScope, type JoinedPrisma, runInScope, TransactionScope } from './transaction-scope.js';

/** How long Prisma may take to give its transaction back; what it then still runs fails on the closed scope. */
const END_TIMEOUT_MS = 1_000;
// Prisma's own timer starts with its transaction and must not end before ours, which aborts on the server as well.
const MARGIN_MS = 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * A Prisma client on the connection of the transaction that the caller is in; null outside of any. An extended client
 * keeps all its extensions there.
 *
 * @param pool the pg pool below
 * @param prisma the client as Prisma made it, whose `$transaction` is Prisma's own
 * @throws TransactionClosedError when that transaction has ended
 */
export async function prismaInScope(pool: object, prisma: PrismaClientLike): Promise<object | null> {
  const scope = currentScope(pool);
  return scope === null ? null : scope.prisma(prisma, () => joinPrisma(pool, scope, prisma));
}

/**
 * Has Prisma start an interactive transaction on the connection of this one, so that its operations run there. It gets
 * a client of its own rather than a routed pool, since Prisma batches `findUnique`s of one tick by transaction: without
 * one, a read inside could travel with a read outside, on either's connection.
 */
export async function joinPrisma(
  pool: object,
  scope: TransactionScope,
  prisma: PrismaClientLike,
): Promise<JoinedPrisma> {
  const timeout = Math.min(LONGEST_TIMER_MS, scope.root.remainingMs + MARGIN_MS);
  const joining = new SameConnection(scope.root);
  const finished = deferred<void>();
  const started = deferred<object>();
  const whole = runInScope(pool, joining, () =>
    prisma.$transaction(
      async (transaction) => {
        started.resolve(transaction);
        await finished.promise;
      },
      { timeout, maxWait: timeout },
    ),
  );
  whole.catch(started.reject);
  return {
    client: await started.promise,
    end: async () => {
      finished.resolve();
      // What went wrong in it has been told to who asked for it.
      await withinMs(
        END_TIMEOUT_MS,
        whole.catch(() => undefined),
      );
    },
  };
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as Omit<Deferred<T>, 'promise'>) };
}

// Global, since a pool of the ESM build may be used by the CommonJS build and the other way round.
const SAME_CONNECTION = Symbol.for('holdfast:SameConnection');

/** The scope under which Prisma's start of a transaction means the one that is under way, not a savepoint in it. */
export class SameConnection extends TransactionScope {
  readonly [SAME_CONNECTION] = true;
  readonly #of: TransactionScope;

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && SAME_CONNECTION in value;
  }

  constructor(of: TransactionScope) {
    super({ client: of.client, name: of.name, deadline: of.deadline, parent: of });
    this.#of = of;
  }

  override get root(): TransactionScope {
    return this.#of.root;
  }
}
