import type { Types } from '@prisma/client/runtime/client';
import type { CursorRequest } from './pages/cursor-page.js';
import type { OffsetRequest } from './pages/offset-request.js';

/** The type of a model's delegate in a generated Prisma client, such as `PrismaClient['user']`. */
export type ModelDelegate = {
  readonly [key: symbol]: { types: { payload: unknown; operations: unknown } };
};

/** The operations of a delegate whose types are used here. */
export type DelegateOperation =
  | 'findUnique'
  | 'findUniqueOrThrow'
  | 'findFirst'
  | 'findMany'
  | 'count'
  | 'aggregate'
  | 'groupBy'
  | 'create'
  | 'createMany'
  | 'update'
  | 'updateMany'
  | 'upsert'
  | 'delete'
  | 'deleteMany';

/** What a repository returns is frozen, so it is typed as what can only be read. To change a copy: `{ ...user, name }`. */
export type Frozen<T> = T extends readonly (infer Item)[] ? readonly Readonly<Item>[] : Readonly<T>;

/** The argument of an operation of the delegate, exactly as Prisma declares it. */
export type ArgsOf<Delegate, Operation extends DelegateOperation> = Types.Public.Args<Delegate, Operation>;

/** What Prisma returns for these arguments: `select` and `include` narrow it. */
export type ResultOf<Delegate, Args, Operation extends DelegateOperation> = Frozen<
  Types.Public.Result<Delegate, Args, Operation>
>;

/** Arguments that hold nothing which Prisma does not declare. */
export type Exactly<Args, Declared> = Types.Public.Exact<Args, Declared>;

/** One row of the delegate's model, with all its scalar fields, as Prisma returns it. */
export type EntityOf<Delegate> = Readonly<Types.Public.Result<Delegate, unknown, 'findUniqueOrThrow'>>;

/** The type of an id where the primary key is called `id`; of another, it is stated. */
export type DefaultId<Delegate> = EntityOf<Delegate> extends { readonly id: infer Id } ? Id : EntityIdValue;

/** A value of a primary key: of one field, or of several by their names. */
export type EntityIdValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | { readonly [field: string]: unknown };

/** Which fields and relations of an entity are wanted: `select`, `include`, `omit`. */
export type SelectionOf<Delegate> = Omit<
  ArgsOf<Delegate, 'findFirst'>,
  'where' | 'orderBy' | 'cursor' | 'take' | 'skip' | 'distinct'
>;

/** What `create` takes as its data. */
export type CreateData<Delegate> = ArgsOf<Delegate, 'create'>['data'];

/** What `update` takes as its data. */
export type UpdateData<Delegate> = ArgsOf<Delegate, 'update'>['data'];

/** A filter of the delegate's model. */
export type WhereOf<Delegate> = ArgsOf<Delegate, 'findMany'>['where'];

/** What `findPage` takes: what `findMany` does, but for the place. */
export type PageArgs<Delegate> = Omit<ArgsOf<Delegate, 'findMany'>, 'skip' | 'take' | 'cursor' | 'distinct'> &
  OffsetRequest;

/** What `findCursorPage` takes: what `findMany` does, but for the place. */
export type CursorArgs<Delegate> = Omit<
  ArgsOf<Delegate, 'findMany'>,
  'skip' | 'take' | 'cursor' | 'distinct'
> &
  CursorRequest;

/** What `search` takes beside the term. */
export type SearchArgs<Delegate> = Omit<ArgsOf<Delegate, 'findMany'>, 'skip' | 'take' | 'cursor'> & {
  /** Where to look. @default searchFields of the repository */
  readonly fields?: readonly (keyof EntityOf<Delegate> & string)[];
  /** How many at most. @default 20 */
  readonly limit?: number;
};

/**
 * The methods of a delegate that are called here. Their generic signatures cannot be spoken of for a model that is not
 * known, so they are called through this, and the public methods of a repository give the types back.
 */
export interface UntypedDelegate {
  findUnique(args: object): Promise<object | null>;
  findFirst(args: object): Promise<object | null>;
  findMany(args: object): Promise<object[]>;
  count(args: object): Promise<unknown>;
  aggregate(args: object): Promise<object>;
  groupBy(args: object): Promise<object[]>;
  create(args: object): Promise<object>;
  createMany(args: object): Promise<{ count: number }>;
  update(args: object): Promise<object>;
  /** Null where the row of this key does not pass the rest of `where`. */
  upsert(args: object): Promise<object | null>;
  delete(args: object): Promise<object>;
  updateMany(args: object): Promise<{ count: number }>;
  deleteMany(args: object): Promise<{ count: number }>;
}
