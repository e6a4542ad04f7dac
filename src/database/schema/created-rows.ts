import { keyTypeOf } from './entity-key.js';
import type { NamedRow } from './named-row.js';
import { type Arguments, argumentsOf, givenIn, isGiven, itemsOf } from './prisma-arguments.js';
import { isPlainObject } from './prisma-values.js';
import type { IndexedModel, SchemaIndex } from './schema-index.js';

/**
 * What is known of a value that a row gets: the value itself; that it is new, so that no row can have had it before; or
 * nothing.
 */
type Part = { readonly value: unknown } | 'new' | 'unknown';

/** The values of a row's fields, as far as they are known. */
type PartOf = (field: string) => Part;

const DEEPEST = 64;
const NOTHING: ReadonlyMap<string, Part> = new Map();

/**
 * Finds the rows that a write creates, or moves, under an id that does not stand in one place: of several fields, or of one
 * that is a foreign key, so that it follows from the row that it is nested in or connected to. Where that cannot be told, it
 * may be any row of the model.
 */
export class CreatedRows {
  readonly #schema: SchemaIndex;
  readonly #rows: NamedRow[];

  /** @param rows takes what is found */
  constructor(schema: SchemaIndex, rows: NamedRow[]) {
    this.#schema = schema;
    this.#rows = rows;
  }

  /** Walks through the arguments of a write of this model. */
  ofWrite(model: IndexedModel, args: unknown): void {
    const given = argumentsOf(args);
    if (given === null) return;
    const { where, data, create, update } = given;
    if (isGiven(create)) this.#create(model, create, NOTHING, 0);
    if (isGiven(update)) this.#change(model, update, where, 0);
    if (!isGiven(data)) return;
    for (const item of itemsOf(data)) {
      if (isGiven(where)) this.#change(model, item, where, 0);
      else this.#create(model, item, NOTHING, 0);
    }
  }

  /** @param inherited values of fields that follow from the row that this one is nested in */
  #create(model: IndexedModel, data: unknown, inherited: ReadonlyMap<string, Part>, depth: number): void {
    const given = argumentsOf(data);
    if (given === null || depth > DEEPEST) return;
    const partOf: PartOf = (field) =>
      this.#written(model, given, field) ?? inherited.get(field) ?? omitted(model, field);
    if (isComposed(model)) this.#name(model, partOf);
    this.#descend(model, given, partOf, depth);
  }

  /** A row that was there. Its id changes perhaps, and then it may take the place of another. */
  #change(model: IndexedModel, data: unknown, where: unknown, depth: number): void {
    const given = argumentsOf(data);
    if (given === null || depth > DEEPEST) return;
    const filter = argumentsOf(where);
    const partOf: PartOf = (field) =>
      this.#written(model, given, field) ??
      (filter === null ? null : asked(model, filter, field)) ??
      'unknown';
    const isMoved = model.metadata.id.some((field) => this.#written(model, given, field) !== null);
    if (isMoved && isComposed(model)) this.#name(model, partOf);
    this.#descend(model, given, partOf, depth);
  }

  #name(model: IndexedModel, partOf: PartOf): void {
    const { id, name } = model.metadata;
    const parts = id.map(partOf);
    if (parts.includes('new')) return;
    const values = parts.map((part) => (typeof part === 'string' ? undefined : part.value));
    const isKnown = !parts.includes('unknown');
    const whole =
      id.length === 1 ? values[0] : Object.fromEntries(id.map((field, index) => [field, values[index]]));
    this.#rows.push({ model: name, id: isKnown ? whole : null });
  }

  /** Creations in the relations of a row. */
  #descend(model: IndexedModel, given: Arguments, partOf: PartOf, depth: number): void {
    for (const [name, value] of givenIn(given)) {
      const relation = model.relations.get(name);
      const operations = argumentsOf(value);
      if (relation === undefined || operations === null) continue;
      const target = this.#schema.model(relation.target);
      // The rows of the other side that hold the key get its values from this one.
      const inherited = new Map(relation.heldThere.map(([field, reference]) => [field, partOf(reference)]));
      for (const [operation, argument] of givenIn(operations)) {
        this.#operation(target, operation, argument, inherited, depth + 1);
      }
    }
  }

  #operation(
    target: IndexedModel,
    operation: string,
    argument: unknown,
    inherited: ReadonlyMap<string, Part>,
    depth: number,
  ): void {
    if (operation === 'createMany') {
      for (const data of itemsOf(argumentsOf(argument)?.['data']))
        this.#create(target, data, inherited, depth);
      return;
    }
    for (const item of itemsOf(argument)) {
      const given = argumentsOf(item);
      if (given === null) continue;
      if (operation === 'create') this.#create(target, given, inherited, depth);
      if (operation === 'connectOrCreate' || operation === 'upsert')
        this.#create(target, given['create'], inherited, depth);
      if (operation === 'upsert') this.#change(target, given['update'], given['where'], depth);
      if (operation === 'update') {
        // Of a to-one relation Prisma also takes the data as it is.
        const isWrapped = isGiven(given['data']);
        this.#change(target, isWrapped ? given['data'] : given, isWrapped ? given['where'] : null, depth);
      }
    }
  }

  /** What the data writes to a field; null where it leaves it alone. */
  #written(model: IndexedModel, data: Arguments, field: string): Part | null {
    const value = data[field];
    if (isGiven(value)) return partOfValue(value);
    for (const [name, relation] of model.relations) {
      const position = relation.field.fields.indexOf(field);
      if (position === -1 || !isGiven(data[name])) continue;
      const reference = relation.field.references[position] ?? '';
      return this.#connected(this.#schema.model(relation.target), data[name], reference);
    }
    return null;
  }

  /** The value that a foreign key gets, from what is done to the row that it names. */
  #connected(target: IndexedModel, value: unknown, reference: string): Part | null {
    const [only, ...more] = givenIn(argumentsOf(value) ?? {});
    const argument = argumentsOf(only?.[1]);
    if (only === undefined || more.length > 0 || argument === null) return 'unknown';
    const [operation] = only;
    // The row that is named stays the same one; where its own key changes, so do all that name it, and effects tell.
    if (operation === 'update') return null;
    if (operation === 'connect') return asked(target, argument, reference) ?? 'unknown';
    if (operation === 'create')
      return this.#written(target, argument, reference) ?? omitted(target, reference);
    if (operation !== 'connectOrCreate') return 'unknown';
    const where = asked(target, argumentsOf(argument['where']) ?? {}, reference);
    const created = this.#written(target, argumentsOf(argument['create']) ?? {}, reference);
    const isOne = isValue(where) && isValue(created) && Object.is(where.value, created.value);
    return isOne ? where : 'unknown';
  }
}

