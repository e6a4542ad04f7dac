import { Cascades } from './cascades.js';
import type { WriteEffects, WriteOperation } from './effects.js';
import { scalarNames } from './foreign-keys.js';
import { NestedWrites } from './nested-writes.js';
import { argumentsOf, givenIn, isGiven } from './prisma-arguments.js';
import { type IndexedModel, indexOf, type SchemaIndex } from './schema-index.js';
import type { SchemaMetadata } from './schema-metadata.js';
import { Touched } from './touched.js';

/** What the writes of one schema touch. Answers that do not depend on the arguments are kept. */
class WritesOfSchema {
  readonly #schema: SchemaIndex;
  readonly #cascades: Cascades;
  readonly #kept = new Map<string, WriteEffects>();
  readonly #inert = new Map<IndexedModel, ReadonlySet<string>>();

  constructor(schema: SchemaIndex) {
    this.#schema = schema;
    this.#cascades = new Cascades(schema);
  }

  effects(model: IndexedModel, operation: WriteOperation, args: unknown): WriteEffects {
    const given = argumentsOf(args) ?? {};
    switch (operation) {
      case 'createMany':
      case 'createManyAndReturn':
        // Rows of these hold columns only, and there may be very many.
        return this.#withoutData(model, operation, false);
      case 'create':
        return this.#withData(model, operation, false, [['new', given['data'] ?? {}]]);
      case 'update':
        return this.#withData(model, operation, namesRow(model, given['where']), [
          ['existing', given['data']],
        ]);
      case 'updateMany':
      case 'updateManyAndReturn':
        return this.#withData(model, operation, false, [['existing', given['data']]]);
      case 'upsert':
        return this.#withData(model, operation, namesRow(model, given['where']), [
          ['new', given['create']],
          ['existing', given['update']],
        ]);
      case 'delete':
        return this.#withoutData(model, operation, namesRow(model, given['where']));
      case 'deleteMany':
        return this.#withoutData(model, operation, false);
    }
  }

  #withData(
    model: IndexedModel,
    operation: WriteOperation,
    ownRow: boolean,
    parts: readonly (readonly ['new' | 'existing', unknown])[],
  ): WriteEffects {
    if (parts.every(([parent, data]) => this.#isInert(model, data, parent))) {
      return this.#withoutData(model, operation, ownRow);
    }
    const touched = this.#ownModel(model, operation, ownRow);
    const nested = new NestedWrites(this.#schema, this.#cascades, touched);
    for (const [parent, data] of parts) nested.walk(model, data, parent);
    if (!touched.unbounded) return touched.toEffects(ownRow);
    return this.#keep(`${model.name} anything ${ownRow}`, () => this.#everything(model).toEffects(ownRow));
  }

  #withoutData(model: IndexedModel, operation: WriteOperation, ownRow: boolean): WriteEffects {
    return this.#keep(`${model.name} ${operation} ${ownRow}`, () => {
      const touched = this.#ownModel(model, operation, ownRow);
      if (operation.startsWith('delete')) touched.include(this.#cascades.ofDelete(model.name));
      return touched.toEffects(ownRow);
    });
  }

  #keep(name: string, make: () => WriteEffects): WriteEffects {
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const effects = make();
    this.#kept.set(name, effects);
    return effects;
  }

  #ownModel(model: IndexedModel, operation: WriteOperation, ownRow: boolean): Touched {
    const isCreate = operation.startsWith('create');
    const rows = isCreate || ownRow ? 'none' : 'any';
    return new Touched().model(model.name, rows, isCreate || operation === 'upsert').table(model.table);
  }

  /** Columns only, none of which anything follows: the data of most writes. */
  #isInert(model: IndexedModel, data: unknown, parent: 'new' | 'existing'): boolean {
    const given = argumentsOf(data);
    if (given === null) return false;
    const inert = this.#inertColumns(model);
    for (const name in given) {
      if (inert.has(name) || !isGiven(given[name])) continue;
      if (parent === 'existing' || model.fields.get(name)?.kind !== 'scalar') return false;
    }
    return true;
  }

  /** The columns whose change concerns no other row and no key. */
  #inertColumns(model: IndexedModel): ReadonlySet<string> {
    const found = this.#inert.get(model);
    if (found !== undefined) return found;
    const inert = new Set(
      scalarNames(model.metadata).filter((name) => this.#cascades.ofChange(model.name, name).isNothing()),
    );
    this.#inert.set(model, inert);
    return inert;
  }

  #everything(model: IndexedModel): Touched {
    const touched = new Touched();
    for (const name of this.#schema.reachableFrom(model.name)) {
      const { table, relations } = this.#schema.model(name);
      touched.model(name, 'any', true).table(table);
      for (const { field } of relations.values()) {
        if (field.joinTable !== null) touched.table(field.joinTable);
      }
    }
    return touched;
  }
}

const known = new WeakMap<SchemaMetadata, WritesOfSchema>();

/**
 * What a Prisma write may touch, nested writes and cascades included. More than it does touch in the end, never less;
 * of data that it does not understand it says all that relations lead to. Triggers of the database, and models that
 * the schema hides with `@@ignore`, are beyond it.
 *
 * @param args the arguments of the delegate's method; they are only read
 * @throws WiringError when the schema has no such model
 */
export function writeEffects(
  metadata: SchemaMetadata,
  model: string,
  operation: WriteOperation,
  args: unknown,
): WriteEffects {
  let writes = known.get(metadata);
  if (writes === undefined) {
    writes = new WritesOfSchema(indexOf(metadata));
    known.set(metadata, writes);
  }
  return writes.effects(indexOf(metadata).model(model), operation, args);
}

/** Whether a `where` holds the whole primary key. */
function namesRow({ metadata, fields }: IndexedModel, where: unknown): boolean {
  const given = argumentsOf(where);
  if (given === null || metadata.id.length === 0) return false;
  const [only] = metadata.id;
  if (metadata.id.length === 1) return only !== undefined && isValue(given[only]);
  // A key of several fields goes by a name of its own, which `@@id(name:)` may have chosen.
  return givenIn(given).some(([name, value]) => {
    const parts = fields.has(name) ? null : argumentsOf(value);
    return parts !== null && metadata.id.every((field) => isValue(parts[field]));
  });
}

function isValue(value: unknown): boolean {
  return value !== null && isGiven(value);
}
