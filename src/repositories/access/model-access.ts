import { copyMutable, freezeDeep, frozenDate, type ModelCache, type RowLoad } from '../../cache/index.js';
import {
  BatchLoader,
  canonicalArguments,
  hasBytes,
  isPlainClientOn,
  type ModelMetadata,
  modelOf,
  namedRows,
  originalClient,
  readDependencies,
  writeEffects,
} from '../../database/index.js';
import { InvalidArgumentError, WiringError } from '../../errors.js';
import { EntityTags } from '../policy/entity-tags.js';
import { RowPolicy } from '../policy/row-policy.js';
import type { UntypedDelegate } from '../prisma-types.js';
import type { RepositoryContext } from '../repository-context.js';
import type { ReadOptions, RepositoryOptions } from '../repository-options.js';
import { ArgumentChecker } from './checked-arguments.js';
import { EntityKey } from './entity-key.js';
import { knownTags } from './known-tags.js';
import { type LastError, lastErrorOf } from './last-error.js';
import { answered, isRefusal, toRepositoryError } from './repository-errors.js';
import type { RepositoryWrite } from './repository-write.js';
import { RowLoader } from './row-loader.js';

/** A query, as the cache knows it by. */
export interface ModelQuery {
  readonly operation: string;
  readonly args: object;
}

const AGGREGATIONS: ReadonlySet<string> = new Set(['count', 'aggregate', 'groupBy']);

/** The way to the rows of one model: through its cache, on the connection of the transaction that the caller is in. */
export class ModelAccess {
  readonly context: RepositoryContext;
  readonly options: RepositoryOptions;
  readonly metadata: ModelMetadata;
  readonly key: EntityKey;
  readonly policy: RowPolicy;
  readonly tags: EntityTags;
  readonly arguments: ArgumentChecker;
  readonly counts = { reads: 0, writes: 0, errors: 0 };
  readonly #delegate: UntypedDelegate;
  readonly #cache: ModelCache | null;
  readonly #cachesRows: boolean;
  readonly #cachesQueries: boolean;
  readonly #aggregationTtlMs: number;
  readonly #holdsBytes: boolean;
  readonly #rows: RowLoader;
  readonly #loadRow: RowLoad;
  readonly #uniqueKeys = new Map<string, EntityKey>();
  readonly #loaders = new Map<EntityKey, RowLoader>();
  #lastError: LastError | null = null;

