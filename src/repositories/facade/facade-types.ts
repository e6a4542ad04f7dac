import type { CacheStrategy } from '../../config/index.js';
import type { ArgsOf, Exactly, ModelDelegate, ResultOf } from '../prisma-types.js';

/** The names under which a Prisma client has the delegates of its models. */
export type ModelKeys<Client> = {
  [Key in keyof Client & string]: Client[Key] extends ModelDelegate ? Key : never;
}[keyof Client & string];

/** The delegates of a client, and nothing else of it. */
export type ModelsOf<Client> = { readonly [Key in ModelKeys<Client>]: Client[Key] };

/** What a cached read takes beside Prisma's arguments. */
export interface CacheArgs {
  /** Seconds. @default that of the model's repository */
  readonly ttl?: number;
  /** Names under which the result can be invalidated, beside what it depends on anyway. */
  readonly tags?: readonly string[];
}

/** Prisma's arguments of a read, and what a cached one takes besides. */
export type CachedArgs<Delegate, Operation extends ReadOperation> = ArgsOf<Delegate, Operation> & CacheArgs;
/** The reads that the facade answers from the cache. */
export type ReadOperation = 'findUnique' | 'findFirst' | 'findMany' | 'count' | 'aggregate' | 'groupBy';

/**
 * The reads of a delegate, answered from the cache while nothing was written that they depend on: what
 * `ReadOnlyRepository` answers, and as coherent. Scope and soft deletion of the model's repository hold here too.
 */
export interface CachedModel<Delegate> {
  /** What Prisma's `findUnique` gives. */
  findUnique<Args extends CachedArgs<Delegate, 'findUnique'>>(
    args: Exactly<Args, CachedArgs<Delegate, 'findUnique'>>,
  ): Promise<ResultOf<Delegate, Args, 'findUnique'>>;
  /** What Prisma's `findFirst` gives. */
  findFirst<Args extends CachedArgs<Delegate, 'findFirst'>>(
    args?: Exactly<Args, CachedArgs<Delegate, 'findFirst'>>,
  ): Promise<ResultOf<Delegate, Args, 'findFirst'>>;
  /** What Prisma's `findMany` gives. */
  findMany<Args extends CachedArgs<Delegate, 'findMany'>>(
    args?: Exactly<Args, CachedArgs<Delegate, 'findMany'>>,
  ): Promise<ResultOf<Delegate, Args, 'findMany'>>;
  /** What Prisma's `count` gives. */
  count<Args extends CachedArgs<Delegate, 'count'>>(
    args?: Exactly<Args, CachedArgs<Delegate, 'count'>>,
  ): Promise<ResultOf<Delegate, Args, 'count'>>;
  /** What Prisma's `aggregate` gives. */
  aggregate<Args extends CachedArgs<Delegate, 'aggregate'>>(
    args: Exactly<Args, CachedArgs<Delegate, 'aggregate'>>,
  ): Promise<ResultOf<Delegate, Args, 'aggregate'>>;
  /** What Prisma's `groupBy` gives. */
  groupBy<Args extends CachedArgs<Delegate, 'groupBy'>>(
    args: Exactly<Args, CachedArgs<Delegate, 'groupBy'>>,
  ): Promise<ResultOf<Delegate, Args, 'groupBy'>>;
}

/** The cached reads of every model of a client. */
export type CachedModels<Client> = { readonly [Key in ModelKeys<Client>]: CachedModel<Client[Key]> };

/** How the result of a query of one's own is kept. */
export interface CachedQueryOptions {
  /** Its name. Who uses one name for two queries gets the result of one for the other. Without it, nothing is kept. */
  readonly cacheKey?: string;
  /** How long, by a name of `DEFAULT_TTL`. @default the configuration's CACHE_DEFAULT_TTL */
  readonly cacheStrategy?: CacheStrategy;
  /** How long, in seconds, in place of a strategy. */
  readonly ttlSeconds?: number;
  /** Names under which it can be invalidated. */
  readonly tags?: readonly string[];
  /** The models that it reads, as the schema calls them: with them, every write to one of them invalidates it. */
  readonly models?: readonly string[];
}

/** What is to be invalidated. */
export interface Invalidation {
  /** Results of `query`, by their `cacheKey`. */
  readonly keys?: readonly string[];
  readonly tags?: readonly string[];
  /** Everything that is cached of these models, as the schema calls them. */
  readonly models?: readonly string[];
}
