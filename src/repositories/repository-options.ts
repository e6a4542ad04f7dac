import type { IdType } from '../cache/index.js';

/** What a repository says of its model, once. */
export interface RepositoryOptions {
  /** The model's name in the Prisma schema. */
  readonly model: string;
  /** How its ids are written. */
  readonly idType: IdType;
  /** The field of its primary key. @default 'id' */
  readonly idField?: string;
  /** How long an entity may be cached. Correctness does not hang on it. @default CACHE_DEFAULT_TTL */
  readonly ttlSeconds?: number;
}
