export type { ConnectionPoolOptions, RecommendationFacts } from './connection-pool.js';
export type { InvalidatedTable } from './outbox/invalidated-table.js';
export {
  type InvalidationTriggerOptions,
  installInvalidationTriggers,
  uninstallInvalidationTriggers,
} from './outbox/trigger-sql.js';
export * from './patterns/index.js';
export type { ConnectOptions } from './pool/connect-with-retry.js';
export type { DatabaseHealth, ReplicationState } from './pool/database-health.js';
export type { PoolStatistics } from './pool/pool-statistics.js';
export type { Recommendation, RecommendationCode, RecommendationSeverity } from './pool/recommendation.js';
export type { PrismaClientClass, PrismaClientLike, PrismaTransaction } from './prisma-client.js';
export type {
  LoggedStatement,
  ObservedStatement,
  RedactParameter,
  ShownError,
  SlowQuery,
  StatementListener,
  StatementObserverOptions,
  StatementSummary,
} from './query-log/index.js';
export * from './schema/index.js';
export type { QueryOptions, SqlExecutor } from './sql-executor.js';
export type { LatencySnapshot } from './statistics/latency-histogram.js';
export type { IsolationLevel, Transaction, TransactionOptions } from './transactions/transaction.js';
export type { TransactionStatistics } from './transactions/transaction-statistics.js';
export { withRetry } from './transactions/with-retry.js';