  /** @throws WiringError when the schema or the client has no such model, or an option names what it has not */
  constructor(context: RepositoryContext, options: RepositoryOptions) {
    this.context = context;
    this.options = Object.freeze({ ...options });
    this.metadata = modelOf(context.metadata, options.model);
    this.key = new EntityKey(this.metadata, this.metadata.id, options.idType);
    this.policy = new RowPolicy(this.metadata, options);
    this.tags = new EntityTags(context.metadata, this.metadata, options.tags ?? []);
    this.arguments = new ArgumentChecker(context.metadata, options.model);
    this.#delegate = delegateOf(context.prisma, options.model);
    const ttls = ttlsOf(context, options);
    // A view's rows come from tables that are not known, so nothing says when they change.
    this.#cache = this.metadata.readOnly ? null : context.cache.model(options.model, ttls, options.tags);
    this.#aggregationTtlMs = ttlMsOf(ttls.aggregation);
    this.#holdsBytes = hasBytes(this.metadata);
    const { uncached = false } = options;
    this.#cachesRows = uncached !== true && uncached !== 'entities' && this.key.isCacheable;
    this.#cachesQueries = uncached !== true && uncached !== 'queries';
    this.#rows = this.#loaderBy(this.key);
    this.#loadRow = Object.assign((canonical: string) => this.#rows.load(canonical), {
      all: (canonical: readonly string[]) => this.#rows.loadAll(canonical),
    });
    for (const name of options.lookups ?? []) this.uniqueKey(name);
    if (this.#cache !== null && this.#cachesRows) {
      const warm = (ids: readonly string[]) => Promise.all(ids.map((id) => this.rowOf(id)));
      context.cache.warming.addRows(options.model, warm);
    }
  }

  get model(): string {
    return this.metadata.name;
  }

  get cache(): ModelCache | null {
    return this.#cache;
  }

  get lastError(): LastError | null {
    return this.#lastError;
  }

  /**
   * The row of this id, whoever may see it.
   *
   * @throws InvalidArgumentError at once when the id cannot be one of this model
   */
  row(id: unknown, cached = true): Promise<object | null> {
    this.counts.reads += 1;
    const cache = cached && this.#cachesRows ? this.#usableCache() : null;
    const known = cache?.rowInMemory(id, this.#loadRow) ?? null;
    if (known !== null) return known;
    const canonical = this.#nameOf(id);
    if (canonical === null) return this.#load(this.key, id);
    return cache === null ? this.rowNow(canonical) : cache.row(canonical, this.#loadRow, id);
  }

  /** The row of this canonical id. */
  rowOf(canonical: string, cached = true): Promise<object | null> {
    const cache = cached && this.#cachesRows ? this.#usableCache() : null;
    return cache === null ? this.rowNow(canonical) : cache.row(canonical, this.#loadRow);
  }

  /** The row as it is in the database now, or in the transaction that the caller is in. */
  rowNow(canonical: string): Promise<object | null> {
    if (this.#isOutside) return this.#loadedBy(this.#rows, canonical);
    // By itself: others of this turn may be in another transaction, or in none.
    const where = this.key.uniqueWhere(this.key.filterOf(canonical));
    return this.#frozen((delegate) => delegate.findUnique({ where }));
  }

  /** The rows of these ids, in their order. */
  async rows(ids: readonly unknown[], cached: boolean): Promise<readonly (object | null)[]> {
    const names = ids.map((id) => this.#nameOf(id));
    const canonical = names.filter((name) => name !== null);
    // Prisma itself sends what is asked for in one turn with one statement.
    if (canonical.length < names.length) return Promise.all(ids.map((id) => this.row(id, cached)));
    this.counts.reads += 1;
    const cache = cached && this.#cachesRows ? this.#usableCache() : null;
    if (cache !== null)
      return Promise.all(
        canonical.map((id) => cache.rowInMemory(id, this.#loadRow) ?? cache.row(id, this.#loadRow, id)),
      );
    const rows = this.#isOutside ? this.#rows.loadAll(canonical) : this.#rows.findAll(canonical);
    return (await rows).map((row) => this.#own(row));
  }

  /** The row that has this value in a unique key, whoever may see it. */
  async rowByUnique(name: string, value: unknown, cached = true): Promise<object | null> {
    const key = this.uniqueKey(name);
    if (key.fields.join() === this.key.fields.join()) return this.row(value, cached);
    this.counts.reads += 1;
    const canonical = key.canonicalIfNamed(value);
    const load = (): Promise<object | null> =>
      canonical === null || !this.#isOutside
        ? this.#load(key, value)
        : this.#loadedBy(this.#loaderBy(key), canonical);
    const isLookup = this.options.lookups?.includes(name) ?? true;
    const cache = cached && isLookup && this.#cachesRows ? this.#usableCache() : null;
    if (cache === null || canonical === null) return load();
    return cache.rowByUnique<object>(name, canonical, {
      // Nothing, where the row's own id names no entry.
      idOf: (row) => this.key.ofRow(row) ?? '',
      valueIn: (row) => key.ofRow(row),
      load,
      byId: (id) => (id === '' ? load() : this.rowOf(id)),
    });
  }

  /**
   * The result of a query, frozen.
   *
   * @param run must send the arguments that it is given
   */
  query<T>(
    { operation, args: given }: ModelQuery,
    { ttlSeconds, tags = [], cache: cached = true }: ReadOptions,
    run: (delegate: UntypedDelegate, args: object) => Promise<T>,
  ): Promise<T> {
    // Prisma reads its arguments only when the cache has been asked. Were the caller to change them meanwhile, the result of
    // one query would be kept under the name of another.
    const args = this.arguments.checked(given);
    this.counts.reads += 1;
    const load = (): Promise<T> => this.#frozen((delegate) => run(delegate, args));
    const cache = cached && this.#cachesQueries ? this.#usableCache() : null;
    // Arguments that have no text of their own, such as an instance of a class, name no entry.
    const text = cache === null ? null : canonicalArguments(args);
    if (cache === null || text === null) return load();
    const models = readDependencies(this.context.metadata, this.model, args);
    if (models.some((model) => modelOf(this.context.metadata, model).readOnly)) return load();
    const request = {
      models,
      operation,
      text,
      within: this.tags.within(args),
      tags,
      ...(AGGREGATIONS.has(operation) && { ttlMs: this.#aggregationTtlMs }),
      ...(ttlSeconds !== undefined && { ttlMs: ttlMsOf(ttlSeconds) }),
    };
    return cache.query(request, load);
  }

  /** Runs a write of this model with fences before what it changes. */
  async write<Client extends object, T>(
    write: RepositoryWrite,
    run: (prisma: Client) => Promise<T>,
  ): Promise<T> {
    const { pool, metadata } = this.context;
    this.counts.writes += 1;
    const guarded = async (): Promise<T> => run((await this.#prisma()) as Client);
    try {
      if (this.#cache === null) return await guarded();
      const effects = writeEffects(metadata, this.model, write.operation, write.args);
      const tags = knownTags(metadata, this.model, this.key, write, effects);
      const named = namedRows(metadata, this.model, write.args);
      return await this.#cache.write(
        { effects, ids: write.ids, named, tags },
        guarded,
        pool.currentTransaction,
      );
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** Runs a write through the delegate of the transaction that the caller is in. */
  writeOnDelegate<T>(write: RepositoryWrite, run: (delegate: UntypedDelegate) => Promise<T>): Promise<T> {
    return this.write<object, T>(write, async (prisma) => {
      const result = answered(await run(delegateOf(prisma, this.model)));
      return freezeDeep(result);
    });
  }

  /** Runs a query in the transaction that the caller is in, and gives its failures holdfast's types. */
  async onDatabase<T>(query: (delegate: UntypedDelegate) => Promise<T>): Promise<T> {
    return this.#typed(async () => answered(await query(await this.#currentDelegate())));
  }

  async #typed<T>(query: () => Promise<T>): Promise<T> {
    try {
      return await query();
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** Whether this is a field that is unique by itself, or the name of a compound key. */
  isUniqueKey(name: string): boolean {
    const { id, uniques } = this.metadata;
    const fields = this.#fieldsOf(name).join();
    return [id, ...uniques].some((unique) => unique.join() === fields);
  }

  /** @throws WiringError when the model has no such unique key */
  uniqueKey(name: string): EntityKey {
    let key = this.#uniqueKeys.get(name);
    if (key === undefined) {
      const { id } = this.metadata;
      const fields = this.#fieldsOf(name);
      if (!this.isUniqueKey(name)) {
        throw new WiringError(
          `${this.model}.${name} is not unique by itself, so it cannot be looked up by. Without the generator's metadata, ` +
            'no key but the id is known.',
        );
      }
      key = new EntityKey(
        this.metadata,
        fields,
        fields.join() === id.join() ? this.options.idType : undefined,
      );
      this.#uniqueKeys.set(name, key);
    }
    return key;
  }

  /** The fields of the unique key of this name. A field may be called `constructor`, which every object has. */
  #fieldsOf(name: string): readonly string[] {
    const { compoundKeys } = this.metadata;
    return (Object.hasOwn(compoundKeys, name) ? compoundKeys[name] : undefined) ?? [name];
  }

  /** The failure with its type, remembered for `healthCheck`. */
  failure(error: unknown): unknown {
    const typed = toRepositoryError(error, this.model);
    this.counts.errors += 1;
    if (!isRefusal(typed)) this.#lastError = lastErrorOf(typed);
    return typed;
  }

  /** The canonical form of an id, or null where that of a row may have none. */
  #nameOf(id: unknown): string | null {
    if (this.key.fields.length > 0) return this.key.canonicalIfNamed(id);
    throw new WiringError(`${this.model} has no unique key, so nothing can be found by an id.`);
  }

  /** Whether the caller is in no transaction, so that others may be answered with it. */
  get #isOutside(): boolean {
    return this.context.pool.currentTransaction === null;
  }

  async #loadedBy(rows: RowLoader, canonical: string): Promise<object | null> {
    return this.#own(await rows.load(canonical));
  }

  /** A loaded row as one reader's own. Others, and the cache, may be given the same one, of which only Bytes could be changed. */
  #own(row: object | null): object | null {
    const frozen = freezeDeep(row);
    return this.#holdsBytes ? copyMutable(frozen) : frozen;
  }

  #loaderBy(key: EntityKey): RowLoader {
    let rows = this.#loaders.get(key);
    if (rows === undefined) {
      const { pool, prisma, metadata } = this.context;
      const isPlain = isPlainClientOn(originalClient(prisma), pool);
      const batch = isPlain ? BatchLoader.of(pool, metadata, this.model, key.fields, frozenDate) : null;
      rows = new RowLoader(
        key,
        batch === null ? null : (keys) => this.#typed(() => batch.load(keys)),
        (args) => this.onDatabase((delegate) => delegate.findMany(args)),
      );
      this.#loaders.set(key, rows);
    }
    return rows;
  }

  /** The row that has this value in a unique key, as it is in the database. */
  #load(key: EntityKey, value: unknown): Promise<object | null> {
    const filter = key.filter(value);
    if (key.isBoolean) {
      // Prisma asks for several rows of one turn by `in`, which a Boolean does not have.
      const first = this.arguments.checked({ where: filter });
      return this.#frozen((delegate) => delegate.findFirst(first));
    }
    const unique = this.arguments.checked({ where: key.uniqueWhere(filter) });
    return this.#frozen((delegate) => delegate.findUnique(unique));
  }

  async #frozen<T>(query: (delegate: UntypedDelegate) => Promise<T>): Promise<T> {
    return freezeDeep(await this.onDatabase(query));
  }

  /** What a transaction sees is its own, perhaps not committed: it neither comes from the cache nor goes there. */
  #usableCache(): ModelCache | null {
    return this.#isOutside ? this.#cache : null;
  }

  async #prisma(): Promise<object> {
    return (await this.context.pool.prismaInTransaction(this.context.prisma)) ?? this.context.prisma;
  }

  async #currentDelegate(): Promise<UntypedDelegate> {
    // Outside of a transaction, which is most reads, without waiting for a promise.
    if (this.context.pool.currentTransaction === null) return this.#delegate;
    return delegateOf(await this.#prisma(), this.model);
  }
}

/** The name under which a Prisma client has the delegate of a model. */
export function delegateName(model: string): string {
  return model.charAt(0).toLowerCase() + model.slice(1);
}

export function delegateOf(client: object, model: string): UntypedDelegate {
  const property = delegateName(model);
  const delegate: unknown = Reflect.get(client, property);
  if (typeof delegate === 'object' && delegate !== null) return delegate as UntypedDelegate;
  throw new WiringError(
    `The Prisma client has no "${property}". Run "prisma generate" for the schema that has ${model}.`,
  );
}

/** What the repository says, else what the configuration says of each kind. */
function ttlsOf(context: RepositoryContext, { ttlSeconds }: RepositoryOptions) {
  const general = context.defaultTtlSeconds;
  const { entities, queries, aggregations } = context.ttlSeconds ?? {
    entities: general,
    queries: general,
    aggregations: general,
  };
  const said =
    typeof ttlSeconds === 'number' ? { entity: ttlSeconds, query: ttlSeconds } : (ttlSeconds ?? {});
  const ttls = {
    entity: said.entity ?? entities,
    query: said.query ?? queries,
    aggregation: said.query ?? aggregations,
  };
  for (const ttl of Object.values(ttls)) ttlMsOf(ttl);
  return ttls;
}

function ttlMsOf(ttlSeconds: number): number {
  if (Number.isFinite(ttlSeconds) && ttlSeconds > 0) return Math.max(1, Math.round(ttlSeconds * 1_000));
  throw new InvalidArgumentError(`ttlSeconds must be a number above 0, not ${String(ttlSeconds)}.`);
}
