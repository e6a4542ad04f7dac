import { performance } from 'node:perf_hooks';
import { canonicalId, canonicalOf, type EntityId, idFrom, type ModelCache } from '../cache/index.js';
import {
  canonicalArguments,
  keyTypeOf,
  modelOf,
  namedRows,
  readDependencies,
  snapshotArguments,
  toDatabaseError,
  type WriteOperation,
  writeEffects,
} from '../database/index.js';
import { EntityNotFoundError, InvalidArgumentError, TransactionClosedError, WiringError } from '../errors.js';
import type {
  ArgsOf,
  CreateData,
  EntityOf,
  ModelDelegate,
  ResultOf,
  UntypedDelegate,
  UpdateData,
} from './prisma-types.js';
import type { RepositoryContext } from './repository-context.js';
import type { RepositoryOptions } from './repository-options.js';
import { RowLoader } from './row-loader.js';

/** Whether a repository's table can be read, and how fast. */
export interface RepositoryHealth {
  readonly healthy: boolean;
  readonly latencyMs: number;
  /** Why it is not healthy; null when it is. */
  readonly error: string | null;
}

/** A write, as far as it says what it changes: all that it writes to the model itself and, nested, to others. */
export interface RepositoryWrite {
  readonly operation: WriteOperation;
  /** What Prisma's method of that name would be given. `run` must send just this, and nobody change it meanwhile. */
  readonly args: object;
  /** The canonical ids of the rows that `args` name; none where they name none. */
  readonly ids: readonly string[];
}

/**
 * The object through which an application reads and writes the entities of one model. Reads come from the cache where
 * they can; a read that starts after a write was acknowledged sees it. Extend it with one class for each model.
 *
 * Every method may throw `DatabaseUnavailableError` and `PoolTimeoutError`, and Prisma's own errors as they are; none
 * fails because of the cache.
 *
 * @typeParam Delegate the model's delegate in the generated client, such as `PrismaClient['user']`
 */
export abstract class BaseRepository<Delegate extends ModelDelegate> {
  protected readonly context: RepositoryContext;
  readonly #options: Required<Omit<RepositoryOptions, 'ttlSeconds'>>;
  readonly #delegate: UntypedDelegate;
  readonly #cache: ModelCache | null;
  readonly #rows: RowLoader;

