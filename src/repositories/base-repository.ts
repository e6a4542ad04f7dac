import { ConflictError, EntityNotFoundError, InvalidArgumentError } from '../errors.js';
import { isUniqueViolation } from './access/repository-errors.js';
import type { RepositoryWrite } from './access/repository-write.js';
import { RowWriter } from './access/row-writer.js';
import type {
  ArgsOf,
  CreateData,
  DefaultId,
  EntityOf,
  Exactly,
  ModelDelegate,
  ResultOf,
  SelectionOf,
  UntypedDelegate,
  UpdateData,
  WhereOf,
} from './prisma-types.js';
import { ReadOnlyRepository } from './read-only-repository.js';
import type { RepositoryContext } from './repository-context.js';
import { EventListeners, type RepositoryEventName, type RepositoryEvents } from './repository-events.js';
import type { RepositoryOptions } from './repository-options.js';

/** How one entity is to be changed. */
export interface ChangeOptions {
  /** The version that the entity was read with, where the repository declares a version field. */
  readonly expectedVersion?: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The object through which an application reads and writes the entities of one model. A read that starts after a write
 * was acknowledged sees it. Extend it with one class for each model.
 *
 * @typeParam Delegate the model's delegate in the generated client, such as `PrismaClient['user']`
 * @typeParam Id what an id is: of a primary key of several fields, an object of them
 */
export abstract class BaseRepository<
  Delegate extends ModelDelegate,
  Id = DefaultId<Delegate>,
> extends ReadOnlyRepository<Delegate, Id> {
  readonly #writer: RowWriter;
  readonly #events: EventListeners<EntityOf<Delegate>>;

  /** @throws WiringError when the schema or the client has no such model, or an option does not fit it */
  constructor(context: RepositoryContext, options: RepositoryOptions) {
    super(context, options);
    this.#writer = new RowWriter(this.access, (id, cause) => this.notFound(id, cause));
    this.#events = new EventListeners(options.model, context.logger, context.cache.rules);
  }

  /**
   * Has a function called after each commit of such a change through this repository, in this process.
   *
   * @returns a function that ends it
   */
  on<Name extends RepositoryEventName>(
    name: Name,
    listener: (event: RepositoryEvents<EntityOf<Delegate>>[Name]) => void,
  ): () => void {
    return this.#events.add(name, listener);
  }

  /** Stores a new entity and returns it, or what is selected of it. */
  async create<Selection extends SelectionOf<Delegate>>(
    data: CreateData<Delegate>,
    selection?: Exactly<Selection, SelectionOf<Delegate>>,
  ): Promise<ResultOf<Delegate, Selection, 'create'>> {
    const { policy, tags } = this.access;
    const args = this.#checked({ data: policy.newRow(data) as Fields, ...(selection as object) });
    const write = { operation: 'create', args, ids: [], tags: tags.ofNew(args.data) } as const;
    const after = await this.#run(write, (delegate) => delegate.create(args));
    this.#tell('created', () => ({ model: this.model, after: this.#whole(after, selection) }));
    return after as ResultOf<Delegate, Selection, 'create'>;
  }

  /** Stores new entities, and returns how many. */
  async createMany(args: ArgsOf<Delegate, 'createMany'>): Promise<{ readonly count: number }> {
    const { policy, tags } = this.access;
    const { data, ...more } = args as unknown as { readonly data: object | readonly object[] };
    const rows = (Array.isArray(data) ? data : [data]).map((row: object) => policy.newRow(row));
    if (rows.length === 0) return { count: 0 };
    const given = this.#checked({ ...more, data: rows });
    const write = { operation: 'createMany', args: given, ids: [], tags: tags.ofAllNew(rows) } as const;
    const result = await this.#run(write, (delegate) => delegate.createMany(given));
    this.#tellMany('createMany', result, null);
    return result;
  }

  /**
   * Changes an entity and returns it as it is then, or what is selected of it.
   *
   * @throws EntityNotFoundError when there is none with this id, or it was deleted
   * @throws ConflictError when it has another version than the expected
   * @throws InvalidArgumentError when the data is empty or would change the id
   */
  async update<Selection extends SelectionOf<Delegate>>(
    id: Id,
    data: UpdateData<Delegate>,
    selection?: Exactly<Selection, SelectionOf<Delegate>>,
    options: ChangeOptions = {},
  ): Promise<ResultOf<Delegate, Selection, 'update'>> {
    const changes = this.#writer.dataOf(data as Fields, 'update');
    if (this.access.key.fields.some((field) => changes[field] !== undefined)) {
      throw new InvalidArgumentError(
        `update cannot change the id of a ${this.model}: create another and delete this.`,
      );
    }
    const { before, after } = await this.#writer.change(id, {
      operation: 'update',
      data: changes,
      selection: (selection ?? {}) as object,
      conditions: this.access.policy.conditions(),
      expectedVersion: options.expectedVersion,
    });
    this.#tell('updated', () => ({
      model: this.model,
      id,
      before: before as EntityOf<Delegate> | null,
      after: this.#whole(after, selection),
    }));
    return after as ResultOf<Delegate, Selection, 'update'>;
  }

  /**
   * Changes the entity of a unique key, or stores one where there is none. Returns it as it is then.
   *
   * @throws ConflictError when the key belongs to an entity that is not seen here: of another scope, or softly deleted
   */
  async upsert<Args extends ArgsOf<Delegate, 'upsert'>>(
    args: Exactly<Args, ArgsOf<Delegate, 'upsert'>>,
  ): Promise<ResultOf<Delegate, Args, 'upsert'>> {
    const { policy, key } = this.access;
    const { where, create, update, ...selection } = args as unknown as Record<
      'where' | 'create' | 'update',
      Fields
    >;
    const given = this.#checked({
      where: { ...where, ...policy.conditions() },
      create: policy.newRow(create),
      update: policy.change(update),
      ...selection,
    });
    const canonical = key.isCacheable ? this.#idIn(where) : null;
    const write = { operation: 'upsert', args: given, ids: canonical === null ? [] : [canonical] } as const;
    const after = await this.#run(write, (delegate) => delegate.upsert(given)).catch(
      async (error: unknown) => {
        throw (await this.#isTakenUnseen(where, error)) ? this.#takenUnseen(where, error) : error;
      },
    );
    if (after === null) throw this.#takenUnseen(where);
    this.#tell('upserted', () => ({ model: this.model, after: this.#whole(after, selection) }));
    return after as ResultOf<Delegate, Args, 'upsert'>;
  }

  /**
   * Deletes an entity and returns it as it was, or what is selected of it. Where the repository declares `softDelete`, it
   * is marked, and returned so.
   *
   * @throws EntityNotFoundError when there is none with this id
   * @throws ConflictError when it has another version than the expected
   */
  async delete<Selection extends SelectionOf<Delegate>>(
    id: Id,
    selection?: Exactly<Selection, SelectionOf<Delegate>>,
    options: ChangeOptions = {},
  ): Promise<ResultOf<Delegate, Selection, 'delete'>> {
    const { policy } = this.access;
    const field = policy.softDeleteField;
    const { before, after } = await this.#writer.change(id, {
      ...(field === null
        ? { operation: 'delete', data: null }
        : { operation: 'update', data: policy.change({ [field]: new Date() }) }),
      selection: (selection ?? {}) as object,
      conditions: policy.conditions(),
      expectedVersion: options.expectedVersion,
    });
    const last = field === null ? this.#whole(after, selection) : (before as EntityOf<Delegate> | null);
    this.#tell('deleted', () => ({ model: this.model, id, before: last }));
    return after as ResultOf<Delegate, Selection, 'delete'>;
  }

  /**
   * Brings a softly deleted entity back, and returns it.
   *
   * @throws EntityNotFoundError when there is none with this id that was deleted
   * @throws InvalidArgumentError when the repository declares no `softDelete`
   */
  async restore(id: Id): Promise<EntityOf<Delegate>> {
    const { policy } = this.access;
    const field = this.#softDeleteField('restore');
    const { before, after } = await this.#writer.change(id, {
      operation: 'update',
      data: policy.change({ [field]: null }),
      selection: {},
      conditions: { ...policy.conditions({ includeDeleted: true }), NOT: { [field]: null } },
    });
    this.#tell('updated', () => ({
      model: this.model,
      id,
      before: before as EntityOf<Delegate> | null,
      after: this.#whole(after, undefined),
    }));
    return after as EntityOf<Delegate>;
  }

  /**
   * Deletes an entity for good, softly deleted or not, and returns it as it was.
   *
   * @throws EntityNotFoundError when there is none with this id
   * @throws InvalidArgumentError when the repository declares no `softDelete`
   */
  async deletePermanently(id: Id): Promise<EntityOf<Delegate>> {
    this.#softDeleteField('deletePermanently');
    const { after } = await this.#writer.change(id, {
      operation: 'delete',
      data: null,
      selection: {},
      conditions: this.access.policy.conditions({ includeDeleted: true }),
    });
    this.#tell('deleted', () => ({ model: this.model, id, before: this.#whole(after, undefined) }));
    return after as EntityOf<Delegate>;
  }

  /**
   * Changes all entities that `where` describes, and returns how many. Invalidates every cached entity of the model, and
   * its queries: of one tag alone, where `where` asks for the rows of one.
   *
   * @throws InvalidArgumentError when the data is empty, or `where` is given as undefined
   */
  async updateMany(args: ArgsOf<Delegate, 'updateMany'>): Promise<{ readonly count: number }> {
    const { data, ...more } = args as unknown as { readonly data: Fields; readonly where?: unknown };
    return this.#changeMany('updateMany', more, this.#writer.dataOf(data, 'updateMany'));
  }

  /**
   * Deletes all entities that `where` describes, and returns how many; marks them where the repository declares
   * `softDelete`. Invalidates as `updateMany` does.
   *
   * @throws InvalidArgumentError when `where` is given as undefined
   */
  async deleteMany(args: ArgsOf<Delegate, 'deleteMany'>): Promise<{ readonly count: number }> {
    const { policy } = this.access;
    const field = policy.softDeleteField;
    const data = field === null ? null : policy.change({ [field]: new Date() });
    return this.#changeMany('deleteMany', (args ?? {}) as { readonly where?: unknown }, data);
  }

  /**
   * Runs a write of this model with fences before what it changes: for the methods that a subclass adds. It is given the
   * Prisma client to use, which is that of the transaction that the caller is in. Neither scope nor soft deletion is added
   * to what it does, and no event is told of it.
   *
   * @param write what `run` does, so that it is known what it changes
   */
  protected async write<Client extends object, T>(
    write: RepositoryWrite,
    run: (prisma: Client) => Promise<T>,
  ): Promise<T> {
    return this.access.write(write, run);
  }

  /**
   * Changes an entity if it is as `condition` says, in one statement, so that of two who try only one succeeds: for the
   * methods that a subclass adds. Null where it is otherwise, or there is none.
   *
   * @throws InvalidArgumentError when the data is empty
   */
  protected async updateIf(
    id: Id,
    condition: WhereOf<Delegate>,
    data: UpdateData<Delegate>,
  ): Promise<EntityOf<Delegate> | null> {
    try {
      const { before, after } = await this.#writer.change(id, {
        operation: 'update',
        data: this.#writer.dataOf(data as Fields, 'updateIf'),
        selection: {},
        conditions: { AND: [this.access.policy.conditions(), condition as Fields] },
      });
      this.#tell('updated', () => ({
        model: this.model,
        id,
        before: before as EntityOf<Delegate> | null,
        after: after as EntityOf<Delegate>,
      }));
      return after as EntityOf<Delegate>;
    } catch (error) {
      if (error instanceof EntityNotFoundError) return null;
      throw error;
    }
  }

  async #changeMany(
    operation: 'updateMany' | 'deleteMany',
    args: { readonly where?: unknown },
    data: Fields | null,
  ): Promise<{ readonly count: number }> {
    const { policy, tags } = this.access;
    if ('where' in args && args.where === undefined) {
      throw new InvalidArgumentError(
        `where of ${operation} is undefined, which Prisma would take for "all": give {} if every ${this.model} is meant.`,
      );
    }
    const given = this.#checked({
      ...args,
      where: policy.where(args.where ?? {}),
      ...(data !== null && { data }),
    });
    const kind = data === null ? 'deleteMany' : 'updateMany';
    const write = {
      operation: kind,
      args: given,
      ids: [],
      tags: tags.ofMatching(given.where, data),
    } as const;
    const result = await this.#run(write, (delegate) => delegate[kind](given));
    this.#tellMany(operation, result, given.where);
    return result;
  }

  #run<T>(write: RepositoryWrite, run: (delegate: UntypedDelegate) => Promise<T>): Promise<T> {
    return this.access.writeOnDelegate(write, run);
  }

  /** Whether it was refused because the row of its key cannot be seen. A transaction can no longer tell. */
  async #isTakenUnseen(where: Fields, error: unknown): Promise<boolean> {
    const { policy } = this.access;
    if (policy.isOpen || !isUniqueViolation(error) || this.context.pool.currentTransaction !== null)
      return false;
    const row = await this.access.onDatabase((delegate) => delegate.findUnique({ where }));
    return row !== null && !policy.isVisible(row);
  }

  /** Where Prisma sends INSERT ... ON CONFLICT DO UPDATE ... WHERE, that does nothing, and gives null. */
  #takenUnseen(where: Fields, cause?: unknown): ConflictError {
    return new ConflictError(
      `Another ${this.model} has this key, but belongs to another scope or was deleted: restore it, or choose another key.`,
      { context: { model: this.model, where }, cause },
    );
  }

  #checked<Args extends object>(args: Args): Args {
    return this.access.arguments.checked(args);
  }

  #idIn(where: Fields): string | null {
    const { key } = this.access;
    const [only] = key.fields;
    if (key.fields.length === 1) return key.canonicalOrNull(where[only ?? '']);
    const name = Object.keys(key.uniqueWhere({}))[0] ?? '';
    return key.canonicalOrNull(where[name]);
  }

  #softDeleteField(method: string): string {
    const field = this.access.policy.softDeleteField;
    if (field !== null) return field;
    throw new InvalidArgumentError(
      `${method} is for repositories that declare softDelete; ${this.model} does not.`,
    );
  }

  /** The entity, where a write returned all its fields. */
  #whole(after: object, selection: object | undefined): EntityOf<Delegate> | null {
    const narrowed = selection !== undefined && ('select' in selection || 'omit' in selection);
    return narrowed ? null : (after as EntityOf<Delegate>);
  }

  #tellMany(
    operation: 'createMany' | 'updateMany' | 'deleteMany',
    { count }: { readonly count: number },
    where: unknown,
  ): void {
    if (count > 0) this.#tell('changedMany', () => ({ model: this.model, operation, count, where }));
  }

  /** Tells at once, or when the transaction that the caller is in has committed. */
  #tell<Name extends RepositoryEventName>(
    name: Name,
    eventOf: () => RepositoryEvents<EntityOf<Delegate>>[Name],
  ): void {
    if (!this.#events.hears(name)) return;
    const event = eventOf();
    const transaction = this.context.pool.currentTransaction;
    if (transaction === null) this.#events.tell(name, event);
    else {
      transaction.onOutcome((outcome) => {
        if (outcome === 'committed') this.#events.tell(name, event);
      });
    }
  }
}
