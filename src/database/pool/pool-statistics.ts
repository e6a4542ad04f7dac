import type { LatencySnapshot } from '../statistics/latency-histogram.js';
import type { TransactionStatistics } from '../transactions/transaction-statistics.js';

/** The pool at one moment, and what has passed through it since it was made. */
export interface PoolStatistics {
  readonly totalConnections: number;
  readonly idleConnections: number;
  /** Callers that wait for a connection. */
  readonly waitingRequests: number;
  /** Connections that may be open at once; moves where the size is dynamic. */
  readonly maxConnections: number;
  /** Statements that have ended, Prisma's included. */
  readonly queryCount: number;
  readonly errorCount: number;
  /** Statements that took at least `SLOW_QUERY_THRESHOLD`. */
  readonly slowQueryCount: number;
  /** Callers who waited for a connection in vain. */
  readonly acquireTimeouts: number;
  /** Connections that were held longer than the leak threshold. */
  readonly leaksReported: number;
  /** From asking for a connection to having it. */
  readonly acquireLatency: LatencySnapshot;
  /** From sending a statement to its end. */
  readonly queryLatency: LatencySnapshot;
  /** From having a connection to giving it back. */
  readonly holdLatency: LatencySnapshot;
  readonly transactions: TransactionStatistics;
}
