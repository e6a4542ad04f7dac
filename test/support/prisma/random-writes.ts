import type { RandomSource } from '../../../scripts/support/random.js';
import type {
  ModelMetadata,
  RelationField,
  ScalarField,
  SchemaMetadata,
  WriteOperation,
} from '../../../src/database/index.js';
import { type RelationSide, relationSides } from './relation-sides.js';

type Arguments = Record<string, unknown>;

/** A write as a caller of Prisma would make it. */
export interface RandomWrite {
  readonly model: string;
  readonly operation: WriteOperation;
  readonly args: Arguments;
}

const OPERATIONS = [
  ...['create', 'createMany', 'createManyAndReturn', 'update', 'update', 'update', 'update', 'updateMany'],
  ...['updateManyAndReturn', 'upsert', 'upsert', 'delete', 'deleteMany'],
] as WriteOperation[];
const CREATE_ONE = ['create', 'connect', 'connectOrCreate'];
const CREATE_MANY = [...CREATE_ONE, 'createMany'];
const UPDATE_ONE = [...CREATE_ONE, 'update', 'upsert', 'disconnect', 'delete'];
const UPDATE_MANY = [
  ...CREATE_MANY,
  'update',
  'upsert',
  'disconnect',
  'delete',
  'set',
  'updateMany',
  'deleteMany',
];
/** Few values for what names a row, so that it is often there, and many for what a new row is to be called. */
const KNOWN_VALUES = 4;
const FRESH_VALUES = 1000;

/**
 * Writes of every kind that a schema allows, nested up to three deep. They are what Prisma's types allow, and many of them
 * fail on a constraint.
 */
export class RandomWrites {
  readonly #metadata: SchemaMetadata;
  readonly #random: RandomSource;

  constructor(metadata: SchemaMetadata, random: RandomSource) {
    this.#metadata = metadata;
    this.#random = random;
  }

