import fc from 'fast-check';
import type { RandomSource } from '../../../scripts/support/random.js';
import type { ModelMetadata, RelationField, SchemaMetadata } from '../../../src/database/index.js';
import type { Dmmf } from '../../../src/generator/dmmf.js';
import { columnValues, type NullKinds } from './column-values.js';
import { declaredBy, type FullField, fieldsOf, isCreatable, modelIn } from './declared.js';
import { textOf, UniqueValues } from './unique-values.js';
import type { GeneratedWorld } from './world.js';

export type Row = Readonly<Record<string, unknown>>;
type Draft = Record<string, unknown>;

/** SQL for columns of a model that Prisma does not know and that have no default, by their names. */
export type UnknownColumns = Readonly<Record<string, Readonly<Record<string, string>>>>;

const VALUES_AT_ONCE = 50;
const ATTEMPTS = 40;

/**
 * Makes rows that the schema allows: values of each column's type, unique where they must be, with the rows that they point
 * to. The same seed makes the same rows.
 */
export class RowMaker {
  readonly #world: GeneratedWorld;
  readonly #dmmf: Dmmf;
  readonly #random: RandomSource;
  readonly #unknown: UnknownColumns;
  readonly #rows = new Map<string, Row[]>();
  readonly #uniques = new Map<string, UniqueValues>();
  readonly #values = new Map<string, unknown[]>();

  constructor(world: GeneratedWorld, random: RandomSource, unknown: UnknownColumns = {}) {
    this.#world = world;
    this.#dmmf = world.generated.dmmf;
    this.#random = random;
    this.#unknown = unknown;
  }

