import { InvalidArgumentError } from '../errors.js';
import type { MaintenanceOptions } from './types.js';

/** The options of a run, complete and checked. */
export interface RunOptions {
  readonly tables: readonly string[] | null;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: MaintenanceOptions['onProgress'];
  readonly dryRun: boolean;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

const LOCK_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 3_600_000;
/** The greatest timeout of PostgreSQL, and of a timer in Node. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/** @throws InvalidArgumentError for a timeout that is no whole number of milliseconds, or a wait without an end */
export function completeOptions(
  given: MaintenanceOptions,
  defaultLockTimeoutMs = LOCK_TIMEOUT_MS,
): RunOptions {
  const { lockTimeoutMs = defaultLockTimeoutMs, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = given;
  assertTimeout('lockTimeoutMs', lockTimeoutMs, 1);
  assertTimeout('statementTimeoutMs', statementTimeoutMs, 0);
  return Object.freeze({
    tables: given.tables === undefined ? null : given.tables,
    signal: given.signal,
    onProgress: given.onProgress,
    dryRun: given.dryRun ?? false,
    lockTimeoutMs,
    statementTimeoutMs,
  });
}

function assertTimeout(name: string, value: number, min: number): void {
  if (Number.isInteger(value) && value >= min && value <= MAX_TIMEOUT_MS) return;
  throw new InvalidArgumentError(
    `${name} is ${String(value)}: expected whole milliseconds from ${min} to ${MAX_TIMEOUT_MS}.`,
    { context: { name, value: String(value) } },
  );
}
