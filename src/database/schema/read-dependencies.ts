import { argumentsOf, givenIn, isGiven, itemsOf } from './prisma-arguments.js';
import { type IndexedModel, indexOf, type SchemaIndex } from './schema-index.js';
import type { SchemaMetadata } from './schema-metadata.js';

const LOGICAL = new Set(['AND', 'OR', 'NOT']);
const RELATION_FILTERS = new Set(['some', 'every', 'none', 'is', 'isNot']);
const AGGREGATES = new Set(['_count', '_avg', '_sum', '_min', '_max']);
/** Arguments that speak of no other model, whatever they hold. */
const OF_THE_MODEL_ALONE = new Set([
  ...AGGREGATES,
  'by',
  'distinct',
  'omit',
  'relationLoadStrategy',
  'skip',
  'take',
]);

/**
 * The models whose rows decide what a Prisma read returns, the model itself among them; sorted. Of arguments that it
 * does not understand it says all that relations lead to; of a view, whose tables are not known, all that there are.
 *
 * @param args the arguments of the delegate's method; they are only read
 * @throws WiringError when the schema has no such model
 */
export function readDependencies(metadata: SchemaMetadata, model: string, args: unknown): readonly string[] {
  const schema = indexOf(metadata);
  const start = schema.model(model);
  if (!start.metadata.readOnly && readsColumnsOnly(start, args)) return start.alone;
  const reading = new DependencyReading(schema);
  reading.arguments(start, args);
  return reading.dependencies(start);
}

/**
 * Whether, of the model's own rows, only those that the top-level `where` lets through decide what a Prisma read returns:
 * whatever becomes of the others, before and after which `where` does not let them through, the result stays the same. Not
 * where a relation leads back to the model, since other rows are seen through it; nor with a `cursor`, which is a row that
 * `where` need not let through. False also for arguments that are not understood.
 *
 * @param args the arguments of the delegate's method; they are only read
 * @throws WiringError when the schema has no such model
 */
export function seesOnlyMatchingRows(metadata: SchemaMetadata, model: string, args: unknown): boolean {
  const schema = indexOf(metadata);
  const start = schema.model(model);
  const given = argumentsOf(args ?? {});
  if (start.metadata.readOnly || given === null || isGiven(given['cursor'])) return false;
  if (readsColumnsOnly(start, given)) return true;
  const reading = new DependencyReading(schema);
  reading.arguments(start, given);
  return reading.isSeenOnce(start);
}

/** Whether the arguments are the usual: a filter and an order by columns. */
function readsColumnsOnly(model: IndexedModel, args: unknown): boolean {
  const given = argumentsOf(args ?? {});
  if (given === null) return false;
  for (const name in given) {
    if (OF_THE_MODEL_ALONE.has(name)) continue;
    if (name !== 'where' && name !== 'orderBy' && name !== 'cursor') return false;
    for (const item of itemsOf(given[name] ?? {})) {
      for (const key in argumentsOf(item) ?? { '': null }) {
        if (model.fields.get(key)?.kind !== 'scalar') return false;
      }
    }
  }
  return true;
}

/** Collects the models that one read speaks of. */
class DependencyReading {
  readonly #schema: SchemaIndex;
  readonly #models = new Set<IndexedModel>();
  /** Models that were come to more than once. */
  readonly #again = new Set<IndexedModel>();
  #unbounded = false;

  constructor(schema: SchemaIndex) {
    this.#schema = schema;
  }

