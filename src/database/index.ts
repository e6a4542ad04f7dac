export { ConnectionPool } from './connection-pool.js';
export { isKnownNotWritten, toDatabaseError } from './database-errors.js';
export { type Timed, withinMs } from './deadline.js';
export { fenceMarker, runFenced } from './outbox/fenced-statements.js';
export { Outbox, type OutboxChange } from './outbox/outbox.js';
export { createPrismaClient } from './prisma-client.js';
export * from './public.js';
export type { TransactionScope } from './transactions/transaction-scope.js';
