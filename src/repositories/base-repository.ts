import { performance } from 'node:perf_hooks';
import { canonicalId, type EntityCache, type EntityId, idFrom, type WriteEffects } from '../cache/index.js';
import { toDatabaseError } from '../database/index.js';
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

/** Whether a repository's table can be read, and how fast. */
export interface RepositoryHealth {
  readonly healthy: boolean;
  readonly latencyMs: number;
  /** Why it is not healthy; null when it is. */
  readonly error: string | null;
}

/**
 * The object through which an application reads and writes the entities of one model. Reads by id come from the cache
 * where they can; a read that starts after a write was acknowledged sees it. Extend it with one class for each model.
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
  readonly #cache: EntityCache<object> | null;

  /** @throws WiringError when the schema or the client has no such model */
  constructor(context: RepositoryContext, options: RepositoryOptions) {
    this.context = context;
    this.#options = Object.freeze({ idField: 'id', dependents: [], ...options });
    for (const model of [options.model, ...this.#options.dependents]) context.dataModel.assertModel(model);
    this.#delegate = delegateOf(context.prisma, options.model);
    this.#cache = context.cache.entities(options.model, options.ttlSeconds ?? context.defaultTtlSeconds);
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
    const canonical = this.canonicalId(id);
    const load = (): Promise<object | null> => this.#load(canonical);
    // What a transaction sees is its own, perhaps not committed: it neither comes from the cache nor goes there.
    const cache = this.context.pool.currentTransaction === null ? this.#cache : null;
    return (await (cache?.read(canonical, load) ?? load())) as EntityOf<Delegate> | null;
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

  /** The entities that Prisma's `findMany` gives for these arguments, always from PostgreSQL. */
  async findMany<Args extends ArgsOf<Delegate, 'findMany'>>(
    args?: Args,
  ): Promise<ResultOf<Delegate, Args, 'findMany'>> {
    const found = await this.onDatabase((delegate) => delegate.findMany({ ...args }));
    return found as ResultOf<Delegate, Args, 'findMany'>;
  }

  /** Stores a new entity and returns it. */
  async create(data: CreateData<Delegate>): Promise<EntityOf<Delegate>> {
    const models = this.context.dataModel.modelsTouchedBy(this.model, data as object);
    const created = await this.#write({ ids: [], models }, (delegate) => delegate.create({ data }));
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
    const models = this.context.dataModel.modelsTouchedBy(this.model, data as object);
    return this.#change(id, models, (delegate, where) => delegate.update({ where, data }));
  }

  /**
   * Deletes an entity and returns it as it was.
   *
   * @throws EntityNotFoundError when there is none with this id
   */
  async delete(id: EntityId): Promise<EntityOf<Delegate>> {
    return this.#change(id, this.#options.dependents, (delegate, where) => delegate.delete({ where }));
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
   * Runs a write of this model with fences before what it changes: for the methods that a subclass adds. It is given the
   * Prisma client to use, which is that of the transaction that the caller is in.
   */
  protected async write<Client extends object, T>(
    effects: WriteEffects,
    run: (prisma: Client) => Promise<T>,
  ): Promise<T> {
    const { pool } = this.context;
    const guarded = async (): Promise<T> => {
      try {
        return await run((await this.#prisma()) as Client);
      } catch (error) {
        throw toDatabaseError(error);
      }
    };
    return this.#cache === null ? guarded() : this.#cache.write(effects, guarded, pool.currentTransaction);
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

  async #change(
    id: EntityId,
    models: readonly string[],
    run: (delegate: UntypedDelegate, where: object) => Promise<object>,
  ): Promise<EntityOf<Delegate>> {
    const canonical = this.canonicalId(id);
    const effects = { ids: [canonical], models };
    try {
      const changed = await this.#write(effects, (delegate) => run(delegate, this.#where(canonical)));
      return changed as EntityOf<Delegate>;
    } catch (error) {
      throw isRecordNotFound(error) ? this.#notFound(id, error) : error;
    }
  }

  #write<T>(effects: WriteEffects, run: (delegate: UntypedDelegate) => Promise<T>): Promise<T> {
    return this.write<object, T>(effects, async (prisma) =>
      answered(await run(delegateOf(prisma, this.model))),
    );
  }

  async #load(canonical: string): Promise<object | null> {
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
