import { createHash } from 'node:crypto';
import { WiringError } from '../../errors.js';
import type { FieldMetadata, ModelMetadata, RelationField, SchemaMetadata } from './schema-metadata.js';

/** What a client of Prisma 7 tells of a field: no more than this. */
interface RuntimeField {
  readonly name: string;
  readonly kind: 'scalar' | 'enum' | 'object' | 'unsupported';
  readonly type: string;
  readonly dbName?: string | null;
  readonly relationName?: string | null;
}

interface RuntimeModel {
  readonly fields: readonly RuntimeField[];
  readonly dbName?: string | null;
  readonly schema?: string | null;
}

interface RuntimeClient {
  readonly _runtimeDataModel?: { readonly models?: Readonly<Record<string, RuntimeModel>> };
  readonly _engineConfig?: { readonly inlineSchema?: unknown };
}

/**
 * The metadata of a schema whose generator was not run, from the Prisma client itself. It tells models, fields and the
 * names of their tables and columns; of all else the worst is supposed, so that what follows from it is right and dear:
 * every relation cascades and may be kept on either side or in a table of its own, every field is part of a key and may
 * be null, a list or of any native type. A change to a row by its id that could be followed by a foreign key therefore
 * touches every model that relations lead to.
 *
 * @param ids the primary keys, by model. A model without one here is taken to have the key `id` if it has such a column.
 * @throws WiringError when the client holds no data model, as it does in Prisma 7. The property is not documented.
 */
export function coarseMetadata(
  client: object,
  ids: Readonly<Record<string, readonly string[]>> = {},
): SchemaMetadata {
  const { _runtimeDataModel: dataModel, _engineConfig: engine } = client as RuntimeClient;
  const models = dataModel?.models;
  if (models === undefined) {
    throw new WiringError(
      'The Prisma client holds no data model. holdfast works with Prisma 7: run "npm ls prisma".',
    );
  }
  const schema = typeof engine?.inlineSchema === 'string' ? engine.inlineSchema : '';
  return {
    models: Object.fromEntries(
      Object.entries(models).map(([name, model]) => [
        name,
        coarseModel(name, models, ids[name] ?? idOf(model), schema),
      ]),
    ),
  };
}

function coarseModel(
  name: string,
  models: Readonly<Record<string, RuntimeModel>>,
  id: readonly string[],
  schema: string,
): ModelMetadata {
  const model = models[name] ?? { fields: [] };
  return {
    name,
    table: model.dbName ?? name,
    schema: model.schema ?? null,
    readOnly: new RegExp(`^\\s*view\\s+${name}\\b`, 'm').test(schema),
    shape: shapeOf(model, schema),
    id,
    uniques: [columnsOf(model)],
    compoundKeys: {},
    fields: Object.fromEntries(model.fields.map((field) => [field.name, coarseField(name, field, models)])),
  };
}

function coarseField(
  model: string,
  field: RuntimeField,
  models: Readonly<Record<string, RuntimeModel>>,
): FieldMetadata {
  if (field.kind === 'object') return coarseRelation(model, field, models);
  return {
    kind: 'scalar',
    column: field.dbName ?? field.name,
    type: field.type,
    isEnum: field.kind === 'enum',
    nativeType: null,
    precision: null,
    list: true,
    nullable: true,
  };
}

function coarseRelation(
  model: string,
  field: RuntimeField,
  models: Readonly<Record<string, RuntimeModel>>,
): RelationField {
  const name = field.relationName ?? field.name;
  // An implicit relation's table lies where the table of the first of its two models does.
  const schema = models[model < field.type ? model : field.type]?.schema;
  return {
    kind: 'relation',
    name,
    model: field.type,
    list: true,
    nullable: true,
    fields: columnsOf(models[model]),
    references: columnsOf(models[field.type]),
    onDelete: 'Cascade',
    onUpdate: 'Cascade',
    joinTable: schema ? `${schema}._${name}` : `_${name}`,
  };
}

function columnsOf(model: RuntimeModel | undefined): readonly string[] {
  return (model?.fields ?? []).filter(({ kind }) => kind !== 'object').map(({ name }) => name);
}

function idOf(model: RuntimeModel): readonly string[] {
  return columnsOf(model).includes('id') ? ['id'] : [];
}

/** The client does not tell lists, native types or the values of enums, so any change to the schema counts. */
function shapeOf(model: RuntimeModel, schema: string): string {
  return createHash('sha256')
    .update(JSON.stringify([model, schema]))
    .digest('base64url')
    .slice(0, 12);
}
