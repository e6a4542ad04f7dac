import { DatabaseUnavailableError, PoolTimeoutError } from '../errors.js';

// Node's codes for a server that is not there, and PostgreSQL's for one that is going down, coming up or full:
// https://www.postgresql.org/docs/15/errcodes-appendix.html, classes 08, 53 and 57P.
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
]);

// pg gives these no code.
const CONNECTION_LOST = /^Connection terminated|^Client has encountered a connection error/;
const ACQUIRE_TIMEOUT = /^timeout exceeded when trying to connect/;

// Prisma's codes for "cannot reach" and "closed the connection": https://www.prisma.io/docs/orm/reference/error-reference
const PRISMA_UNREACHABLE = new Set(['P1001', 'P1002', 'P1008', 'P1017']);

/** One link of an error's chain of causes, with the few properties that decide what kind it is. */
interface ErrorLink {
  readonly code: string;
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
      code: String(fields['originalCode'] ?? fields['code'] ?? ''),
      message: String(fields['originalMessage'] ?? fields['message'] ?? ''),
    };
    pending.push(fields['cause']);
    // An AggregateError: Node tried several addresses of one host.
    if (Array.isArray(fields['errors'])) pending.push(...fields['errors']);
    const meta = fields['meta'];
    if (typeof meta === 'object' && meta !== null) {
      pending.push((meta as Record<string, unknown>)['driverAdapterError']);
    }
  }
}

/** Whether the error means that PostgreSQL could not be reached or went away. */
export function isUnreachable(error: unknown): boolean {
  for (const { code, message } of chain(error)) {
    if (UNREACHABLE.has(code) || PRISMA_UNREACHABLE.has(code) || CONNECTION_LOST.test(message)) return true;
  }
  return false;
}

/** Whether the error means that no connection of the pool came free in time. */
export function isAcquireTimeout(error: unknown): boolean {
  for (const { code, message } of chain(error)) {
    if (code === 'P2024' || ACQUIRE_TIMEOUT.test(message)) return true;
  }
  return false;
}

/**
 * Whether a failed write is certain not to have taken effect. A reply of the server or a refusal of Prisma is certain;
 * a connection lost, or an answer not waited for, is not: the statement may still run and commit.
 */
export function isKnownNotWritten(error: unknown): boolean {
  if (isAcquireTimeout(error)) return true;
  if (isUnreachable(error)) return false;
  if (!(error instanceof Error)) return false;
  if (error.name === 'PrismaClientValidationError') return true;
  for (const { code } of chain(error)) {
    // P2xxx: the query engine's answer to a query; a five-character SQLSTATE: PostgreSQL's.
    if (/^P2\d{3}$/.test(code) && code !== 'P2010' && code !== 'P2028') return true;
    if (/^[0-9A-Z]{5}$/.test(code) && /\d/.test(code) && !code.startsWith('P')) return true;
  }
  return false;
}

/** A server that could not be reached and a pool that was exhausted as typed errors; any other error as it is. */
export function toDatabaseError(error: unknown, pool: Readonly<Record<string, number>>): unknown {
  if (isAcquireTimeout(error)) {
    return new PoolTimeoutError(
      `No connection came free in time: ${pool['totalConnections']} open, ${pool['idleConnections']} idle, ` +
        `${pool['waitingRequests']} waiting. Look for connections held too long, or raise DB_POOL_MAX.`,
      { context: pool, cause: error },
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