const composed = new WeakMap<IndexedModel, boolean>();

/** Whether rows of the model are kept under ids that may be put together from several places. */
function isComposed(model: IndexedModel): boolean {
  const known = composed.get(model);
  if (known !== undefined) return known;
  const { id } = model.metadata;
  const isKept = id.every((name) => {
    const field = model.fields.get(name);
    return field?.kind === 'scalar' && keyTypeOf(field) !== null;
  });
  const follows = [...model.relations.values()].some(({ field }) =>
    id.some((name) => field.fields.includes(name)),
  );
  const answer = isKept && (id.length > 1 || follows);
  composed.set(model, answer);
  return answer;
}

/** What a database's default gives: of a key of one field, or a uuid, one that no row had before. */
function omitted({ metadata, fields }: IndexedModel, name: string): Part {
  const field = fields.get(name);
  const isAlone = [metadata.id, ...metadata.uniques].some((key) => key.length === 1 && key[0] === name);
  return isAlone || (field?.kind === 'scalar' && field.nativeType === 'Uuid') ? 'new' : 'unknown';
}

/** The value that a `where` of one row asks a field to have. */
function asked(model: IndexedModel, where: Arguments, field: string): Part | null {
  const value = where[field];
  if (isGiven(value)) {
    const filter = typeof value === 'object' && value !== null && isPlainObject(value) ? value : null;
    if (filter === null) return { value };
    return Object.keys(filter).join() === 'equals' ? { value: filter['equals'] } : null;
  }
  for (const [name, parts] of givenIn(where)) {
    const key = model.fields.has(name) ? null : argumentsOf(parts);
    const { compoundKeys } = model.metadata;
    const fields = Object.hasOwn(compoundKeys, name) ? compoundKeys[name] : undefined;
    if (key !== null && fields?.includes(field) === true && isGiven(key[field])) return { value: key[field] };
  }
  return null;
}

/** `5`, or `{ set: 5 }`; what is computed, as by `{ increment: 1 }`, is not known. */
function partOfValue(value: unknown): Part {
  if (typeof value !== 'object' || value === null || !isPlainObject(value)) return { value };
  return 'set' in value ? { value: value['set'] } : 'unknown';
}

function isValue(part: Part | null): part is { readonly value: unknown } {
  return typeof part === 'object' && part !== null;
}
