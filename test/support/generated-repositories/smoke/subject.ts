import { expect } from '@jest/globals';
import type { ModelMetadata } from '../../../../src/database/index.js';
import { isSame } from '../../../property/support/same-value.js';
import { type Declared, declaredBy, type FullField, fieldsOf, modelIn } from '../declared.js';
import type { Row, RowMaker } from '../row-maker.js';
import type { AnyClientDelegate, AnyRepository, GeneratedWorld } from '../world.js';

/** A generated repository under test: in two services, beside Prisma alone. */
export interface Subject {
  readonly world: GeneratedWorld;
  readonly maker: RowMaker;
  readonly model: ModelMetadata;
  readonly fields: readonly FullField[];
  readonly declared: Declared;
  /** Confined to one value where the model has a scope. */
  readonly here: AnyRepository;
  readonly elsewhere: AnyRepository;
  readonly prisma: AnyClientDelegate;
  /** What every new row has. */
  readonly fixed: Row;
  /** The filter by which Prisma alone finds what the repository shows. */
  readonly visible: Row;
  readonly thorough: boolean;
}

export async function subjectOf(
  world: GeneratedWorld,
  maker: RowMaker,
  name: string,
  thorough = false,
): Promise<Subject> {
  const model = world.metadata.models[name];
  if (model === undefined) throw new Error(`The metadata has no model ${name}.`);
  const declared = declaredBy(modelIn(world.generated.dmmf, name));
  const here = world.here.repository(name);
  const elsewhere = world.elsewhere.repository(name);
  const { scope, softDelete } = declared;
  const fixed = scope === null ? {} : { [scope]: (maker.rows(name)[0] as Row)[scope] };
  return {
    world,
    maker,
    model,
    fields: fieldsOf(modelIn(world.generated.dmmf, name)),
    declared,
    here: scope === null ? here : here.forScope(fixed[scope]),
    elsewhere: scope === null ? elsewhere : elsewhere.forScope(fixed[scope]),
    prisma: world.prisma(name),
    fixed,
    thorough,
    visible: { ...fixed, ...(softDelete !== null && { [softDelete]: null }) },
  };
}

/** A row's id, as the repository takes it. */
export function idOf({ model }: Subject, row: Row): unknown {
  const [only = ''] = model.id;
  return model.id.length === 1 ? row[only] : pick(row, model.id);
}

/** The `where` by which Prisma's `findUnique` finds a row by one of its keys. */
export function uniqueWhere(model: ModelMetadata, key: readonly string[], row: Row): Row {
  if (key.length === 1) return pick(row, key);
  return { [keyName(model, key)]: pick(row, key) };
}

/** The name that `where` has for a key of several fields. */
export function keyName({ compoundKeys }: ModelMetadata, key: readonly string[]): string {
  return (
    Object.entries(compoundKeys).find(([, fields]) => fields.join() === key.join())?.[0] ?? key.join('_')
  );
}

/** A filter that lets just these rows through. */
export function anyOf({ model }: Subject, rows: readonly Row[]): Row {
  return { OR: rows.map((row) => pick(row, model.id)) };
}

/** The order by the key. */
export function byKey({ model }: Subject, direction: 'asc' | 'desc' = 'asc'): readonly Row[] {
  return model.id.map((field) => ({ [field]: direction }));
}

const KEY_TYPES = new Set(['Int', 'BigInt']);
const KEY_TEXTS = new Set([undefined, 'Text', 'VarChar', 'Uuid']);

/** Whether values of this key have one spelling, so that rows can be cached by it. */
export function isCacheableKey({ fields }: Subject, key: readonly string[], row: Row): boolean {
  return key.every((name) => {
    const field = fields.find((each) => each.name === name);
    if (field === undefined || row[name] === null || row[name] === '') return false;
    if (field.kind === 'enum' || KEY_TYPES.has(field.type)) return true;
    return field.type === 'String' && KEY_TEXTS.has(field.nativeType?.[0]);
  });
}

export function pick(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

/** Columns that a write may change as it likes: in no key, in no relation, and not the repository's own. */
export function freeFields({ model, fields, declared }: Subject): readonly FullField[] {
  const bound = new Set([
    ...model.id,
    ...model.uniques.flat(),
    declared.scope,
    declared.softDelete,
    declared.version,
  ]);
  for (const field of Object.values(model.fields)) {
    if (field.kind === 'relation') for (const name of field.fields) bound.add(name);
  }
  return fields.filter(
    ({ kind, name, isUpdatedAt }) => kind !== 'object' && !bound.has(name) && isUpdatedAt !== true,
  );
}

/** Fails, with the difference, unless the two are the same to the last digit, kind and order of keys. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (isSame(expected, actual)) return;
  expect(actual).toStrictEqual(expected);
  throw new Error('The two differ in what a reader can see, though not by toStrictEqual.');
}