  next(): RandomWrite {
    const model = this.#pick(Object.values(this.#metadata.models));
    const operation = this.#pick(OPERATIONS);
    return { model: model.name, operation, args: this.#arguments(model, operation) };
  }

  #arguments(model: ModelMetadata, operation: WriteOperation): Arguments {
    switch (operation) {
      case 'create':
        return { data: this.#created(model, 3) };
      case 'createMany':
      case 'createManyAndReturn':
        return { data: this.#list(() => this.#columns(model, 'create')), skipDuplicates: this.#chance(0.7) };
      case 'update':
        return { where: this.#unique(model), data: this.#updated(model, 3) };
      case 'updateMany':
      case 'updateManyAndReturn':
        return { where: this.#filter(model), data: this.#columns(model, 'update') };
      case 'upsert':
        return {
          where: this.#unique(model),
          create: this.#created(model, 2),
          update: this.#updated(model, 2),
        };
      case 'delete':
        return { where: this.#unique(model) };
      case 'deleteMany':
        return { where: this.#filter(model) };
    }
  }

  #created(model: ModelMetadata, depth: number, without?: string): Arguments {
    return this.#data(model, 'create', depth, without);
  }

  #updated(model: ModelMetadata, depth: number, without?: string): Arguments {
    return this.#data(model, 'update', depth, without);
  }

  /**
   * Prisma takes foreign keys either as columns or as relations, not mixed; `without` is the relation that leads back to
   * the row that this one is nested in.
   */
  #data(model: ModelMetadata, kind: 'create' | 'update', depth: number, without?: string): Arguments {
    const sides = relationSides(this.#metadata, model).filter(({ name }) => name !== without);
    const back = model.fields[without ?? ''];
    const given = new Set(back?.kind === 'relation' ? back.fields : []);
    const asColumns = depth === 0 || this.#chance(0.4);
    const columns = this.#columns(model, kind, given, asColumns);
    const relations = sides.flatMap((side): [string, unknown][] => {
      const holdsKey = side.field.fields.length > 0;
      if (holdsKey && asColumns) return [];
      const isRequired = holdsKey && !side.field.nullable && kind === 'create';
      if (!isRequired && (depth === 0 || !this.#chance(0.3))) return [];
      return [[side.name, this.#nested(side, kind, Math.max(0, depth - 1), isRequired)]];
    });
    return { ...columns, ...Object.fromEntries(relations) };
  }

  #columns(
    model: ModelMetadata,
    kind: 'create' | 'update',
    given: ReadonlySet<string> = new Set(),
    withKeys = true,
  ): Arguments {
    const foreign = new Set(
      Object.values(model.fields).flatMap((field) => (field.kind === 'relation' ? field.fields : [])),
    );
    const columns = Object.entries(model.fields).flatMap(([name, field]): [string, unknown][] => {
      if (field.kind !== 'scalar' || given.has(name) || (foreign.has(name) && !withKeys)) return [];
      if (kind === 'update' && !this.#chance(0.25)) return [];
      const isKey = !foreign.has(name) && [...model.id, ...model.uniques.flat()].includes(name);
      return [[name, this.#value(field, isKey && this.#chance(0.85) ? FRESH_VALUES : KNOWN_VALUES)]];
    });
    return Object.fromEntries(columns);
  }

  #nested(side: RelationSide, kind: 'create' | 'update', depth: number, isRequired: boolean): Arguments {
    const operations = side.field.list
      ? (kind === 'create' ? CREATE_MANY : UPDATE_MANY).filter(
          (name) => name !== 'createMany' || !side.isJoined,
        )
      : kind === 'create'
        ? CREATE_ONE
        : UPDATE_ONE.filter((name) => side.canPart || (name !== 'disconnect' && name !== 'delete'));
    const first = this.#pick(operations);
    // Of a list Prisma takes several operations at once.
    const chosen =
      side.field.list && !isRequired && this.#chance(0.3) ? [first, this.#pick(operations)] : [first];
    return Object.fromEntries(chosen.map((name) => [name, this.#operand(side, name, depth)]));
  }

  #operand(side: RelationSide, operation: string, depth: number): unknown {
    const { target, back, field } = side;
    const items = (make: () => unknown): unknown => (field.list ? this.#list(make) : make());
    const create = () => this.#created(target, depth, back);
    const update = () => this.#updated(target, depth, back);
    switch (operation) {
      case 'create':
        return items(create);
      case 'createMany':
        return {
          data: this.#list(() => this.#columns(target, 'create', backKey(side))),
          skipDuplicates: true,
        };
      case 'connect':
      case 'set':
        return items(() => this.#unique(target));
      case 'connectOrCreate':
        return items(() => ({ where: this.#unique(target), create: create() }));
      case 'update':
        if (field.list) return this.#list(() => ({ where: this.#unique(target), data: update() }));
        return this.#chance(0.5) ? update() : { where: this.#filter(target), data: update() };
      case 'upsert':
        if (field.list) return { where: this.#unique(target), create: create(), update: update() };
        return { create: create(), update: update() };
      case 'updateMany':
        return { where: this.#filter(target), data: this.#columns(target, 'update', backKey(side)) };
      case 'deleteMany':
        return this.#filter(target);
      default:
        if (field.list) return this.#list(() => this.#unique(target));
        return this.#chance(0.5) ? true : this.#filter(target);
    }
  }

  /** A `where` that names one row: by its id most often. */
  #unique(model: ModelMetadata): Arguments {
    const key = this.#chance(0.7) ? model.id : this.#pick([model.id, ...model.uniques]);
    const values = Object.fromEntries(
      key.map((name) => [name, this.#value({ ...(model.fields[name] as ScalarField), nullable: false })]),
    );
    if (key.length === 1) return values;
    const names = Object.entries(model.compoundKeys);
    const [name] = names.find(([, fields]) => fields.join() === key.join()) ?? [key.join('_')];
    return { [name]: values };
  }

  #filter(model: ModelMetadata): Arguments {
    const [name = ''] = model.id;
    return this.#chance(0.3) ? {} : { [name]: this.#value(model.fields[name] as ScalarField) };
  }

  #value(field: ScalarField, values = KNOWN_VALUES): unknown {
    if (field.nullable && this.#chance(0.2)) return null;
    const number = 1 + this.#random.nextInteger(values);
    return field.type === 'Int' ? number : `k${number}`;
  }

  #list<T>(make: () => T): T[] {
    return Array.from({ length: 1 + this.#random.nextInteger(2) }, make);
  }

  #chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.nextInteger(items.length)] as T;
  }
}

/** The columns of the other side's foreign key, which nesting fills in. */
function backKey({ target, back }: RelationSide): ReadonlySet<string> {
  const field: RelationField | undefined = target.fields[back] as RelationField | undefined;
  return new Set(field?.fields);
}
