import { WiringError } from '../../errors.js';
import { type ForeignKey, foreignKeysOf } from './foreign-keys.js';
import { type IndexedRelation, indexRelations } from './indexed-relation.js';
import type { FieldMetadata, ModelMetadata, SchemaMetadata } from './schema-metadata.js';

/** One model with what is asked of it at every call, worked out once. */
export interface IndexedModel {
  readonly metadata: ModelMetadata;
  readonly name: string;
  /** The name alone in a list. */
  readonly alone: readonly string[];
  /** The table with its schema, as in `WriteEffects.tables`. */
  readonly table: string;
  readonly fields: ReadonlyMap<string, FieldMetadata>;
  readonly relations: ReadonlyMap<string, IndexedRelation>;
  /** Every field that is part of a unique key. */
  readonly keyFields: ReadonlySet<string>;
  /** The foreign keys, of this model or another, that name rows of this model. */
  readonly referencedBy: readonly ForeignKey[];
}

/** A schema's models, each with what is asked of it at every call. */
export class SchemaIndex {
  readonly #models: ReadonlyMap<string, IndexedModel>;
  readonly #reachable = new Map<string, readonly string[]>();

  constructor(metadata: SchemaMetadata) {
    const foreignKeys = foreignKeysOf(metadata);
    this.#models = new Map(
      Object.entries(metadata.models).map(([name, model]) => [
        name,
        {
          metadata: model,
          name,
          alone: Object.freeze([name]),
          table: qualifiedTable(model),
          fields: new Map(Object.entries(model.fields)),
          relations: indexRelations(metadata, model),
          keyFields: new Set([...model.id, ...model.uniques.flat()]),
          referencedBy: foreignKeys.filter((key) => key.target === name),
        },
      ]),
    );
  }

  /** @throws WiringError when the schema has no such model */
  model(name: string): IndexedModel {
    const found = this.#models.get(name);
    if (found !== undefined) return found;
    const known = [...this.#models.keys()].join(', ');
    throw new WiringError(`The schema has no model "${name}". It has: ${known}.`);
  }

  get models(): Iterable<IndexedModel> {
    return this.#models.values();
  }

  /** The model itself and every model that relations lead to from it, over any number of steps; sorted. */
  reachableFrom(name: string): readonly string[] {
    const known = this.#reachable.get(name);
    if (known !== undefined) return known;
    const found = new Set([name]);
    for (const each of found) {
      for (const { target } of this.model(each).relations.values()) found.add(target);
    }
    const sorted = Object.freeze([...found].sort());
    this.#reachable.set(name, sorted);
    return sorted;
  }
}

const indexes = new WeakMap<SchemaMetadata, SchemaIndex>();

/** The index of this metadata; made at the first call. */
export function indexOf(metadata: SchemaMetadata): SchemaIndex {
  const known = indexes.get(metadata);
  if (known !== undefined) return known;
  const index = new SchemaIndex(metadata);
  indexes.set(metadata, index);
  return index;
}

function qualifiedTable({ schema, table }: ModelMetadata): string {
  return schema === null ? table : `${schema}.${table}`;
}
