import type { PoolStatistics } from './pool-statistics.js';
import type { RecommendationThresholds } from './recommendation-thresholds.js';
import type { ServerFigures } from './server-figures.js';

/** What an advice is about; stable over versions. */
export type RecommendationCode =
  | 'POOL_TOO_SMALL'
  | 'POOL_TOO_LARGE'
  | 'POOL_BEYOND_CORES'
  | 'ACQUIRE_SLOW_WHILE_IDLE'
  | 'ACQUIRE_TIMEOUTS'
  | 'CONNECTIONS_HELD_LONG'
  | 'SLOW_QUERIES'
  | 'STATEMENT_TIMEOUT_OFF'
  | 'SERVER_CONNECTIONS_SCARCE'
  | 'POOLS_EXCEED_SERVER'
  | 'IDLE_IN_TRANSACTION'
  | 'LOCK_WAITS'
  | 'SERVER_READ_ONLY';

/** How urgent advice is: worth knowing, worth a change, or callers fail or soon will. */
export type RecommendationSeverity = 'info' | 'warning' | 'critical';

/** One piece of advice, with the figures that it rests on. */
export interface Recommendation {
  readonly code: RecommendationCode;
  readonly severity: RecommendationSeverity;
  /** What was seen and what to do, in words; may be reworded at any time. */
  readonly message: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** What is known when advice is asked for. */
export interface RecommendationInputs {
  readonly pool: Pick<
    PoolStatistics,
    | 'totalConnections'
    | 'idleConnections'
    | 'waitingRequests'
    | 'maxConnections'
    | 'queryCount'
    | 'slowQueryCount'
    | 'acquireTimeouts'
    | 'acquireLatency'
    | 'queryLatency'
    | 'holdLatency'
  >;
  /** Most connections in use at once since the start; null when it was not counted. */
  readonly peakInUse: number | null;
  readonly acquireTimeoutMs: number;
  /** 0 when it is off. */
  readonly statementTimeoutMs: number;
  /** Null when the server could not be asked. */
  readonly server: ServerFigures | null;
  /** Cores of the server, which no SQL tells; null when unknown. @default null */
  readonly cores?: number | null;
  /** Processes that have a pool like this one; null when unknown. @default null */
  readonly processes?: number | null;
  readonly thresholds?: Partial<RecommendationThresholds>;
}
