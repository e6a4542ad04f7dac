import type { CacheManager } from '../cache/index.js';
import type { Logger } from '../config/index.js';
import type { ConnectionPool, SchemaMetadata } from '../database/index.js';

/** What a repository stands on. The factory makes one and injects it. */
export interface RepositoryContext {
  readonly pool: ConnectionPool;
  /** The application's Prisma client, on that pool. */
  readonly prisma: object;
  readonly metadata: SchemaMetadata;
  readonly cache: CacheManager;
  readonly logger: Logger;
  readonly defaultTtlSeconds: number;
  /** How long rows, lists and aggregates live whose repository says nothing else. @default `defaultTtlSeconds` for all */
  readonly ttlSeconds?: Lifetimes;
}

/** How long each kind of what repositories cache lives. */
export interface Lifetimes {
  readonly entities: number;
  readonly queries: number;
  readonly aggregations: number;
}

/** The token under which the context is injected. Global, since the ESM and the CommonJS build may meet in a process. */
export const REPOSITORY_CONTEXT = Symbol.for('holdfast:RepositoryContext');
