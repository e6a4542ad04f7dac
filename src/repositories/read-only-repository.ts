import { performance } from 'node:perf_hooks';
import type { KeysetPage, OffsetPage } from '../database/index.js';
import { pageSizeWithin } from '../database/index.js';
import { type EntityNotFoundError, InvalidArgumentError } from '../errors.js';
import { ModelAccess } from './access/model-access.js';
import { entityNotFound } from './access/repository-errors.js';
import { RowReader } from './access/row-reader.js';
import { isRowSelection, picked } from './access/row-selection.js';
import { type CursorRequest, cursorWalk, rowGone } from './pages/cursor-page.js';
import { type OffsetRequest, offsetPageOf, placedPage } from './pages/offset-request.js';
import { searchFilter } from './pages/search-filter.js';
import { confined } from './policy/scope.js';
import type {
  ArgsOf,
  CursorArgs,
  DefaultId,
  EntityOf,
  Exactly,
  ModelDelegate,
  PageArgs,
  ResultOf,
  SearchArgs,
  SelectionOf,
  UntypedDelegate,
  WhereOf,
} from './prisma-types.js';
import type { RepositoryContext } from './repository-context.js';
import type { EntityReadOptions, ReadOptions, RepositoryOptions } from './repository-options.js';
import type { RepositoryHealth, RepositoryStatistics, SearchPage } from './repository-reports.js';

/** More ids at once are a mistake, or work for `findCursorPage`. */
const MAX_IDS = 10_000;
const WARM_AT_ONCE = 500;
const NO_OPTIONS: EntityReadOptions = Object.freeze({});

/**
 * The object through which an application reads the entities of one model, from the cache where it can: a read that
 * starts after a write was acknowledged sees it. For views; `BaseRepository` adds the writes.
 *
 * What it returns is frozen, since others may hold the same object: change a copy, `{ ...user, name }`. A Date in it throws
 * when it is set; Bytes cannot be frozen, so each reader has its own.
 *
 * Every method may throw `DatabaseUnavailableError` and `PoolTimeoutError`, `ScopeRequiredError` where a scope is declared,
 * `InvalidArgumentError` for what cannot be meant, and Prisma's other errors as they are; none fails because of the cache.
 *
 * @typeParam Delegate the model's delegate in the generated client, such as `PrismaClient['user']`
 * @typeParam Id what an id is: of a primary key of several fields, an object of them
 */
export abstract class ReadOnlyRepository<Delegate extends ModelDelegate, Id = DefaultId<Delegate>> {
  protected readonly context: RepositoryContext;
  /** For the classes of the library. */
  protected readonly access: ModelAccess;
  readonly #reader: RowReader;

  /** @throws WiringError when the schema or the client has no such model, or an option does not fit it */
  constructor(context: RepositoryContext, options: RepositoryOptions) {
    this.context = context;
    this.access = new ModelAccess(context, options);
    this.#reader = new RowReader(this.access);
  }

  /** The model's name in the Prisma schema. */
  get model(): string {
    return this.access.model;
  }

  /**
   * This repository, confined to a value of its scope field, such as a tenant's id. Every method of it then sees and
   * writes rows of that value alone. For a whole request, see `withScope`.
   *
   * @throws InvalidArgumentError when the repository has no scope
   */
  forScope(value: unknown): this {
    const field = this.access.policy.scopeField;
    if (field === null) throw new InvalidArgumentError(`${this.model} declares no scope.`);
    return confined(this, field, value);
  }

  /**
   * The entity with this id, or null.
   *
   * @param selection which fields and relations are wanted, as in Prisma; only fields are taken from the cached entity
   * @throws InvalidArgumentError when the id cannot be one of this model
   */
  findById<Selection extends SelectionOf<Delegate>>(
    id: Id,
    selection?: Exactly<Selection, SelectionOf<Delegate>>,
    options: EntityReadOptions = NO_OPTIONS,
  ): Promise<ResultOf<Delegate, Selection, 'findUnique'>> {
    const found = this.#reader.byId(id, selection, options);
    return found as Promise<ResultOf<Delegate, Selection, 'findUnique'>>;
  }

