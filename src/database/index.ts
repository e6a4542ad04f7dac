export { ConnectionPool } from './connection-pool.js';
export { DataModel } from './data-model.js';
export { isKnownNotWritten, toDatabaseError } from './database-errors.js';
export { type Timed, withinMs } from './deadline.js';
export type { ConnectOptions } from './pool/connect-with-retry.js';
export type { DatabaseHealth, ReplicationState } from './pool/database-health.js';
export type { PoolStatistics } from './pool/pool-statistics.js';
export {
  createPrismaClient,
  type PrismaClientClass,
  type PrismaClientLike,
  type PrismaTransaction,
} from './prisma-client.js';
export type { QueryOptions, SqlExecutor } from './sql-executor.js';
export type { LatencySnapshot } from './statistics/latency-histogram.js';
export type { IsolationLevel, Transaction, TransactionOptions } from './transactions/transaction.js';
export type { TransactionOutcome, TransactionScope } from './transactions/transaction-scope.js';
export type { TransactionStatistics } from './transactions/transaction-statistics.js';
