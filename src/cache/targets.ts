import type { ModelMetadata, SchemaMetadata, WriteEffects } from '../database/index.js';
import { fenceMarker, keyTypeOf, modelOf, type NamedRow, type OutboxChange } from '../database/index.js';
import { canonicalOf, type KeySpace } from './keys.js';
import type { Guard, Targets } from './store/shared-store.js';
import type { FencedEffects } from './writer.js';

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
   * What a write through a repository changes.
   *
   * @param ids canonical ids of the rows of this model that the write names
   * @param named rows of any model that it names
   */
  ofWrite(
    model: string,
    effects: WriteEffects,
    ids: readonly string[],
    named: readonly NamedRow[],
  ): FencedEffects {
    const guards = new Map<string, Guard>();
    const add = (guard: Guard): unknown => guards.set(guard.version, guard);
    const own = modelOf(this.#metadata, model);
    for (const effect of effects.models) {
      const touched = modelOf(this.#metadata, effect.model);
      add(this.#keys.lists(touched));
      if (effect.rows === 'any') add(this.#keys.rows(touched));
      if (effect.appears) add(this.#keys.absence(touched));
    }
    if (effects.ownRow && ids.length === 0) add(this.#keys.rows(own));
    return {
      keys: [...new Set([...ids.map((id) => this.#keys.entity(own, id)), ...this.#rows(named)])],
      guards: [...guards.values()],
      marker: this.#marker(effects.tables),
    };
  }

  /** What changes that triggers recorded invalidate. */
  ofChanges(changes: readonly OutboxChange[]): Targets {
    const keys = new Set<string>();
    const guards = new Map<string, Guard>();
    for (const { schema, table, ids } of changes) {
      for (const model of this.#modelsOf(schema, table)) {
        for (const guard of [this.#keys.lists(model), this.#keys.absence(model)])
          guards.set(guard.version, guard);
        if (ids === null || model.id.length !== 1) {
          const rows = this.#keys.rows(model);
          guards.set(rows.version, rows);
        } else for (const id of ids) keys.add(this.#keys.entity(model, id));
      }
      for (const model of this.#joined.get(table) ?? []) {
        const lists = this.#keys.lists(model);
        guards.set(lists.version, lists);
      }
    }
    return { keys: [...keys], guards: [...guards.values()] };
  }

  #rows(named: readonly NamedRow[]): readonly string[] {
    return named.flatMap(({ model, id }) => {
      const metadata = modelOf(this.#metadata, model);
      const field = metadata.fields[metadata.id[0] ?? ''];
      const type = field?.kind === 'scalar' ? keyTypeOf(field) : null;
      const canonical = type === null ? null : canonicalOf(id, type);
      return canonical === null ? [] : [this.#keys.entity(metadata, canonical)];
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