  /**
   * @throws EntityNotFoundError when there is none
   * @throws InvalidArgumentError when the id cannot be one of this model
   */
  async findByIdOrThrow<Selection extends SelectionOf<Delegate>>(
    id: Id,
    selection?: Exactly<Selection, SelectionOf<Delegate>>,
    options: EntityReadOptions = {},
  ): Promise<ResultOf<Delegate, Selection, 'findUniqueOrThrow'>> {
    const entity = await this.findById(id, selection, options);
    if (entity === null) throw this.notFound(id);
    return entity as ResultOf<Delegate, Selection, 'findUniqueOrThrow'>;
  }

  /**
   * The entities with these ids, in their order, null for what is missing. For each 128 of them that memory has not, one round
   * trip to the cache, and one statement for all that is not there.
   *
   * @throws InvalidArgumentError when an id cannot be one of this model, or they are more than 10,000
   */
  async findByIds(
    ids: readonly Id[],
    options: EntityReadOptions = {},
  ): Promise<readonly (EntityOf<Delegate> | null)[]> {
    if (ids.length > MAX_IDS) {
      throw new InvalidArgumentError(
        `findByIds takes up to ${MAX_IDS} ids, not ${ids.length}: ask in parts, or walk with findCursorPage.`,
        { context: { model: this.model, ids: ids.length, max: MAX_IDS } },
      );
    }
    const rows = await this.access.rows(ids, options.cache ?? true);
    return Object.freeze(rows.map((row) => this.#reader.visible(row, options) as EntityOf<Delegate> | null));
  }

  /** What Prisma's `findMany` gives. From the cache while nothing was written that it could depend on. */
  async findMany<Args extends ArgsOf<Delegate, 'findMany'>>(
    args?: Exactly<Args, ArgsOf<Delegate, 'findMany'>>,
    options: ReadOptions = {},
  ): Promise<ResultOf<Delegate, Args, 'findMany'>> {
    const found = await this.#reader.list((args ?? {}) as object, options);
    return found as ResultOf<Delegate, Args, 'findMany'>;
  }

  /** What Prisma's `findFirst` gives. From the cache as `findMany` is. */
  async findFirst<Args extends ArgsOf<Delegate, 'findFirst'>>(
    args?: Exactly<Args, ArgsOf<Delegate, 'findFirst'>>,
    options: ReadOptions = {},
  ): Promise<ResultOf<Delegate, Args, 'findFirst'>> {
    const found = await this.#reader.first(
      'findFirst',
      this.#reader.ordered((args ?? {}) as object),
      options,
    );
    return found as ResultOf<Delegate, Args, 'findFirst'>;
  }

  /**
   * What Prisma's `findUnique` gives. By one unique key alone, of fields alone, and without a time or tags of its own, from
   * the cached entity; else as `findFirst`.
   */
  async findUnique<Args extends ArgsOf<Delegate, 'findUnique'>>(
    args: Exactly<Args, ArgsOf<Delegate, 'findUnique'>>,
    options: ReadOptions = {},
  ): Promise<ResultOf<Delegate, Args, 'findUnique'>> {
    const { where, ...selection } = args as unknown as { readonly where: Readonly<Record<string, unknown>> };
    const [only, ...more] = Object.entries(where ?? {});
    let found: object | null;
    if (
      only !== undefined &&
      more.length === 0 &&
      options.ttlSeconds === undefined &&
      options.tags === undefined &&
      this.access.isUniqueKey(only[0]) &&
      isRowSelection(this.access.metadata, selection)
    ) {
      const row = await this.access.rowByUnique(only[0], only[1], options.cache);
      found = picked(this.#reader.visible(row, options), selection);
    } else {
      // The names of compound keys are for `findUnique` alone.
      found = await this.#reader.first('findUnique', args as object, options);
    }
    return found as ResultOf<Delegate, Args, 'findUnique'>;
  }

  /**
   * A page by number, with the total. The database reads and drops every row before the page: for walks through a large
   * table `findCursorPage` is meant.
   */
  async findPage<Args extends PageArgs<Delegate>>(
    args?: Exactly<Args, PageArgs<Delegate>>,
    options: ReadOptions = {},
  ): Promise<OffsetPage<ResultOf<Delegate, Args, 'findFirst'> & object>> {
    const { page, pageSize, ...query } = (args ?? {}) as OffsetRequest & { readonly where?: unknown };
    const placed = placedPage(
      { ...(page !== undefined && { page }), ...(pageSize !== undefined && { pageSize }) },
      this.#reader.pageLimits,
    );
    const asked = this.#reader.surelyOrdered(query);
    const find = {
      ...this.access.policy.arguments(asked, options),
      skip: placed.skip,
      take: placed.pageSize,
    };
    const { items, total } = await this.access.query(
      { operation: 'findPage', args: find },
      options,
      async (delegate, given) => {
        const where: unknown = Reflect.get(given, 'where');
        const [rows, count] = await Promise.all([
          delegate.findMany(given),
          delegate.count(where === undefined ? {} : { where }),
        ]);
        return { items: rows, total: count as number };
      },
    );
    return offsetPageOf(items, total, placed) as OffsetPage<ResultOf<Delegate, Args, 'findFirst'> & object>;
  }

  /**
   * A page from a place in an order: however deep it lies, it costs what the first one does, provided that an index has the
   * order. Rows that come or go between two pages neither repeat nor skip others.
   *
   * @throws CursorError for a cursor of another query, or none at all
   */
  async findCursorPage<Args extends CursorArgs<Delegate>>(
    args?: Exactly<Args, CursorArgs<Delegate>>,
    options: ReadOptions = {},
  ): Promise<KeysetPage<ResultOf<Delegate, Args, 'findFirst'> & object>> {
    const { access } = this;
    const asked = access.policy.arguments(
      this.#reader.ordered((args ?? {}) as CursorRequest & object),
      options,
    );
    const walk = cursorWalk(
      access.metadata,
      access.key,
      asked as CursorRequest & Record<string, unknown>,
      this.#reader.pageLimits,
    );
    const rows = await this.#reader.query(walk.args, options);
    if (rows.length === 0 && walk.anchor !== null) {
      const anchors = await this.#reader.query({ where: walk.anchor, take: 1 }, { cache: false });
      if (anchors.length === 0) throw rowGone();
    }
    return walk.page(rows) as KeysetPage<ResultOf<Delegate, Args, 'findFirst'> & object>;
  }

  /** What Prisma's `count` gives. From the cache as `findMany` is. */
  async count<Args extends ArgsOf<Delegate, 'count'>>(
    args?: Exactly<Args, ArgsOf<Delegate, 'count'>>,
    options: ReadOptions = {},
  ): Promise<ResultOf<Delegate, Args, 'count'>> {
    const counted = await this.#reader.result('count', (args ?? {}) as object, options);
    return counted as ResultOf<Delegate, Args, 'count'>;
  }

  /** Whether any entity passes the filter. */
  async exists(where: WhereOf<Delegate>, options: ReadOptions = {}): Promise<boolean> {
    const [field] = this.access.metadata.id;
    const select = field === undefined ? {} : { select: { [field]: true } };
    return (await this.#reader.first('findFirst', { where, ...select }, options)) !== null;
  }

  /**
   * The entities in which a term is found, in any case, in any of the fields. The term means itself: `%` and `_` are
   * characters. An index of trigrams on each field makes it fast.
   *
   * @throws SearchTermError when the term is shorter than 2 characters, or longer than 256
   */
  async search<Args extends SearchArgs<Delegate>>(
    term: string,
    args?: Exactly<Args, SearchArgs<Delegate>>,
    options: ReadOptions = {},
  ): Promise<SearchPage<ResultOf<Delegate, Args, 'findFirst'> & object>> {
    const {
      fields = this.access.options.searchFields ?? [],
      limit,
      where = {},
      ...query
    } = (args ?? {}) as {
      readonly fields?: readonly string[];
      readonly limit?: number;
      readonly where?: object;
    };
    const size = pageSizeWithin(this.#reader.pageLimits, limit);
    const filter = searchFilter(this.access.metadata, term, fields);
    const found = await this.#reader.list(
      { ...query, where: { AND: [where, filter] }, take: size + 1 },
      options,
    );
    const items = Object.freeze(found.slice(0, size));
    return Object.freeze({ items, hasMore: found.length > size }) as SearchPage<
      ResultOf<Delegate, Args, 'findFirst'> & object
    >;
  }

  /** What Prisma's `aggregate` gives. From the cache as `findMany` is. */
  async aggregate<Args extends ArgsOf<Delegate, 'aggregate'>>(
    args: Exactly<Args, ArgsOf<Delegate, 'aggregate'>>,
    options: ReadOptions = {},
  ): Promise<ResultOf<Delegate, Args, 'aggregate'>> {
    const result = await this.#reader.result('aggregate', args as object, options);
    return result as ResultOf<Delegate, Args, 'aggregate'>;
  }

  /** What Prisma's `groupBy` gives. From the cache as `findMany` is. */
  async groupBy<Args extends ArgsOf<Delegate, 'groupBy'>>(
    args: Exactly<Args, ArgsOf<Delegate, 'groupBy'>>,
    options: ReadOptions = {},
  ): Promise<ResultOf<Delegate, Args, 'groupBy'>> {
    const result = await this.#reader.result('groupBy', args as object, options);
    return result as ResultOf<Delegate, Args, 'groupBy'>;
  }

  /**
   * Brings entities into the cache before they are asked for. Resolves to how many there are now.
   *
   * @param what their ids, or which entities, as for `findMany`
   */
  async warm(what: readonly Id[] | ArgsOf<Delegate, 'findMany'>): Promise<number> {
    const ids = Array.isArray(what) ? (what as readonly Id[]) : await this.#idsOf(what as object);
    let warmed = 0;
    for (let first = 0; first < ids.length; first += WARM_AT_ONCE) {
      const rows = await this.findByIds(ids.slice(first, first + WARM_AT_ONCE));
      warmed += rows.filter((row) => row !== null).length;
    }
    return warmed;
  }

  /** Drops these entities from all caches, but not lists that hold them (`invalidateAll`). Resolves to whether it is done. */
  async invalidate(...ids: readonly Id[]): Promise<boolean> {
    const { cache, key } = this.access;
    const canonical = ids.flatMap((id) => key.canonicalIfNamed(id) ?? []);
    return cache === null || canonical.length === 0 ? true : cache.invalidateRows(canonical);
  }

  /** Drops everything that is cached of the model, in O(1). Resolves to whether it is done. */
  async invalidateAll(): Promise<boolean> {
    return (await this.access.cache?.invalidateAll()) ?? true;
  }

  /** Reads one row of the table, and asks the cache; never rejects. */
  async healthCheck(): Promise<RepositoryHealth> {
    const startedAt = performance.now();
    const cache = this.context.cache.healthCheck();
    let error: string | null = null;
    try {
      const [field] = this.access.metadata.id;
      const select = field === undefined ? {} : { select: { [field]: true } };
      await this.access.onDatabase((delegate) => delegate.findFirst({ ...select }));
    } catch (caught) {
      error = caught instanceof Error ? caught.message : String(caught);
    }
    const latencyMs = performance.now() - startedAt;
    return Object.freeze({
      healthy: error === null,
      database: error === null,
      cache: (await cache).healthy,
      latencyMs,
      error,
      lastError: this.access.lastError,
    });
  }

  /** What it has read and written since it was made, and what its part of the cache did. */
  statistics(): RepositoryStatistics {
    return Object.freeze({ ...this.access.counts, cache: this.access.cache?.getStatistics() ?? null });
  }

  /**
   * The entity that has this value in a unique field, or null: for the methods that a subclass adds.
   *
   * @param name the field; of a key of several fields, its name in Prisma's `where`, and an object of their values
   * @throws WiringError when there is no such key
   */
  protected async findByUnique(name: string, value: unknown): Promise<EntityOf<Delegate> | null> {
    return this.#reader.visible(await this.access.rowByUnique(name, value), {}) as EntityOf<Delegate> | null;
  }

  /** Runs a query of this model, in the transaction that the caller is in, and gives its failures holdfast's types. */
  protected onDatabase<T>(query: (delegate: UntypedDelegate) => Promise<T>): Promise<T> {
    return this.access.onDatabase(query);
  }

  /** The form of an id that `write` takes. */
  protected canonicalId(id: Id): string {
    return this.access.key.canonical(id);
  }

  /** The error for an id that no entity has. */
  protected notFound(id: unknown, cause?: unknown): EntityNotFoundError {
    return entityNotFound(this.model, id, cause);
  }

  async #idsOf(args: object): Promise<readonly Id[]> {
    const select = Object.fromEntries(this.access.key.fields.map((field) => [field, true]));
    const rows = await this.#reader.list({ ...args, select }, { cache: false });
    return rows.map((row) => this.access.key.valueIn(row) as Id);
  }
}
