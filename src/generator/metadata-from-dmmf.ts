import type { Dmmf, DmmfEnum, DmmfField, DmmfKey, DmmfModel } from './dmmf.js';
import { type Enums, shapeHash } from './shape-hash.js';

const REFERENTIAL_ACTIONS = ['Cascade', 'Restrict', 'NoAction', 'SetNull', 'SetDefault'] as const;

/**
 * What holdfast needs to know of a schema, from what Prisma tells its generators. The result is `SchemaMetadata` by its
 * shape; the generator stands apart from the layers that read it, and a test holds the two together. Same schema, same
 * result.
 *
 * Models and fields that the schema hides with `@@ignore` and `@ignore`, and columns of an `Unsupported` type, are not in
 * the DMMF and so not in the result.
 *
 * @throws TypeError when the DMMF is none that Prisma 7 makes for a relational database
 */
export function metadataFromDmmf({ datamodel, mappings }: Dmmf) {
  // A view has no such operation. A model with a required column of an unsupported type has it, but cannot be created.
  const writable = new Set(
    mappings.modelOperations.filter(({ deleteMany }) => deleteMany).map(({ model }) => model),
  );
  const models = new Map(datamodel.models.map((model) => [model.name, model]));
  const enums = new Map(datamodel.enums.map((one) => [one.name, one]));
  // Not in the order of the schema, whose files have none among them.
  const sorted = [...models.values()].sort(byName);
  return {
    models: Object.fromEntries(
      sorted.map((model) => [model.name, modelFrom(model, models, enums, !writable.has(model.name))]),
    ),
    enums: Object.fromEntries(
      [...enums.values()].sort(byName).map(({ name, values }) => [name, values.map(enumValueFrom)]),
    ),
  };
}

function byName({ name: a }: { readonly name: string }, { name: b }: { readonly name: string }): number {
  return a < b ? -1 : 1;
}

function enumValueFrom({ name, dbName }: DmmfEnum['values'][number]) {
  return { name, stored: dbName ?? name };
}

function modelFrom(
  model: DmmfModel,
  models: ReadonlyMap<string, DmmfModel>,
  enums: Enums,
  readOnly: boolean,
) {
  const id = idOf(model);
  return {
    name: model.name,
    table: model.dbName ?? model.name,
    schema: model.schema ?? null,
    readOnly,
    shape: shapeHash(model, id, enums),
    id,
    uniques: uniqueKeysOf(model).filter((key) => key.join() !== id.join()),
    compoundKeys: compoundKeysOf(model),
    fields: Object.fromEntries(
      model.fields.map((field) => [
        field.name,
        field.kind === 'object' ? relationFrom(field, model, models) : scalarFrom(field),
      ]),
    ),
  };
}

function scalarFrom(field: DmmfField) {
  return {
    kind: 'scalar' as const,
    column: field.dbName ?? field.name,
    type: field.type,
    isEnum: field.kind === 'enum',
    nativeType: field.nativeType?.[0] ?? null,
    precision: precisionOf(field),
    list: field.isList,
    nullable: !field.isRequired,
  };
}

/**
 * The digits of a second's fraction: those that `@db` names, else PostgreSQL's six; three where there is no `@db`, since
 * Prisma then writes `TIMESTAMP(3)`. A test compares it with Prisma's SQL.
 */
function precisionOf({ type, nativeType }: DmmfField): number | null {
  if (type !== 'DateTime') return null;
  if (!nativeType) return 3;
  const [name, [digits]] = nativeType;
  if (name === 'Date') return 0;
  return digits === undefined ? 6 : Number(digits);
}

function relationFrom(field: DmmfField, model: DmmfModel, models: ReadonlyMap<string, DmmfModel>) {
  const fields = field.relationFromFields ?? [];
  const holdsKey = fields.length > 0;
  return {
    kind: 'relation' as const,
    name: field.relationName ?? '',
    model: field.type,
    list: field.isList,
    nullable: !field.isRequired,
    fields,
    references: field.relationToFields ?? [],
    onDelete: holdsKey ? actionOf(field.relationOnDelete, defaultOnDelete(field, model)) : null,
    onUpdate: holdsKey ? actionOf(field.relationOnUpdate, 'Cascade') : null,
    joinTable: joinTableOf(field, model, models),
  };
}

function actionOf(name: string | null | undefined, otherwise: (typeof REFERENTIAL_ACTIONS)[number]) {
  if (name === null || name === undefined) return otherwise;
  const action = REFERENTIAL_ACTIONS.find((known) => known === name);
  if (action === undefined)
    throw new TypeError(`Prisma has no referential action "${name}" that is known here.`);
  return action;
}

/** Prisma's own: null where every column of the key can be null, else refuse. A test compares it with Prisma's SQL. */
function defaultOnDelete(field: DmmfField, model: DmmfModel) {
  const key = new Set(field.relationFromFields);
  const canBeNull = model.fields.every(({ name, isRequired }) => !isRequired || !key.has(name));
  return canBeNull && !field.isRequired ? 'SetNull' : 'Restrict';
}

/** Prisma names the table after the relation, and puts it where the first model of the two lies, in alphabetical order. */
function joinTableOf(
  field: DmmfField,
  model: DmmfModel,
  models: ReadonlyMap<string, DmmfModel>,
): string | null {
  if (!field.isList) return null;
  const other = models.get(field.type);
  const opposite = other?.fields.find(
    (candidate) => candidate.relationName === field.relationName && (other !== model || candidate !== field),
  );
  if (opposite?.isList !== true) return null;
  const first = model.name < field.type ? model : other;
  const table = `_${field.relationName}`;
  return first?.schema ? `${first.schema}.${table}` : table;
}

function idOf(model: DmmfModel): readonly string[] {
  const field = model.fields.find(({ isId }) => isId);
  if (field !== undefined) return [field.name];
  if (model.primaryKey !== null) return model.primaryKey.fields;
  const required = new Set(model.fields.filter(({ isRequired }) => isRequired).map(({ name }) => name));
  return uniqueKeysOf(model).find((key) => key.every((name) => required.has(name))) ?? [];
}

function uniqueKeysOf(model: DmmfModel): readonly (readonly string[])[] {
  const single = model.fields.filter(({ isUnique }) => isUnique).map(({ name }) => [name]);
  return [...single, ...model.uniqueIndexes.map(({ fields }) => fields)].filter((key) => isKnown(model, key));
}

function compoundKeysOf(model: DmmfModel): Record<string, readonly string[]> {
  const { primaryKey, uniqueIndexes } = model;
  const keys: DmmfKey[] = [...(primaryKey ? [primaryKey] : []), ...uniqueIndexes];
  return Object.fromEntries(
    keys
      .filter(({ fields }) => fields.length > 1 && isKnown(model, fields))
      .map(({ name, fields }) => [name ?? fields.join('_'), fields]),
  );
}

/** By a key with a column of an `Unsupported` type Prisma finds nothing. */
function isKnown({ fields }: DmmfModel, key: readonly string[]): boolean {
  return key.every((name) => fields.some((field) => field.name === name));
}