  /** @throws WiringError when the schema or the client has no such model */
  constructor(context: RepositoryContext, options: RepositoryOptions) {
    this.context = context;
    this.#options = Object.freeze({ idField: 'id', ...options });
    const { model, ttlSeconds = context.defaultTtlSeconds } = options;
    // A view's rows come from tables that are not known, so nothing says when they change.
    const cached = !modelOf(context.metadata, model).readOnly;
    this.#delegate = delegateOf(context.prisma, model);
    this.#cache = cached ? context.cache.model(model, ttlSeconds) : null;
    const { idField, idType } = this.#options;
    this.#rows = new RowLoader({
      idField,
      idFrom: (canonical) => idFrom(canonical, idType),
      canonical: (id) => canonicalId(id, idType, model),
      findMany: (args) => this.onDatabase((delegate) => delegate.findMany(args)),
    });
  }

  get model(): string {
    return this.#options.model;
  }

  /**
   * The entity with this id, or null. It is frozen, since others may hold the same object.
   *
   * @throws InvalidArgumentError when the id cannot be one of this model
   */
  async findById(id: EntityId): Promise<EntityOf<Delegate> | null> {
    return (await this.#row(this.canonicalId(id))) as EntityOf<Delegate> | null;
  }

  /**
   * The entity with this id.
   *
   * @throws EntityNotFoundError when there is none
   * @throws InvalidArgumentError when the id cannot be one of this model
   */
  async findByIdOrThrow(id: EntityId): Promise<EntityOf<Delegate>> {
    const entity = await this.findById(id);
    if (entity === null) throw this.#notFound(id);
    return entity;
  }

  /**
   * The entities that Prisma's `findMany` gives for these arguments. They are frozen. From the cache while nothing was
   * written to any model that the arguments speak of.
   */
  async findMany<Args extends ArgsOf<Delegate, 'findMany'>>(
    args?: Args,
  ): Promise<ResultOf<Delegate, Args, 'findMany'>> {
    const found = await this.#query('findMany', args ?? {}, (delegate, given) => delegate.findMany(given));
    return found as ResultOf<Delegate, Args, 'findMany'>;
  }

  /** What Prisma's `count` gives for these arguments. From the cache as `findMany` is. */
  async count<Args extends ArgsOf<Delegate, 'count'>>(
    args?: Args,
  ): Promise<ResultOf<Delegate, Args, 'count'>> {
    const counted = await this.#query('count', args ?? {}, (delegate, given) => delegate.count(given));
    return counted as ResultOf<Delegate, Args, 'count'>;
  }

  /** Stores a new entity and returns it. */
  async create(data: CreateData<Delegate>): Promise<EntityOf<Delegate>> {
    const args = snapshotArguments({ data });
    const created = await this.#write({ operation: 'create', args, ids: [] }, (delegate) =>
      delegate.create(args),
    );
    return created as EntityOf<Delegate>;
  }

  /**
   * Changes an entity and returns it as it is then.
   *
   * @throws EntityNotFoundError when there is none with this id
   * @throws InvalidArgumentError when the data is empty or would change the id
   */
  async update(id: EntityId, data: UpdateData<Delegate>): Promise<EntityOf<Delegate>> {
    const changes = Object.entries(data as object).filter(([, value]) => value !== undefined);
    if (changes.length === 0) {
      throw new InvalidArgumentError(`update of a ${this.model} needs at least one field to change.`);
    }
    if (changes.some(([field]) => field === this.#options.idField)) {
      throw new InvalidArgumentError(
        `update cannot change the id of a ${this.model}: create another and delete this.`,
      );
    }
    return this.#change('update', id, { data }, (delegate, args) => delegate.update(args));
  }

  /**
   * Deletes an entity and returns it as it was.
   *
   * @throws EntityNotFoundError when there is none with this id
   */
  async delete(id: EntityId): Promise<EntityOf<Delegate>> {
    return this.#change('delete', id, {}, (delegate, args) => delegate.delete(args));
  }

  /** Changes all entities that `where` describes, and returns how many. Invalidates every cached entity of the model. */
  async updateMany(args: ArgsOf<Delegate, 'updateMany'>): Promise<{ count: number }> {
    const given = snapshotArguments(args as object);
    return this.#write({ operation: 'updateMany', args: given, ids: [] }, (delegate) =>
      delegate.updateMany(given),
    );
  }

  /** Deletes all entities that `where` describes, and returns how many. Invalidates every cached entity of the model. */
  async deleteMany(args: ArgsOf<Delegate, 'deleteMany'>): Promise<{ count: number }> {
    const given = snapshotArguments(args as object);
    return this.#write({ operation: 'deleteMany', args: given, ids: [] }, (delegate) =>
      delegate.deleteMany(given),
    );
  }

  /** Reads one row of the table; never rejects. */
  async healthCheck(): Promise<RepositoryHealth> {
    const startedAt = performance.now();
    let error: string | null = null;
    try {
      const select = { [this.#options.idField]: true };
      await this.onDatabase((delegate) => delegate.findFirst({ select }));
    } catch (caught) {
      error = caught instanceof Error ? caught.message : String(caught);
    }
    return { healthy: error === null, latencyMs: performance.now() - startedAt, error };
  }

  /**
   * The entity that has this value in a unique field, or null: for the methods that a subclass adds. It is frozen.
   *
   * @throws WiringError when the field is not unique by itself
   */
  protected async findByUnique(field: string, value: EntityId): Promise<EntityOf<Delegate> | null> {
    const { uniques, fields } = modelOf(this.context.metadata, this.model);
    const column = fields[field];
    if (column?.kind !== 'scalar' || !uniques.some((unique) => unique.length === 1 && unique[0] === field)) {
      throw new WiringError(`${this.model}.${field} is not unique by itself, so it cannot be looked up by.`);
    }
    const load = (): Promise<object | null> =>
      this.onDatabase((delegate) => delegate.findUnique({ where: { [field]: value } }));
    // A type of which one value has several spellings names no entry.
    const type = keyTypeOf(column);
    const canonical = type === null ? null : canonicalOf(value, type);
    const cache = this.#usableCache();
    if (cache === null || type === null || canonical === null)
      return (await load()) as EntityOf<Delegate> | null;
    const found = await cache.rowByUnique<object>(field, canonical, {
      idOf: (row) => this.canonicalId(Reflect.get(row, this.#options.idField)),
      valueIn: (row) => canonicalOf(Reflect.get(row, field), type),
      load,
      byId: (id) => this.#row(id),
    });
    return found as EntityOf<Delegate> | null;
  }

  /**
   * Runs a write of this model with fences before what it changes: for the methods that a subclass adds. It is given the
   * Prisma client to use, which is that of the transaction that the caller is in.
   *
   * @param write what `run` does, so that it is known what it changes
   */
  protected async write<Client extends object, T>(
    write: RepositoryWrite,
    run: (prisma: Client) => Promise<T>,
  ): Promise<T> {
    const { pool, metadata } = this.context;
    const guarded = async (): Promise<T> => {
      try {
        return await run((await this.#prisma()) as Client);
      } catch (error) {
        throw toDatabaseError(error);
      }
    };
    if (this.#cache === null) return guarded();
    const effects = writeEffects(metadata, this.model, write.operation, write.args);
    const named = namedRows(metadata, this.model, write.args);
    return this.#cache.write({ effects, ids: write.ids, named }, guarded, pool.currentTransaction);
  }

  /** Runs a query of this model, in the transaction that the caller is in, and gives its failures holdfast's types. */
  protected async onDatabase<T>(query: (delegate: UntypedDelegate) => Promise<T>): Promise<T> {
    try {
      return answered(await query(await this.#currentDelegate()));
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  /** The form of an id that `write` takes. */
  protected canonicalId(id: EntityId): string {
    return canonicalId(id, this.#options.idType, this.model);
  }

  /** What a transaction sees is its own, perhaps not committed: it neither comes from the cache nor goes there. */
  #usableCache(): ModelCache | null {
    return this.context.pool.currentTransaction === null ? this.#cache : null;
  }

  #row(canonical: string): Promise<object | null> {
    const load = (): Promise<object | null> => this.#rows.load(canonical);
    return this.#usableCache()?.row(canonical, load) ?? this.#rowNow(canonical);
  }

  #query(
    operation: 'findMany' | 'count',
    given: object,
    run: (delegate: UntypedDelegate, args: object) => Promise<unknown>,
  ): Promise<unknown> {
    // Prisma reads its arguments only when the cache has been asked. Were the caller to change them meanwhile, the result of
    // one query would be kept under the name of another.
    const args = snapshotArguments(given);
    const load = (): Promise<unknown> => this.onDatabase((delegate) => run(delegate, args));
    const cache = this.#usableCache();
    // Arguments that have no text of their own, such as an instance of a class, name no entry.
    const text = cache === null ? null : canonicalArguments(args);
    if (cache === null || text === null) return load();
    const models = readDependencies(this.context.metadata, this.model, args);
    if (models.some((model) => modelOf(this.context.metadata, model).readOnly)) return load();
    return cache.query(models, operation, text, load);
  }

  async #change(
    operation: 'update' | 'delete',
    id: EntityId,
    more: object,
    run: (delegate: UntypedDelegate, args: object) => Promise<object>,
  ): Promise<EntityOf<Delegate>> {
    const canonical = this.canonicalId(id);
    const args = snapshotArguments({ where: this.#where(canonical), ...more });
    try {
      const changed = await this.#write({ operation, args, ids: [canonical] }, (delegate) =>
        run(delegate, args),
      );
      return changed as EntityOf<Delegate>;
    } catch (error) {
      throw isRecordNotFound(error) ? this.#notFound(id, error) : error;
    }
  }

  #write<T>(write: RepositoryWrite, run: (delegate: UntypedDelegate) => Promise<T>): Promise<T> {
    return this.write<object, T>(write, async (prisma) =>
      answered(await run(delegateOf(prisma, this.model))),
    );
  }

  /** In the transaction that the caller is in: by itself, since others may be in none. */
  async #rowNow(canonical: string): Promise<object | null> {
    return this.onDatabase((delegate) => delegate.findUnique({ where: this.#where(canonical) }));
  }

  async #prisma(): Promise<object> {
    return (await this.context.pool.prismaInTransaction()) ?? this.context.prisma;
  }

  async #currentDelegate(): Promise<UntypedDelegate> {
    // Outside of a transaction, which is most reads, without waiting for a promise.
    if (this.context.pool.currentTransaction === null) return this.#delegate;
    return delegateOf(await this.#prisma(), this.model);
  }

  #where(canonical: string): object {
    return { [this.#options.idField]: idFrom(canonical, this.#options.idType) };
  }

  #notFound(id: EntityId, cause?: unknown): EntityNotFoundError {
    return new EntityNotFoundError(`There is no ${this.model} with the id ${String(id)}.`, {
      context: { model: this.model, id },
      cause,
    });
  }
}

function delegateOf(client: object, model: string): UntypedDelegate {
  const property = model.charAt(0).toLowerCase() + model.slice(1);
  const delegate: unknown = Reflect.get(client, property);
  if (typeof delegate === 'object' && delegate !== null) return delegate as UntypedDelegate;
  throw new WiringError(
    `The Prisma client has no "${property}". Run "prisma generate" for the schema that has ${model}.`,
  );
}

/**
 * Of several operations that are sent in one tick to a transaction of Prisma's that has ended, Prisma 7.10 rejects the
 * last and resolves the others to undefined.
 */
function answered<T>(result: T): T {
  if (result !== undefined) return result;
  throw new TransactionClosedError(
    'This transaction has ended. Await everything that belongs to it before its function returns.',
  );
}

/** Prisma's answer to an update or a delete of a row that is not there. */
function isRecordNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'P2025';
}
