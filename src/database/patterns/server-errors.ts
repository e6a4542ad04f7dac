import { InvalidArgumentError } from '../../errors.js';

/** What the server says of a statement it refuses, as pg passes it on. */
interface ServerError extends Error {
  readonly code: string;
  readonly column?: string;
  readonly where?: string;
}

// What a caller's value can be guilty of: https://www.postgresql.org/docs/15/errcodes-appendix.html
const BAD_VALUE = new Set([
  '22001', // string too long
  '22003', // number out of range
  '22007', // not a date or time
  '22008', // date or time out of range
  '22009', // time zone displacement
  '22021', // null byte, or not the database's encoding
  '22023', // invalid parameter value
  '22P02', // not of the column's type
  '22P03', // binary form
  '22P04', // COPY: wrong number of columns
  '22P05', // \u0000 in JSON
  '42804', // type of expression differs from column's
  '42846', // no such cast
  '42883', // no such operator or function for these types
]);

/** Class 22 data, 21 cardinality, 23 constraint, 44 view's check; P0001 is raised by triggers. */
const OF_THE_DATA = /^(?:21|22|23|44)|^P0001$/;

/** The server's answer, or null where the error is not one. */
function serverError(error: unknown): ServerError | null {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? (error as ServerError) : null;
}

/** Whether other rows may still be written after this error: it lies in the data, not in connection or statement. */
export function isDataError(error: unknown): boolean {
  return error instanceof InvalidArgumentError || OF_THE_DATA.test(serverError(error)?.code ?? '');
}

/** Where in the input an error lies, as far as the server tells. */
export interface InputPosition {
  readonly column?: string;
  /** The line of a COPY, from 1. */
  readonly line?: number;
}

/**
 * Reads the position out of the error's context. `COPY users, line 3, column size: "x"` has both; a parameter names its
 * number, `unnamed portal parameter $2`, which `parameterColumns` translates.
 */
export function positionOf(error: unknown, parameterColumns: readonly string[] = []): InputPosition {
  const found = serverError(error);
  if (found === null) return {};
  const line = /^COPY .*?, line (\d+)/m.exec(found.where ?? '')?.[1];
  const copied = /^COPY .*?, line \d+, column (.+?)(?:: |$)/m.exec(found.where ?? '')?.[1];
  const parameter = /portal.* parameter \$(\d+)/.exec(found.where ?? '')?.[1];
  const column = found.column ?? copied ?? parameterColumns[Number(parameter ?? 0) - 1];
  return { ...(column !== undefined && { column }), ...(line !== undefined && { line: Number(line) }) };
}

/**
 * A server's refusal of a value as `InvalidArgumentError`, with the column where it is known; any other error as it is.
 *
 * @param parameterColumns the column that each parameter is for, in order
 */
export function toArgumentError(error: unknown, parameterColumns: readonly string[] = []): unknown {
  const found = serverError(error);
  if (found === null || !BAD_VALUE.has(found.code)) return error;
  const { column } = positionOf(error, parameterColumns);
  const where = column === undefined ? '' : ` for column "${column}"`;
  return new InvalidArgumentError(`PostgreSQL refuses a value${where}: ${found.message}.`, {
    context: { sqlState: found.code, ...(column !== undefined && { column }) },
    cause: error,
  });
}
