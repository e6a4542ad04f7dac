import { AsyncResource } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import type { ModelMetadata, SchemaMetadata, TransactionScope } from '../database/index.js';
import { hasBytes, modelOf } from '../database/index.js';
import { EntryCache } from './entry-cache.js';
import { EntryCachePool } from './entry-cache-pool.js';
import { checkedTags, checkedTtlMs } from './entry-options.js';
import type { KeySpace } from './keys.js';
import type { KnownKey } from './near/known-keys.js';
import type { ReadContext } from './read-context.js';
import type { Load } from './reading.js';
import type { ReadSampling, SampledEntries } from './sampling/read-sampling.js';
import { shapeOf } from './shape.js';
import type { Meter } from './statistics/meters.js';
import type { CacheStatistics } from './statistics.js';
import type { Guard, Scope } from './store/shared-store.js';
import type { Change, TargetFinder } from './targets.js';
import type { Writer } from './writer.js';

// A pointer that is wrong is dropped; one that is wrong again belongs to a value that is on the move.
const ATTEMPTS = 2;
// More rows are not named one by one: a script that takes long holds up everybody else's.
const MAX_ROWS = 1_000;

/** What the caches of all models share. */
export interface ModelCacheContext {
  readonly read: ReadContext;
  readonly writer: Writer;
  readonly keys: KeySpace;
  readonly metadata: SchemaMetadata;
  readonly targets: TargetFinder;
  /** Looks closer at some of the hits. */
  readonly sampling: ReadSampling;
}

/** Reads rows from the database. */
export type RowLoad = Load<object>;

/** How a model is cached. */
export interface ModelCacheOptions {
  /** How long what is cached is kept. */
  readonly ttlSeconds: { readonly entity: number; readonly query: number };
  /**
   * The rules by which tags follow from a row, such as templates: any texts that change when they do. Processes that go by
   * other rules do not know these tags; their writes invalidate all queries within one.
   *
   * @default none
   */
  readonly tagging?: readonly string[];
}

/** A query of a model, as the cache is told of it. */
export interface QueryRequest {
  /** Every model that it reads. */
  readonly models: readonly string[];
  readonly operation: string;
  /** Names, with the operation, the query and nothing else. */
  readonly text: string;
  /**
   * A tag that all rows bear which the query can see of its own model, so that changes of other rows leave the result alone;
   * null: it sees rows of any tag.
   *
   * @default null
   */
  readonly within?: string | null;
  /** Tags of the caller, by which the result can be invalidated besides. */
  readonly tags?: readonly string[];
  /** @default that of the model */
  readonly ttlMs?: number;
}

/** What is cached of one model: its rows, which row has a unique value, and the results of queries that begin with it. */
export class ModelCache {
  readonly #context: ModelCacheContext;
  readonly #read: ReadContext;
  readonly #meter: Meter;
  readonly #model: ModelMetadata;
  readonly #queryTtlMs: number;
  readonly #rule: string;
  /** Before the id and the brace that end the key of a row. */
  readonly #rowKeyBeginning: string;
  readonly #rows: EntryCache<object>;
  readonly #aliases: EntryCache<string>;
  /** Rows that were read lately, by what readers called them. */
  readonly #known: Map<unknown, KnownKey>;
  /** By the models that they read. */
  readonly #queries = new Map<string, EntryCache<unknown>>();
  /** By those and their tags. */
  readonly #taggedQueries = new EntryCachePool();

