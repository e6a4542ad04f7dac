export { ConnectionPool, type DatabaseHealth, type PoolStatistics } from './connection-pool.js';
export { DataModel } from './data-model.js';
export { isKnownNotWritten, toDatabaseError } from './database-errors.js';
export { type Timed, withinMs } from './deadline.js';
export { createPrismaClient, type PrismaClientClass, type PrismaClientLike } from './prisma-client.js';
