import type { ModelMetadata, SchemaMetadata, WriteEffects } from '../database/index.js';
import { fenceMarker, modelOf, type NamedRow, type OutboxChange } from '../database/index.js';
import { canonicalKey, type KeySpace } from './keys.js';
import type { EntryKey, Guard, Targets } from './store/shared-store.js';
import type { FencedEffects } from './writer.js';

// More rows of a model, or more tags, are not fenced one by one: a script that takes long holds up everybody else's.
const MAX_ROWS = 1_000;
const MAX_TAGS = 200;

/** A write, as the cache is told of it. */
export interface Change {
  readonly effects: WriteEffects;
  /** Canonical ids of the rows of this model that it names. */
  readonly ids: readonly string[];
  /** Rows of any model that it names. */
  readonly named: readonly NamedRow[];
  /**
   * The tags of all rows of this model that it changes, before and after, also of those that are nested in it or follow from
   * foreign keys; null where not all of them are known.
   */
  readonly tags: readonly string[] | null;
}

/** Says in the cache's terms what a write changes. */
export class TargetFinder {
  readonly #keys: KeySpace;
  readonly #metadata: SchemaMetadata;
  readonly #outboxSchema: string;
  readonly #markers = new Map<string, string | null>();
  readonly #byTable = new Map<string, readonly ModelMetadata[]>();
  readonly #joined = new Map<string, Set<ModelMetadata>>();

  constructor(keys: KeySpace, metadata: SchemaMetadata, outboxSchema: string) {
    this.#keys = keys;
    this.#metadata = metadata;
    this.#outboxSchema = outboxSchema;
    for (const model of Object.values(metadata.models)) {
      this.#byTable.set(model.table, [...(this.#byTable.get(model.table) ?? []), model]);
      for (const field of Object.values(model.fields)) {
        if (field.kind !== 'relation' || field.joinTable === null) continue;
        const table = field.joinTable.slice(field.joinTable.lastIndexOf('.') + 1);
        this.#joined.set(table, (this.#joined.get(table) ?? new Set()).add(model));
      }
    }
  }

  /**
   * What a write through the repository of this model changes.
   *
   * @param rule by which its tags are known
   */
  ofWrite(model: string, change: Change, rule: string): FencedEffects {
    const { effects, ids } = change;
    const guards = new Guards();
    const own = modelOf(this.#metadata, model);
    for (const effect of effects.models) {
      const touched = modelOf(this.#metadata, effect.model);
      if (touched === own) this.#addQueries(own, change, guards);
      else guards.add(this.#keys.lists(touched));
      if (effect.rows === 'any') guards.add(this.#keys.rows(touched));
      if (effect.appears) guards.add(this.#keys.absence(touched));
    }
    if (effects.ownRow && ids.length === 0) guards.add(this.#keys.rows(own));
    const keys = this.#rowsOf(own, change, guards);
    if (isKnown(change.tags)) guards.add(this.#keys.otherRules(own, rule));
    return { keys, guards: guards.all, marker: this.#marker(effects.tables) };
  }

  /** What changes that triggers recorded invalidate. */
  ofChanges(changes: readonly OutboxChange[]): Targets {
    const keys = new Set<string>();
    const guards = new Guards();
    for (const { schema, table, ids } of changes) {
      for (const model of this.#modelsOf(schema, table)) {
        guards.add(this.#keys.lists(model)).add(this.#keys.absence(model));
        if (ids === null || model.id.length !== 1) guards.add(this.#keys.rows(model));
        else for (const id of ids) keys.add(this.#keys.entity(model, id));
      }
      for (const model of this.#joined.get(table) ?? []) guards.add(this.#keys.lists(model));
    }
    return { keys: [...keys], guards: guards.all };
  }

  /** Queries that see rows of any tag hang on `lists` and `taggedChanges`, those within a tag on `lists` and the tag. */
  #addQueries(own: ModelMetadata, { tags }: Change, guards: Guards): void {
    if (!isKnown(tags)) guards.add(this.#keys.lists(own));
    else {
      guards.add(this.#keys.taggedChanges(own));
      for (const tag of tags) guards.add(this.#keys.tag(tag));
    }
  }

  /** The rows that a write names, or the guard of all rows of their model, where it is not known which they are. */
  #rowsOf(own: ModelMetadata, { ids, named }: Change, guards: Guards): readonly EntryKey[] {
    const rows = new Map<ModelMetadata, Set<string> | 'any'>([[own, new Set(ids)]]);
    for (const { model, id } of named) {
      const metadata = modelOf(this.#metadata, model);
      const known = rows.get(metadata) ?? new Set();
      const canonical = id === null ? null : canonicalKey(metadata, id);
      rows.set(metadata, id === null ? 'any' : known);
      if (known !== 'any' && canonical !== null) known.add(canonical);
    }
    return [...rows].flatMap(([model, known]) => {
      if (known !== 'any' && known.size <= MAX_ROWS)
        return [...known].map((id) => this.#keys.entity(model, id));
      guards.add(this.#keys.rows(model));
      return [];
    });
  }

  #modelsOf(schema: string, table: string): readonly ModelMetadata[] {
    return (this.#byTable.get(table) ?? []).filter(
      (model) => model.schema === null || model.schema === schema,
    );
  }

  #marker(tables: readonly string[]): string | null {
    const name = tables.join(',');
    let marker = this.#markers.get(name);
    if (marker === undefined) {
      marker = fenceMarker(this.#outboxSchema, tables);
      this.#markers.set(name, marker);
    }
    return marker;
  }
}

function isKnown(tags: readonly string[] | null): tags is readonly string[] {
  return tags !== null && tags.length <= MAX_TAGS;
}

/** Guards, each once. */
class Guards {
  readonly #guards = new Map<string, Guard>();

  add(guard: Guard): this {
    this.#guards.set(guard.version, guard);
    return this;
  }

  get all(): readonly Guard[] {
    return [...this.#guards.values()];
  }
}