  /**
   * @param meter of this model alone
   * @throws InvalidArgumentError when a time is none
   */
  constructor(
    context: ModelCacheContext,
    model: string,
    { ttlSeconds, tagging = [] }: ModelCacheOptions,
    meter: Meter,
  ) {
    this.#context = context;
    this.#meter = meter;
    const { counters, latencies } = meter;
    this.#read = Object.freeze({ ...context.read, counters, latencies });
    this.#known = context.read.near?.known.table() ?? new Map();
    this.#model = modelOf(context.metadata, model);
    this.#rule = shapeOf([this.#model], [...tagging].sort());
    this.#queryTtlMs = checkedTtlMs(ttlSeconds.query * 1_000);
    const { keys } = context;
    this.#rowKeyBeginning = keys.entity(this.#model, '').slice(0, -1);
    const scope: Scope = {
      guards: [keys.namespace, keys.rows(this.#model)],
      absence: keys.absence(this.#model),
      shape: shapeOf([this.#model]),
      keyed: true,
    };
    const options = { ttlMs: checkedTtlMs(ttlSeconds.entity * 1_000), holdsBytes: hasBytes(this.#model) };
    this.#rows = new EntryCache(this.#read, scope, { ...options, sampled: rowsOf(this.#model, keys) });
    const aliases = { ...scope, shape: shapeOf([]), keyed: false };
    this.#aliases = new EntryCache(this.#read, aliases, { ...options, holdsBytes: false });
  }

  /**
   * The row with this canonical id. `load` is given it again.
   *
   * @param given what the reader calls it by, for `rowInMemory`
   */
  row(id: string, load: RowLoad, given?: unknown): Promise<object | null> {
    const key = `${this.#rowKeyBeginning}${id}}`;
    const remembered = this.#rows.readNear(key, load, id);
    if (remembered === null) return this.#rows.readShared(key, load, id);
    // Not before it is there, and was asked for again: most of what is read once is never read again.
    if (typeof given === 'string' || typeof given === 'number') {
      this.#read.near?.known.add(this.#known, given, { key, id });
    }
    return remembered;
  }

  /**
   * The row that readers call by this id, where memory can answer; null where it cannot. Checking an id, making the key of it
   * and hashing that costs more than all the rest of such a hit.
   */
  rowInMemory(given: unknown, load: RowLoad): Promise<object | null> | null {
    const known = this.#known.get(given);
    return known === undefined ? null : this.#rows.readNear(known.key, load, known.id);
  }

  /**
   * The row that has this value in this unique field. What is cached is only which row that was: the row itself is read
   * as any other, and where it no longer has the value, the database is asked.
   *
   * @param value canonical
   * @param lookup `load` asks the database; `byId` reads a row by its id, from the cache where it can
   */
  async rowByUnique<Row extends object>(
    field: string,
    value: string,
    lookup: {
      readonly idOf: (row: Row) => string;
      readonly valueIn: (row: Row) => string | null;
      readonly load: () => Promise<Row | null>;
      readonly byId: (id: string) => Promise<Row | null>;
    },
  ): Promise<Row | null> {
    const key = this.#context.keys.alias(this.#model, field, value);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      let loaded: { readonly row: Row | null } | null = null;
      const id = await this.#aliases.read(key, async () => {
        const row = await lookup.load();
        loaded = { row };
        return row === null ? null : lookup.idOf(row);
      });
      // The one whose load it was has the row already; those who joined it read it by its id.
      const own = loaded as { readonly row: Row | null } | null;
      if (own !== null) return own.row === null ? null : this.#read.codec.freeze(own.row);
      if (id === null) return null;
      const row = await lookup.byId(id);
      if (row !== null && lookup.valueIn(row) === value) return row;
      // It has gone, or given the value up: where to is not known.
      await this.#aliases.drop(key);
    }
    return lookup.load();
  }

  /**
   * The result of a query, frozen. A null or undefined one is not kept.
   *
   * @throws InvalidArgumentError when it has more than 100 tags, or its time is none
   */
  query<T>(request: QueryRequest, load: () => Promise<T>): Promise<T> {
    const { models, operation, text, within = null, ttlMs } = request;
    const tags = checkedTags(request.tags ?? []);
    const isTagged = within !== null || tags.length > 0;
    const cache = isTagged ? this.#taggedQueriesOf(models, within, tags) : this.#queriesOf(models);
    const key = this.#context.keys.query(this.#model, operation, hashOf(text, within, tags));
    // It may run in the turn of another reader, but must be traced to this one.
    const own = AsyncResource.bind(load);
    return cache.read(key, own, '', ttlMs === undefined ? undefined : checkedTtlMs(ttlMs)) as Promise<T>;
  }

  /** Runs a write with fences before what it changes. */
  write<T>(change: Change, run: () => Promise<T>, transaction: TransactionScope | null): Promise<T> {
    const { targets, writer } = this.#context;
    return writer.write(targets.ofWrite(this.#model.name, change, this.#rule), run, transaction);
  }

  /**
   * Invalidates rows, for a change that came from elsewhere. Resolves to whether the store has confirmed it, when the near
   * caches of all processes have dropped them.
   *
   * @param ids canonical
   */
  async invalidateRows(ids: readonly string[]): Promise<boolean> {
    if (ids.length === 0) return true;
    this.#meter.counters.keysInvalidated += ids.length;
    const { keys, writer } = this.#context;
    const targets =
      ids.length > MAX_ROWS
        ? { keys: [], guards: [keys.rows(this.#model)] }
        : { keys: ids.map((id) => keys.entity(this.#model, id)), guards: [] };
    return writer.invalidate(targets, { near: 'awaited' });
  }

  /** Invalidates all that is cached of this model: rows, queries that read it, and that there is none. As `invalidateRows`. */
  invalidateAll(): Promise<boolean> {
    this.#meter.counters.modelsInvalidated += 1;
    const { keys, writer } = this.#context;
    // That there is none hangs on the guard of the rows as well.
    const guards = [keys.rows(this.#model), keys.lists(this.#model)];
    return writer.invalidate({ keys: [], guards }, { near: 'awaited' });
  }

  /**
   * What the reads of this model came to. Round trips and failures are counted for all models together, since reads of
   * several share them: they are 0 here, and so is what concerns no model.
   */
  getStatistics(): CacheStatistics {
    return this.#meter.getStatistics();
  }

  #queriesOf(models: readonly string[]): EntryCache<unknown> {
    const name = models.join(',');
    let queries = this.#queries.get(name);
    if (queries === undefined) {
      queries = this.#newQueries(models, null, []);
      this.#queries.set(name, queries);
    }
    return queries;
  }

  #taggedQueriesOf(
    models: readonly string[],
    within: string | null,
    tags: readonly string[],
  ): EntryCache<unknown> {
    const name = JSON.stringify([models, within, tags]);
    return this.#taggedQueries.get(name, () => this.#newQueries(models, within, tags));
  }

  #newQueries(
    models: readonly string[],
    within: string | null,
    tags: readonly string[],
  ): EntryCache<unknown> {
    const { keys, metadata } = this.#context;
    const asked = models.map((model) => modelOf(metadata, model));
    const named = within === null ? tags : [within, ...tags];
    const guards: readonly Guard[] = [
      keys.namespace,
      ...asked.map((model) => keys.lists(model)),
      ...asked
        .filter((model) => within === null || model !== this.#model)
        .map((model) => keys.taggedChanges(model)),
      ...[...new Set(named)].map((tag) => keys.tag(tag)),
      ...(within === null ? [] : [keys.otherRules(this.#model, this.#rule)]),
    ];
    const scope = { guards, absence: null, shape: shapeOf(asked), keyed: false };
    return new EntryCache(this.#read, scope, {
      ttlMs: this.#queryTtlMs,
      holdsBytes: asked.some(hasBytes),
      sampled: { model: this.#model.name, checkedAs: 'query', nameOf: () => null },
    });
  }
}

/** A query of tags has another entry than the same one without: it hangs on something else. */
function hashOf(text: string, within: string | null, tags: readonly string[]): string {
  const hash = createHash('sha256').update(text);
  if (within === null && tags.length === 0) return hash.digest('base64url');
  return `${hash.update(`\0${JSON.stringify([within, tags])}`).digest('base64url')}+`;
}

function rowsOf(model: ModelMetadata, keys: KeySpace): SampledEntries {
  // Before the brace that ends every key of a row.
  const idAt = keys.entity(model, '').length - 1;
  return { model: model.name, checkedAs: 'row', nameOf: (key) => key.slice(idAt, -1) };
}
