import type { Recommendation, RecommendationInputs } from './recommendation.js';
import type { RecommendationThresholds } from './recommendation-thresholds.js';
import type { ServerFigures } from './server-figures.js';

/** Advice that follows from what the server says; none when it could not be asked. */
export function adviceOnServer(
  inputs: RecommendationInputs,
  thresholds: RecommendationThresholds,
): readonly Recommendation[] {
  const { server } = inputs;
  if (server === null) return [];
  return [
    connectionsScarce(server, thresholds),
    poolsExceed(inputs, server, thresholds),
    idleInTransaction(server, thresholds),
    lockWaits(server),
    readOnly(server),
  ].filter((advice) => advice !== null);
}

function connectionsScarce(
  server: ServerFigures,
  { serverShare }: RecommendationThresholds,
): Recommendation | null {
  const available = server.maxConnections - server.reservedConnections;
  const { total } = server.all;
  if (total < available * serverShare) return null;
  return {
    code: 'SERVER_CONNECTIONS_SCARCE',
    severity: total >= available ? 'critical' : 'warning',
    message:
      `${total} of the ${available} connections that the server gives to applications are taken, ${server.ours.total} ` +
      'of them by this one: the next process may be refused. Make the pools smaller, or put a pooler such as PgBouncer ' +
      'before the server.',
    figures: {
      connections: total,
      ours: server.ours.total,
      available,
      maxConnections: server.maxConnections,
    },
  };
}

/** What the pools take when all of them are full, seen before they are. */
function poolsExceed(
  { pool, processes }: RecommendationInputs,
  server: ServerFigures,
  { serverShare }: RecommendationThresholds,
): Recommendation | null {
  const available = server.maxConnections - server.reservedConnections;
  const others = server.all.total - server.ours.total;
  const { maxConnections, totalConnections } = pool;
  // Without the number of processes, what is known is that this pool may still grow.
  const ours =
    typeof processes === 'number'
      ? processes * maxConnections
      : Math.max(server.ours.total, totalConnections) + maxConnections - totalConnections;
  const needed = ours + others;
  if (needed <= available * serverShare) return null;
  const pools =
    typeof processes === 'number' ? `${processes} pools of ${maxConnections}` : 'The pools, once full,';
  return {
    code: 'POOLS_EXCEED_SERVER',
    severity: needed > available ? 'critical' : 'warning',
    message:
      `${pools} may take ${ours} connections beside the ${others} of others, and the server gives ${available} to ` +
      `applications: that is ${Math.round((100 * needed) / available)} %. Lower DB_POOL_MAX so that all fit at once, also ` +
      'while a deployment runs two versions.',
    figures: { ours, others, available, maxConnections },
  };
}

function idleInTransaction(
  { ours }: ServerFigures,
  { idleInTransactionMs }: RecommendationThresholds,
): Recommendation | null {
  const longestMs = ours.longestIdleInTransactionMs;
  if (longestMs === null || longestMs < idleInTransactionMs) return null;
  return {
    code: 'IDLE_IN_TRANSACTION',
    severity: 'warning',
    message:
      `${ours.idleInTransaction} of ${ours.total} connections are in a transaction and wait for the application, one for ` +
      `${Math.round(longestMs)} ms: it keeps its locks, and VACUUM cannot remove what it might still see. Do nothing slow ` +
      'between the statements of a transaction.',
    figures: { idleInTransaction: ours.idleInTransaction, longestMs, connections: ours.total },
  };
}

function lockWaits({ ours }: ServerFigures): Recommendation | null {
  const longestMs = ours.longestWaitingForLockMs;
  if (longestMs === null) return null;
  return {
    code: 'LOCK_WAITS',
    severity: 'warning',
    message:
      `${ours.waitingForLock} of ${ours.active} active statements wait for a lock, one for ${Math.round(longestMs)} ms. ` +
      'pg_blocking_pids(pid) names who holds it. Make transactions shorter, and let them lock rows in one order.',
    figures: { waitingForLock: ours.waitingForLock, active: ours.active, longestMs },
  };
}

function readOnly(server: ServerFigures): Recommendation | null {
  if (!server.inRecovery) return null;
  return {
    code: 'SERVER_READ_ONLY',
    severity: 'critical',
    message:
      `The server (PostgreSQL ${server.version}) is a standby and refuses writes from all ${server.ours.total} connections: ` +
      'let DATABASE_URL name the primary.',
    figures: { connections: server.ours.total },
  };
}
