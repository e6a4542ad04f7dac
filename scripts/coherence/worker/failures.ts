import { errorCodes } from '../../../src/database/database-errors.js';
import { errorCode } from '../../support/error-code.js';

/**
 * What PostgreSQL, Prisma and the repositories answer to a write that came too late or too early: the row is not there,
 * or is there already, the value is taken, two writes waited for each other.
 */
const REFUSALS: ReadonlySet<string> = new Set([
  'ENTITY_NOT_FOUND',
  'RETRIES_EXHAUSTED',
  'P2002',
  'P2025',
  'P2034',
  '23503',
  '23505',
  '40001',
  '40P01',
]);

/** Whether a write was refused in order, for what others had written. */
export function isRefusal(error: unknown): boolean {
  for (const code of errorCodes(error)) if (REFUSALS.has(code)) return true;
  return false;
}

/** The code of a failure, or the name of the error where it has none. */
export function failureCode(error: unknown): string {
  return errorCode(error) ?? (error instanceof Error ? error.name : typeof error);
}

export function failureMessage(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 500) : String(error);
}
