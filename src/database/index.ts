export { ConnectionPool } from './connection-pool.js';
export { DataModel } from './data-model.js';
export { isKnownNotWritten, toDatabaseError } from './database-errors.js';
export { type Timed, withinMs } from './deadline.js';
export { createPrismaClient } from './prisma-client.js';
export * from './public.js';
export type { TransactionScope } from './transactions/transaction-scope.js';