  dependencies(start: IndexedModel): readonly string[] {
    this.#models.add(start);
    const names = this.#unbounded ? this.#schema.reachableFrom(start.name) : [...this.#models].map(nameOf);
    const readsView = names.some((name) => this.#schema.model(name).metadata.readOnly);
    return Object.freeze((readsView ? [...this.#schema.models].map(nameOf) : [...names]).sort());
  }

  /** Whether nothing leads back to where the read began, as far as that can be told. */
  isSeenOnce(start: IndexedModel): boolean {
    const readsView = [...this.#models].some(({ metadata }) => metadata.readOnly);
    return !this.#unbounded && !readsView && !this.#again.has(start);
  }

  /** The arguments of a read, or of a relation that is included in one. */
  arguments(model: IndexedModel, args: unknown): void {
    this.#comesTo(model);
    // `include: { owner: true }`, and a read without arguments.
    if (args === undefined || typeof args === 'boolean') return;
    for (const [name, value] of this.#entries(args)) {
      if (OF_THE_MODEL_ALONE.has(name)) continue;
      if (name === 'where' || name === 'having' || name === 'cursor') this.#where(model, value);
      else if (name === 'orderBy') this.#orderBy(model, value);
      else if (name === 'include' || name === 'select') this.#selection(model, value);
      else this.#unbounded = true;
    }
  }

  #comesTo(model: IndexedModel): void {
    if (this.#models.has(model)) this.#again.add(model);
    this.#models.add(model);
  }

  #where(model: IndexedModel, where: unknown): void {
    for (const [name, value] of this.#entriesOfAll(where)) {
      const relation = model.relations.get(name);
      if (relation !== undefined) this.#relationFilter(this.#schema.model(relation.target), value);
      else if (LOGICAL.has(name)) this.#where(model, value);
      else if (!model.fields.has(name) && !isCompoundKey(model, value)) this.#unbounded = true;
    }
  }

  #relationFilter(target: IndexedModel, filter: unknown): void {
    this.#comesTo(target);
    if (filter === null) return;
    for (const [name, value] of this.#entries(filter)) {
      if (!RELATION_FILTERS.has(name)) this.#where(target, { [name]: value });
      else if (target.fields.has(name)) this.#unbounded = true;
      else if (value !== null) this.#where(target, value);
    }
  }

  #orderBy(model: IndexedModel, order: unknown): void {
    for (const [name, value] of this.#entriesOfAll(order)) {
      const relation = model.relations.get(name);
      if (relation !== undefined) {
        const target = this.#schema.model(relation.target);
        this.#comesTo(target);
        this.#orderBy(target, value);
      } else if (!model.fields.has(name) && !AGGREGATES.has(name) && name !== '_relevance') {
        this.#unbounded = true;
      }
    }
  }

  #selection(model: IndexedModel, selection: unknown): void {
    for (const [name, value] of this.#entries(selection)) {
      if (value === false) continue;
      const relation = model.relations.get(name);
      if (relation !== undefined) this.arguments(this.#schema.model(relation.target), value);
      else if (name === '_count') this.#counts(model, value);
      // `count({ select: { _all: true } })`
      else if (!model.fields.has(name) && name !== '_all') this.#unbounded = true;
    }
  }

  /** How many rows relations lead to: all that lead to many, or the selected. */
  #counts(model: IndexedModel, counted: unknown): void {
    if (counted !== true) {
      for (const [, value] of this.#entries(counted)) this.#selection(model, value);
      return;
    }
    for (const { field, target } of model.relations.values()) {
      if (field.list) this.#comesTo(this.#schema.model(target));
    }
  }

  #entriesOfAll(value: unknown): [string, unknown][] {
    return itemsOf(value).flatMap((item) => this.#entries(item));
  }

  /** The arguments that are given. Where there should be some and is something else, nothing is known any more. */
  #entries(value: unknown): [string, unknown][] {
    const given = argumentsOf(value);
    if (given !== null) return givenIn(given);
    this.#unbounded = true;
    return [];
  }
}

/** `{ teamId_seat: { teamId, seat } }`: whatever the name is, it can speak of these columns only. */
function isCompoundKey(model: IndexedModel, value: unknown): boolean {
  const parts = argumentsOf(value);
  if (parts === null) return false;
  const names = Object.keys(parts);
  return names.length > 0 && names.every((name) => model.fields.get(name)?.kind === 'scalar');
}

function nameOf(model: IndexedModel): string {
  return model.name;
}