  /** Stores so many rows of every model, but for views: first of those that others must point to. */
  async fill(
    rowsOfEach: number,
    { except = [] }: { readonly except?: readonly string[] } = {},
  ): Promise<void> {
    for (const model of inOrder(this.#world.metadata)) {
      if (except.includes(model)) continue;
      for (let number = 1; number <= rowsOfEach; number += 1) await this.store(model);
    }
  }

  /** The rows of a model that were noted, and not forgotten. */
  rows(model: string): readonly Row[] {
    return this.#rows.get(model) ?? [];
  }

  /** Stores a row by Prisma alone, or by SQL where Prisma cannot. Null where no value of a unique key is left. */
  async store(model: string, fixed: Row = {}): Promise<Row | null> {
    const data = await this.data(model, fixed);
    if (data === null) return null;
    const row = isCreatable(this.#dmmf, model)
      ? ((await this.#world.prisma(model)['create']?.({ data })) as Row)
      : await this.#insert(model, data);
    this.note(model, row);
    return row;
  }

  /**
   * What a row may be made of, all of it columns. Its values count as taken from now on; `note` the row when it is there.
   *
   * @param fixed columns that are given
   */
  async data(model: string, fixed: Row = {}): Promise<Row | null> {
    const uniques = this.#uniquesOf(model);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      // When the rows that are there are all pointed to already, new ones help.
      const data = await this.#attempt(model, fixed, attempt > ATTEMPTS / 2);
      if (!uniques.areFree(data)) continue;
      uniques.take(data);
      return data;
    }
    return null;
  }

  /** Says that a row is there, for others to point to. */
  note(model: string, row: Row): void {
    this.#uniquesOf(model).take(row);
    this.#rows.set(model, [...this.rows(model), row]);
  }

  /** Says that a row is gone. */
  forget(model: string, row: Row): void {
    const key = this.#keyText(model, row);
    this.#uniquesOf(model).release(row);
    this.#rows.set(
      model,
      this.rows(model).filter((other) => this.#keyText(model, other) !== key),
    );
  }

  /** A value that a column may hold, and not null. */
  value(field: FullField): unknown {
    const name = `${field.type} ${JSON.stringify(field.nativeType ?? null)} ${field.isList}`;
    let values = this.#values.get(name);
    if (values === undefined || values.length === 0) {
      const { enums } = this.#dmmf.datamodel;
      const nulls = this.#world.generated.client.Prisma as unknown as NullKinds;
      values = fc.sample(columnValues(field, enums, nulls), {
        numRuns: VALUES_AT_ONCE,
        seed: this.#random.nextInteger(2 ** 31),
      });
      this.#values.set(name, values);
    }
    return values.pop();
  }

  async #attempt(model: string, fixed: Row, withNewParents: boolean): Promise<Row> {
    const draft: Draft = { ...fixed };
    const metadata = this.#metadataOf(model);
    const relations = relationsOf(metadata);
    const keys = new Set(relations.flatMap(({ fields }) => fields));
    const { softDelete, version } = declaredBy(modelIn(this.#dmmf, model));
    for (const field of fieldsOf(modelIn(this.#dmmf, model))) {
      if (field.kind === 'object' || Object.hasOwn(draft, field.name) || keys.has(field.name)) continue;
      if (field.name === softDelete || field.name === version || this.#isLeftOut(field)) continue;
      draft[field.name] = !field.isRequired && this.#chance(0.3) ? null : this.value(field);
    }
    for (const relation of relations) {
      if (relation.fields.every((name) => Object.hasOwn(fixed, name))) continue;
      await this.#point(metadata, relation, draft, withNewParents);
    }
    return withoutJsonNull(draft, modelIn(this.#dmmf, model).fields as readonly FullField[], this.#world);
  }

  #isLeftOut(field: FullField): boolean {
    if (field.isUpdatedAt === true || isAutoincrement(field)) return true;
    return field.hasDefaultValue && this.#chance(0.5);
  }

  /** Sets the columns of a foreign key. */
  async #point(
    model: ModelMetadata,
    relation: RelationField,
    draft: Draft,
    makesNew: boolean,
  ): Promise<void> {
    const { fields, references } = relation;
    if (relation.nullable && this.#chance(0.3)) return this.#pointNowhere(model, relation, draft);
    const isUnique = [model.id, ...model.uniques].some((key) => key.every((name) => fields.includes(name)));
    const keyOf = (row: Row): Draft =>
      Object.fromEntries(fields.map((field, index) => [field, row[references[index] ?? '']]));
    const candidates = this.rows(relation.model).filter((row) => {
      const key = keyOf(row);
      if (Object.values(key).some((value) => value === null)) return false;
      if (fields.some((field) => draft[field] !== undefined && textOf(draft[field]) !== textOf(key[field])))
        return false;
      return !isUnique || this.#uniquesOf(model.name).areFree(key);
    });
    let target = makesNew ? undefined : candidates[this.#random.nextInteger(candidates.length)];
    if (target === undefined && relation.model === model.name) {
      // The first row of a tree: its own parent, or nobody's child.
      if (relation.nullable) return this.#pointNowhere(model, relation, draft);
      target = draft;
    } else if (target === undefined) {
      const fixed = fields.flatMap((field, index) =>
        draft[field] === undefined ? [] : [[references[index] ?? '', draft[field]]],
      );
      target = (await this.store(relation.model, Object.fromEntries(fixed))) ?? undefined;
    }
    if (target === undefined)
      throw new Error(`No ${relation.model} is left for a ${model.name} to point to.`);
    Object.assign(draft, keyOf(target));
  }

  #pointNowhere(model: ModelMetadata, { fields }: RelationField, draft: Draft): void {
    for (const name of fields) {
      const field = model.fields[name];
      if (draft[name] === undefined && field?.kind === 'scalar' && field.nullable) draft[name] = null;
    }
  }

  async #insert(model: string, data: Row): Promise<Row> {
    const { fields, schema, table, id } = this.#metadataOf(model);
    const column = (name: string): string => {
      const field = fields[name];
      return quoted(field?.kind === 'scalar' ? field.column : name);
    };
    const names = Object.keys(data);
    const extra = Object.entries(this.#unknown[model] ?? {});
    const target = schema === null ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
    const columns = [...names.map(column), ...extra.map(([name]) => quoted(name))].join(', ');
    const values = [...names.map((_name, index) => `$${index + 1}`), ...extra.map(([, sql]) => sql)].join(
      ', ',
    );
    const [stored = {}] = await this.#world.sql(
      `INSERT INTO ${target} (${columns}) VALUES (${values}) RETURNING ${id.map((name) => `${column(name)} AS ${quoted(name)}`).join(', ')}`,
      Object.values(data),
    );
    return (await this.#world.prisma(model)['findFirst']?.({ where: stored })) as Row;
  }

  #keyText(model: string, row: Row): string {
    return this.#metadataOf(model)
      .id.map((field) => textOf(row[field]))
      .join();
  }

  #uniquesOf(model: string): UniqueValues {
    let values = this.#uniques.get(model);
    if (values === undefined) {
      values = new UniqueValues(this.#metadataOf(model));
      this.#uniques.set(model, values);
    }
    return values;
  }

  #metadataOf(model: string): ModelMetadata {
    const metadata = this.#world.metadata.models[model];
    if (metadata === undefined) throw new Error(`The metadata has no model ${model}.`);
    return metadata;
  }

  #chance(probability: number): boolean {
    return this.#random.next() < probability;
  }
}

/** The relations whose foreign key a model holds, those first that must lead somewhere. */
function relationsOf(model: ModelMetadata): readonly RelationField[] {
  return Object.values(model.fields)
    .filter((field): field is RelationField => field.kind === 'relation' && field.fields.length > 0)
    .sort((a, b) => Number(a.nullable) - Number(b.nullable));
}

/** The names of the models that are tables, each after those that its rows must point to. */
function inOrder({ models }: SchemaMetadata): readonly string[] {
  const ordered = new Set<string>();
  const entered = new Set<string>();
  const enter = (model: ModelMetadata): void => {
    if (model.readOnly || entered.has(model.name)) return;
    entered.add(model.name);
    for (const relation of relationsOf(model)) {
      const target = models[relation.model];
      if (!relation.nullable && target !== undefined) enter(target);
    }
    ordered.add(model.name);
  };
  for (const model of Object.values(models)) enter(model);
  return [...ordered];
}

function isAutoincrement({ default: given }: FullField): boolean {
  return typeof given === 'object' && given !== null && Reflect.get(given, 'name') === 'autoincrement';
}

/** Prisma takes null for a column of JSON only as `Prisma.DbNull`. */
function withoutJsonNull(draft: Draft, fields: readonly FullField[], { generated }: GeneratedWorld): Row {
  for (const { name, type, isList } of fields) {
    if (draft[name] === null && type === 'Json' && !isList) draft[name] = generated.client.Prisma['DbNull'];
  }
  return draft;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
