import type { IdType } from '../cache/index.js';

/** What a repository says of its model, once. All but the model have defaults that are right for most. */
export interface RepositoryOptions {
  /** The model's name in the Prisma schema. */
  readonly model: string;
  /** How its ids are written: only where no generator was run, so that the schema's metadata does not tell. */
  readonly idType?: IdType;
  /**
   * How long an entity, and the result of a query, may be cached. Correctness does not hang on it.
   *
   * @default CACHE_STRATEGY_ENTITIES, CACHE_STRATEGY_QUERIES, for counts and aggregates CACHE_STRATEGY_AGGREGATIONS
   */
  readonly ttlSeconds?: number | { readonly entity?: number; readonly query?: number };
  /**
   * The unique fields, and names of compound keys, by which entities found are cached.
   *
   * @default every unique key whose values have one spelling
   */
  readonly lookups?: readonly string[];
  /**
   * Tags that an entity bears, from its own fields: `user:{ownerId}`. A query whose `where` asks for one value of such a
   * field, `{ ownerId }`, is then invalidated by writes to rows of this tag alone, not by every write to the model; and
   * `cache.invalidateTags(['user:42'])` invalidates all under it. A field that triggers of the database change cannot be
   * part of one.
   */
  readonly tags?: readonly string[];
  /** What is always read from the database: all, the entities, or the results of queries. @default nothing */
  readonly uncached?: boolean | 'entities' | 'queries';
  /**
   * An optional DateTime field: `delete` sets it, and what has it set is found only by `includeDeleted`.
   */
  readonly softDelete?: string;
  /**
   * An Int field that every update through the repository increments. An update that states `expectedVersion` fails with
   * `CONFLICT` when the row has another.
   */
  readonly version?: string;
  /**
   * A field, such as `tenantId`, whose value every call must be confined to: see `forScope`. It enters every `where`, the
   * data of every create, and the key of every cached query; a cached entity of another scope is not found.
   */
  readonly scope?: string;
  /** The order of lists, as Prisma's `orderBy`, where a call names none. */
  readonly defaultOrder?: object;
  /** The most rows that a page or a search gives. @default 1000 */
  readonly maxPageSize?: number;
  /** The text fields that `search` looks into where it is given none. */
  readonly searchFields?: readonly string[];
}

/** How an entity is to be read. */
export interface EntityReadOptions {
  /** False reads from the database. @default true */
  readonly cache?: boolean;
  /** Whether what was softly deleted is found too. @default false */
  readonly includeDeleted?: boolean;
}

/** How a query is to be read. */
export interface ReadOptions extends EntityReadOptions {
  /** How long the result may be cached. @default the repository's */
  readonly ttlSeconds?: number;
  /** Tags under which the result of a query can be invalidated, beside those that follow from it. */
  readonly tags?: readonly string[];
}
