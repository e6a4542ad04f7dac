import type { Relation } from './catalog.js';
import { describeLockHolders } from './lock-holders.js';
import { describe, type MaintenanceSession, sqlState } from './session.js';
import type { TableReason, TableStatus } from './types.js';

/** How a failed statement shows in the result of its table. */
export interface FailureVerdict {
  readonly status: Extract<TableStatus, 'skipped' | 'failed' | 'stopped'>;
  readonly reason: TableReason;
}

/** What is known when a statement has failed. */
export interface FailureCircumstances {
  readonly session: MaintenanceSession;
  readonly table: Relation;
  readonly isAborted: boolean;
  readonly durationMs: number;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

/**
 * Tells why a statement failed, from its SQLSTATE (https://www.postgresql.org/docs/18/errcodes-appendix.html).
 * @throws the error itself when it is none of PostgreSQL's
 */
export async function judgeFailure(
  error: unknown,
  circumstances: FailureCircumstances,
): Promise<FailureVerdict> {
  const { isAborted, durationMs, statementTimeoutMs } = circumstances;
  const state = sqlState(error);
  if (isAborted) return verdict('stopped', 'cancelled', 'cancelled on the server when the run was stopped');
  switch (state) {
    case null:
      throw error;
    case '55P03':
      return lockTimeout(circumstances);
    case '42P01':
      return verdict('skipped', 'gone', 'it was dropped meanwhile');
    case '42501':
      return verdict('failed', 'no-permission', describe(error));
    case '57014':
      // The same code for both; only the time tells them apart, since the text may be in any language.
      return statementTimeoutMs > 0 && durationMs >= statementTimeoutMs
        ? verdict('failed', 'statement-timeout', `not done within ${statementTimeoutMs} ms`)
        : verdict('failed', 'cancelled', 'another session cancelled it');
    default:
      return verdict('failed', 'error', `${describe(error)} (SQLSTATE ${state})`);
  }
}

/** The verdict on a table whose lock was not to be had in time, with who has it. */
export async function lockTimeout({
  session,
  table,
  lockTimeoutMs,
}: Pick<FailureCircumstances, 'session' | 'table' | 'lockTimeoutMs'>): Promise<FailureVerdict> {
  const holders = await describeLockHolders(session, table.oid);
  const who = holders === '' ? '' : `: ${holders}`;
  return verdict('skipped', 'lock-timeout', `locked for more than ${lockTimeoutMs} ms${who}`);
}

function verdict(
  status: FailureVerdict['status'],
  code: TableReason['code'],
  message: string,
): FailureVerdict {
  return { status, reason: { code, message } };
}
