import { InvalidArgumentError } from '../../errors.js';
import type { IsolationLevel, TransactionOptions } from './transaction.js';

const ISOLATION_SQL: Readonly<Record<IsolationLevel, string>> = {
  ReadCommitted: 'READ COMMITTED',
  RepeatableRead: 'REPEATABLE READ',
  Serializable: 'SERIALIZABLE',
};

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_RETRIES = 3;
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
/** The deadline is kept here, with a better error; the server's limit is for a process that was stopped or cut off. */
const DEADLINE_GRACE_MS = 1_000;

/** The options of a transaction, checked and complete. */
export interface TransactionSettings {
  /** The statements that begin it. */
  readonly begin: string;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly name: string | null;
  readonly signal: AbortSignal | null;
  /** Whether isolation or access mode were stated. */
  readonly changesMode: boolean;
}

/**
 * @param statementTimeoutMs the server's limit for one statement; 0 is none
 * @throws InvalidArgumentError when an option cannot be meant
 */
export function checkedSettings(
  options: TransactionOptions,
  statementTimeoutMs: number,
): TransactionSettings {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxRetries = DEFAULT_MAX_RETRIES, isolation, readOnly } = options;
  if (!(timeoutMs > 0 && timeoutMs <= LONGEST_TIMEOUT_MS)) {
    throw new InvalidArgumentError(
      `timeoutMs is ${timeoutMs}: expected a number above 0, to ${LONGEST_TIMEOUT_MS}.`,
    );
  }
  if (!(Number.isInteger(maxRetries) && maxRetries >= 0)) {
    throw new InvalidArgumentError(`maxRetries is ${maxRetries}: expected a whole number from 0.`);
  }
  if (isolation !== undefined && !Object.hasOwn(ISOLATION_SQL, isolation)) {
    const known = Object.keys(ISOLATION_SQL).join(', ');
    throw new InvalidArgumentError(`isolation is ${String(isolation)}: expected one of ${known}.`);
  }
  const level = isolation === undefined ? '' : ` ISOLATION LEVEL ${ISOLATION_SQL[isolation]}`;
  const modes = level + (readOnly === true ? ' READ ONLY' : '');
  const deadlineMs = timeoutMs + DEADLINE_GRACE_MS;
  const statementMs = statementTimeoutMs > 0 ? Math.min(statementTimeoutMs, deadlineMs) : deadlineMs;
  return {
    // One round trip. SET LOCAL ends with the transaction, so a pooler may hand the connection on.
    begin:
      `BEGIN${modes}; SET LOCAL statement_timeout = ${Math.ceil(Math.min(statementMs, LONGEST_TIMEOUT_MS))}; ` +
      `SET LOCAL idle_in_transaction_session_timeout = ${Math.ceil(timeoutMs)}`,
    timeoutMs,
    maxRetries,
    name: options.name ?? null,
    signal: options.signal ?? null,
    changesMode: modes !== '',
  };
}
