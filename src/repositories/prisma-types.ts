import type { Types } from '@prisma/client/runtime/client';

/** The type of a model's delegate in a generated Prisma client, such as `PrismaClient['user']`. */
export type ModelDelegate = {
  readonly [key: symbol]: { types: { payload: unknown; operations: unknown } };
};

/** One row of the delegate's model, with all its scalar fields, as Prisma returns it. */
export type EntityOf<Delegate> = Readonly<Types.Public.Result<Delegate, unknown, 'findUniqueOrThrow'>>;

/** The argument of an operation of the delegate, exactly as Prisma declares it. */
export type ArgsOf<
  Delegate,
  Operation extends 'findMany' | 'count' | 'create' | 'update' | 'updateMany' | 'deleteMany',
> = Types.Public.Args<Delegate, Operation>;

/** What Prisma returns for these arguments: `select` and `include` narrow it. */
export type ResultOf<Delegate, Args, Operation extends 'findMany' | 'count'> = Types.Public.Result<
  Delegate,
  Args,
  Operation
>;

/** What `create` takes as its data. */
export type CreateData<Delegate> = ArgsOf<Delegate, 'create'>['data'];

/** What `update` takes as its data. */
export type UpdateData<Delegate> = ArgsOf<Delegate, 'update'>['data'];

/**
 * The methods of a delegate that are called here. Their generic signatures cannot be spoken of for a model that is not
 * known, so they are called through this, and the public methods of a repository give the types back.
 */
export interface UntypedDelegate {
  findUnique(args: object): Promise<object | null>;
  findFirst(args: object): Promise<object | null>;
  findMany(args: object): Promise<object[]>;
  count(args: object): Promise<unknown>;
  create(args: object): Promise<object>;
  update(args: object): Promise<object>;
  delete(args: object): Promise<object>;
  updateMany(args: object): Promise<{ count: number }>;
  deleteMany(args: object): Promise<{ count: number }>;
}
