import {
  CommitOutcomeUnknownError,
  RetriesExhaustedError,
  TransactionAbortedError,
  TransactionTimeoutError,
} from '../../errors.js';
import type { TransactionScope } from './transaction-scope.js';

const shown = (name: string | null): string => name ?? '(unnamed)';

export function timeoutError(name: string | null, timeoutMs: number): TransactionTimeoutError {
  return new TransactionTimeoutError(
    `Transaction ${shown(name)} took longer than ${timeoutMs} ms and was rolled back. Do less in it, or give it a larger ` +
      'timeoutMs.',
    { context: { name, timeoutMs } },
  );
}

export function abortedError(scope: TransactionScope): TransactionAbortedError {
  return new TransactionAbortedError(
    'A statement of this transaction failed and its error was not passed on, so PostgreSQL rolled everything back. ' +
      'Let the error through, or put the statement into a transaction of its own inside this one.',
    { context: { name: scope.name }, cause: scope.lastFailure },
  );
}

export function outcomeUnknownError(name: string | null, cause: unknown): CommitOutcomeUnknownError {
  return new CommitOutcomeUnknownError(
    `The answer to COMMIT of transaction ${shown(name)} did not come: it may have taken effect. Read what it would have ` +
      'changed before you run it again.',
    { context: { name }, cause },
  );
}

export function retriesExhaustedError(
  name: string | null,
  attempts: number,
  timeoutMs: number,
  cause: unknown,
): RetriesExhaustedError {
  return new RetriesExhaustedError(
    `Transaction ${shown(name)} failed ${attempts} times in ways that a retry can mend. Make it shorter, take its locks in ` +
      'one order, or raise maxRetries and timeoutMs.',
    { context: { name, attempts, timeoutMs }, cause },
  );
}
