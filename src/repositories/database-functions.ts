import type { ConnectOptions, DatabaseHealth, PrismaClientLike } from '../database/index.js';
import { withRetry } from '../database/index.js';
import type { MaintainedPool } from '../maintenance/index.js';
import { lazy } from './lazy.js';
import type { RepositoryFactory } from './repository-factory.js';

/** Whether the database answers. What is missing is null. */
export interface HealthReport<Details> {
  readonly healthy: boolean;
  /** Milliseconds. */
  readonly latency: number;
  readonly error: string | null;
  readonly details: Details | null;
}

/** The database of a factory as plain functions, for a small service. */
export interface DatabaseFunctions<Client extends PrismaClientLike> {
  /** Connects everything; see `RepositoryFactory.initialize` for what it throws. */
  connectDatabase(options?: ConnectOptions): Promise<void>;
  /** Waits for what is under way, and closes everything. */
  disconnectDatabase(): Promise<void>;
  /** Whether it was connected, and was still there when it was last used. Asks nothing. */
  isConnectedToDatabase(): boolean;
  /** Asks the database; never rejects, and answers within two seconds. */
  checkDatabaseHealth(): Promise<HealthReport<DatabaseHealth>>;
  /** Runs an operation again when it collided with another, or lost its connection. */
  withRetry: typeof withRetry;
  /** The application's Prisma client, made when it is first used. */
  readonly prisma: Client;
  /** The same client, made now. */
  getPrismaClient(): Client;
  /** The connection pool, made when it is first used. */
  readonly databasePool: MaintainedPool;
}

/** The database of a factory as plain functions. Makes and connects nothing before one is called. */
export function databaseFunctions<Client extends PrismaClientLike>(
  factory: RepositoryFactory<Client>,
): DatabaseFunctions<Client> {
  return Object.freeze({
    connectDatabase: (options?: ConnectOptions) => factory.initialize(options),
    disconnectDatabase: () => factory.shutdown(),
    isConnectedToDatabase: () => factory.isInitialized && factory.pool.isConnected,
    checkDatabaseHealth: async () => {
      const answer = await factory.checkDatabase();
      const { healthy, latencyMs, error } = answer;
      return { healthy, latency: latencyMs, error, details: 'pool' in answer ? answer : null };
    },
    withRetry,
    prisma: lazy(() => factory.prisma),
    getPrismaClient: () => factory.prisma,
    databasePool: lazy(() => factory.pool),
  });
}
