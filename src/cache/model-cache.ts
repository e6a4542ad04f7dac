import { createHash } from 'node:crypto';
import type {
  ModelMetadata,
  NamedRow,
  SchemaMetadata,
  TransactionScope,
  WriteEffects,
} from '../database/index.js';
import { modelOf } from '../database/index.js';
import { EntryCache, type ReadContext } from './entry-cache.js';
import { CODEC_VERSION } from './entry-codec.js';
import type { KeySpace } from './keys.js';
import type { Scope } from './store/shared-store.js';
import type { TargetFinder } from './targets.js';
import type { Writer } from './writer.js';

// A pointer that is wrong is dropped; one that is wrong again belongs to a value that is on the move.
const ATTEMPTS = 2;

/** What the caches of all models share. */
export interface ModelCacheContext {
  readonly read: ReadContext;
  readonly writer: Writer;
  readonly keys: KeySpace;
  readonly metadata: SchemaMetadata;
  readonly targets: TargetFinder;
}

/** A write, as the cache is told of it. */
export interface Change {
  readonly effects: WriteEffects;
  /** Canonical ids of the rows of this model that it names. */
  readonly ids: readonly string[];
  /** Rows of any model that it names. */
  readonly named: readonly NamedRow[];
}

/** What is cached of one model: its rows, which row has a unique value, and the results of queries that begin with it. */
export class ModelCache {
  readonly #context: ModelCacheContext;
  readonly #model: ModelMetadata;
  readonly #ttlMs: number;
  readonly #rows: EntryCache<object>;
  readonly #aliases: EntryCache<string>;
  /** By the models that they read. */
  readonly #queries = new Map<string, EntryCache<unknown>>();

  constructor(context: ModelCacheContext, model: string, ttlSeconds: number) {
    this.#context = context;
    this.#model = modelOf(context.metadata, model);
    this.#ttlMs = Math.round(ttlSeconds * 1000);
    const { keys } = context;
    const scope: Scope = {
      guards: [keys.namespace, keys.rows(this.#model)],
      absence: keys.absence(this.#model),
      shape: shapeOf([this.#model]),
      keyed: true,
    };
    const options = { ttlMs: this.#ttlMs, holdsBytes: hasBytes(this.#model) };
    this.#rows = new EntryCache(context.read, scope, options);
    const aliases = { ...scope, shape: shapeOf([]), keyed: false };
    this.#aliases = new EntryCache(context.read, aliases, { ...options, holdsBytes: false });
  }

  /** The row with this canonical id. */
  row(id: string, load: () => Promise<object | null>): Promise<object | null> {
    return this.#rows.read(this.#context.keys.entity(this.#model, id), load);
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
      if (own !== null) return own.row === null ? null : this.#context.read.codec.freeze(own.row);
      if (id === null) return null;
      const row = await lookup.byId(id);
      if (row !== null && lookup.valueIn(row) === value) return row;
      // It has gone, or given the value up: where to is not known.
      await this.#aliases.drop(key);
    }
    return lookup.load();
  }

  /**
   * The result of a query, which must not be null.
   *
   * @param models every model that it reads
   * @param text names the operation and its arguments, and nothing else does so
   */
  query<T>(models: readonly string[], operation: string, text: string, load: () => Promise<T>): Promise<T> {
    const hash = createHash('sha256').update(text).digest('base64url');
    const key = this.#context.keys.query(this.#model, operation, hash);
    // A query always has a result, if only an empty list.
    return this.#queriesOf(models).read(key, load) as Promise<T>;
  }

  /** Runs a write with fences before what it changes. */
  write<T>(change: Change, run: () => Promise<T>, transaction: TransactionScope | null): Promise<T> {
    const { targets, writer } = this.#context;
    return writer.write(
      targets.ofWrite(this.#model.name, change.effects, change.ids, change.named),
      run,
      transaction,
    );
  }

  #queriesOf(models: readonly string[]): EntryCache<unknown> {
    const name = models.join(',');
    let queries = this.#queries.get(name);
    if (queries === undefined) {
      const { keys, metadata, read } = this.#context;
      const asked = models.map((model) => modelOf(metadata, model));
      const guards = [keys.namespace, ...asked.map((model) => keys.lists(model))];
      const scope = { guards, absence: null, shape: shapeOf(asked), keyed: false };
      queries = new EntryCache(read, scope, { ttlMs: this.#ttlMs, holdsBytes: asked.some(hasBytes) });
      this.#queries.set(name, queries);
    }
    return queries;
  }
}

function hasBytes(model: ModelMetadata): boolean {
  return Object.values(model.fields).some((field) => field.kind === 'scalar' && field.type === 'Bytes');
}

/** Eight characters that change with what Prisma returns for these models, and with how values are written. */
function shapeOf(models: readonly ModelMetadata[]): string {
  const text = [CODEC_VERSION, ...models.map((model) => model.shape)].join(',');
  return createHash('sha256').update(text).digest('base64url').slice(0, 8);
}
