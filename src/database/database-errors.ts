import { DatabaseUnavailableError, HoldfastError, PoolTimeoutError } from '../errors.js';

// Node's codes for a server that is not there, and PostgreSQL's for one that is going down, coming up or full:
// https://www.postgresql.org/docs/15/errcodes-appendix.html, classes 08, 53 and 57P. Prisma's for the same:
// https://www.prisma.io/docs/orm/reference/error-reference
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '53300',
  '57P01',
  '57P02',
  '57P03',
  'P1001',
  'P1002',
  'P1008',
  'P1017',
]);

// pg gives these no code.
const CONNECTION_LOST =
  /^Connection terminated|^Client has encountered a connection error|^Client was closed and is not queryable/;
const ACQUIRE_TIMEOUT = /^timeout exceeded when trying to connect/;

const ORIGINAL = 'holdfastError';

/**
 * Lets an error of the pool come back from Prisma, which makes an error of its own of one that has a `code`, and keeps
 * its `meta`.
 */
export function throughPrisma<E extends HoldfastError>(error: E): E {
  return Object.defineProperty(error, 'meta', { value: { [ORIGINAL]: error } });
}

/** One link of an error's chain of causes, with the few properties that decide what kind it is. */
interface ErrorLink {
  readonly error: object;
  /** `code`, and the SQLSTATE that Prisma's adapters keep in `originalCode`. */
  readonly codes: readonly string[];
  readonly message: string;
}

/** The error and what caused it, outermost first; adapters of Prisma hide the driver's error in `meta`. */
function* chain(error: unknown): Generator<ErrorLink> {
  const seen = new Set<unknown>();
  const pending: unknown[] = [error];
  while (pending.length > 0) {
    const link = pending.shift();
    if (typeof link !== 'object' || link === null || seen.has(link)) continue;
    seen.add(link);
    const fields = link as Record<string, unknown>;
    yield {
      error: link,
      codes: [fields['originalCode'], fields['code']].filter((code) => typeof code === 'string'),
      message: String(fields['originalMessage'] ?? fields['message'] ?? ''),
    };
    pending.push(fields['cause']);
    // An AggregateError: Node tried several addresses of one host.
    if (Array.isArray(fields['errors'])) pending.push(...fields['errors']);
    const meta = fields['meta'];
    if (typeof meta === 'object' && meta !== null) {
      const { driverAdapterError, [ORIGINAL]: original } = meta as Record<string, unknown>;
      pending.push(driverAdapterError, original);
    }
  }
}

/** Every code in an error and its causes: SQLSTATEs, also where Prisma's adapters hide them, and Prisma's and Node's. */
export function* errorCodes(error: unknown): Generator<string> {
  for (const link of chain(error)) yield* link.codes;
}

/** Whether the error means that PostgreSQL could not be reached or went away. */
export function isUnreachable(error: unknown): boolean {
  for (const { codes, message } of chain(error)) {
    if (codes.some((code) => UNREACHABLE.has(code)) || CONNECTION_LOST.test(message)) return true;
  }
  return false;
}

/** Whether the error means that no connection of the pool came free in time. */
export function isAcquireTimeout(error: unknown): boolean {
  for (const { error: link, codes, message } of chain(error)) {
    if (link instanceof PoolTimeoutError || codes.includes('P2024') || ACQUIRE_TIMEOUT.test(message))
      return true;
  }
  return false;
}

/** Whether PostgreSQL, or Prisma's engine, answered with this error: then what it refused has not happened. */
export function isServerReply(error: unknown): boolean {
  if (error instanceof Error && error.name === 'PrismaClientValidationError') return true;
  for (const code of errorCodes(error)) {
    if (UNREACHABLE.has(code)) return false;
    // P2xxx is the engine's answer to a query; P2010 and P2028 stand for failures of any kind below it.
    if (/^P2\d{3}$/.test(code) && code !== 'P2010' && code !== 'P2028') return true;
    if (isSqlState(code)) return true;
  }
  return false;
}

/**
 * Whether a failed write is certain not to have taken effect. A connection lost, or an answer not waited for, leaves it
 * open: the statement may still run and commit.
 */
export function isKnownNotWritten(error: unknown): boolean {
  if (isAcquireTimeout(error)) return true;
  return !isUnreachable(error) && isServerReply(error);
}

/** A server that could not be reached and a pool that was exhausted as typed errors; any other error as it is. */
export function toDatabaseError(error: unknown): unknown {
  if (error instanceof HoldfastError) return error;
  for (const { error: link } of chain(error)) if (link instanceof HoldfastError) return link;
  if (isAcquireTimeout(error)) {
    return new PoolTimeoutError(
      'No connection came free in time. Look for connections held too long, or raise DB_POOL_MAX.',
      { cause: error },
    );
  }
  if (isUnreachable(error)) {
    return new DatabaseUnavailableError(
      'PostgreSQL cannot be reached. Check that it runs and that DATABASE_URL names its host and port.',
      { cause: error },
    );
  }
  return error;
}

/** Five digits and capitals, at least one a digit: https://www.postgresql.org/docs/15/errcodes-appendix.html */
function isSqlState(code: string): boolean {
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(code) && !/^P\d{4}$/.test(code);
}
