import type { Recommendation, RecommendationInputs } from './recommendation.js';
import type { RecommendationThresholds } from './recommendation-thresholds.js';

/** Advice that follows from what this process saw. */
export function adviceOnPool(
  inputs: RecommendationInputs,
  thresholds: RecommendationThresholds,
): readonly Recommendation[] {
  return [
    acquireTimeouts(inputs),
    acquireWaits(inputs, thresholds),
    tooLarge(inputs, thresholds),
    beyondCores(inputs, thresholds),
    heldLong(inputs, thresholds),
    slowQueries(inputs, thresholds),
    statementTimeoutOff(inputs),
  ].filter((advice) => advice !== null);
}

function acquireTimeouts({ pool, acquireTimeoutMs }: RecommendationInputs): Recommendation | null {
  const { acquireTimeouts, maxConnections } = pool;
  if (acquireTimeouts === 0) return null;
  return {
    code: 'ACQUIRE_TIMEOUTS',
    severity: 'critical',
    message:
      `${acquireTimeouts} callers got no connection within ${acquireTimeoutMs} ms (DB_CONNECTION_TIMEOUT), with ` +
      `${maxConnections} connections at most. Each of them failed. Look for connections that are held too long with ` +
      'DB_LEAK_THRESHOLD before raising DB_POOL_MAX.',
    figures: { acquireTimeouts, acquireTimeoutMs, maxConnections },
  };
}

function acquireWaits(
  { pool, cores }: RecommendationInputs,
  thresholds: RecommendationThresholds,
): Recommendation | null {
  const { totalConnections, idleConnections, maxConnections, waitingRequests } = pool;
  const acquireP95Ms = pool.acquireLatency.p95Ms;
  if (acquireP95Ms === null || acquireP95Ms < thresholds.acquireP95Ms) return null;
  const figures = { acquireP95Ms, idleConnections, totalConnections, maxConnections, waitingRequests };
  const waits = `Callers wait ${ms(acquireP95Ms)} at p95 for a connection while`;
  if (idleConnections > 0 || totalConnections < maxConnections) {
    const free =
      idleConnections > 0
        ? `${idleConnections} of ${maxConnections} are idle`
        : `${totalConnections} of ${maxConnections} are open`;
    return {
      code: 'ACQUIRE_SLOW_WHILE_IDLE',
      severity: 'info',
      message:
        `${waits} ${free}: the pool is large enough. They wait for connections to be opened, which DB_POOL_MIN avoids, ` +
        'in bursts, or for an event loop that is busy with other work.',
      figures,
    };
  }
  const useful = usefulConnections(cores, thresholds);
  const beyond = useful !== null && maxConnections >= useful;
  return {
    code: 'POOL_TOO_SMALL',
    severity: 'warning',
    message:
      `${waits} all ${totalConnections} are in use and ${waitingRequests} callers queue: ` +
      (beyond
        ? `${maxConnections} is already what ${cores} cores can make use of, so shorten what holds a connection ` +
          'rather than raise DB_POOL_MAX.'
        : 'raise DB_POOL_MAX, or shorten what holds a connection.'),
    figures: useful === null ? figures : { ...figures, usefulConnections: useful },
  };
}

function tooLarge(
  { pool, peakInUse }: RecommendationInputs,
  { minimumQueries, usedShare }: RecommendationThresholds,
): Recommendation | null {
  const { maxConnections, queryCount } = pool;
  if (peakInUse === null || queryCount < minimumQueries || maxConnections < 2) return null;
  if (peakInUse > maxConnections * usedShare) return null;
  return {
    code: 'POOL_TOO_LARGE',
    severity: 'info',
    message:
      `Never more than ${peakInUse} of ${maxConnections} connections were in use at once, over ${queryCount} ` +
      `statements: DB_POOL_MAX could be ${Math.ceil(peakInUse * 1.5) || 1}, which leaves the server's connections to others.`,
    figures: { peakInUse, maxConnections, queryCount },
  };
}

function beyondCores(
  { pool, cores }: RecommendationInputs,
  thresholds: RecommendationThresholds,
): Recommendation | null {
  const useful = usefulConnections(cores, thresholds);
  const { maxConnections } = pool;
  if (useful === null || typeof cores !== 'number' || maxConnections <= useful) return null;
  return {
    code: 'POOL_BEYOND_CORES',
    severity: 'info',
    message:
      `The pool may open ${maxConnections} connections, where a server of ${cores} cores works fastest with about ` +
      `${useful} in all. More of them take turns on the cores and wait for each other; a smaller DB_POOL_MAX ` +
      'may answer sooner.',
    figures: { maxConnections, cores, usefulConnections: useful },
  };
}

function heldLong(
  { pool }: RecommendationInputs,
  thresholds: RecommendationThresholds,
): Recommendation | null {
  const holdP95Ms = pool.holdLatency.p95Ms;
  const queryP95Ms = pool.queryLatency.p95Ms;
  if (holdP95Ms === null || queryP95Ms === null || holdP95Ms < thresholds.holdP95Ms) return null;
  if (holdP95Ms < queryP95Ms * thresholds.holdPerQuery) return null;
  return {
    code: 'CONNECTIONS_HELD_LONG',
    severity: 'warning',
    message:
      `A connection is held for ${ms(holdP95Ms)} at p95, while a statement takes ${ms(queryP95Ms)}: other work is done ` +
      'while holding it, such as calls of other services in a transaction, or very many statements in a row. Do that ' +
      'work before or after.',
    figures: { holdP95Ms, queryP95Ms },
  };
}

function slowQueries(
  { pool }: RecommendationInputs,
  { minimumQueries, slowShare }: RecommendationThresholds,
): Recommendation | null {
  const { queryCount, slowQueryCount } = pool;
  if (queryCount < minimumQueries || slowQueryCount < queryCount * slowShare) return null;
  const queryP95Ms = pool.queryLatency.p95Ms ?? 0;
  return {
    code: 'SLOW_QUERIES',
    severity: 'warning',
    message:
      `${slowQueryCount} of ${queryCount} statements (${Math.round((100 * slowQueryCount) / queryCount)} %) took at ` +
      `least SLOW_QUERY_THRESHOLD, and p95 is ${ms(queryP95Ms)}: no size of the pool helps while statements are slow. ` +
      'The slow statements are in the log and in slowQueries().',
    figures: { slowQueryCount, queryCount, queryP95Ms },
  };
}

function statementTimeoutOff({ statementTimeoutMs }: RecommendationInputs): Recommendation | null {
  if (statementTimeoutMs > 0) return null;
  return {
    code: 'STATEMENT_TIMEOUT_OFF',
    severity: 'warning',
    message:
      'The statement timeout is 0 ms, which is off (DB_STATEMENT_TIMEOUT): a statement that nobody waits for any more ' +
      'runs on and keeps its connection and its locks.',
    figures: { statementTimeoutMs },
  };
}

function usefulConnections(
  cores: number | null | undefined,
  { connectionsPerCore, disks }: RecommendationThresholds,
): number | null {
  return typeof cores === 'number' ? cores * connectionsPerCore + disks : null;
}

/** Milliseconds with as many digits as a reader needs. */
function ms(value: number): string {
  return `${value < 10 ? Number(value.toPrecision(2)) : Math.round(value)} ms`;
}
