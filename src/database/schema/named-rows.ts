import { CreatedRows } from './created-rows.js';
import { keyTypeOf } from './entity-key.js';
import type { NamedRow } from './named-row.js';
import { isPlainObject } from './prisma-values.js';
import { type IndexedModel, indexOf, type SchemaIndex } from './schema-index.js';
import type { SchemaMetadata } from './schema-metadata.js';

const OPERATIONS = new Set([
  'connect',
  'connectOrCreate',
  'create',
  'createMany',
  'data',
  'delete',
  'disconnect',
  'set',
  'update',
  'upsert',
  'where',
]);
const DEEPEST = 64;

/**
 * Every row that the arguments of a write name by a primary key: what it changes, but also what it creates under an id that
 * is given, or follows from rows that it is nested in or connected to. A row of that id may have been there before, and be
 * remembered still, if another writer deleted it a moment ago. Names more rows than are written, never fewer.
 *
 * @throws WiringError when the schema has no such model
 */
export function namedRows(metadata: SchemaMetadata, model: string, args: unknown): readonly NamedRow[] {
  const schema = indexOf(metadata);
  const rows: NamedRow[] = [];
  const start = schema.model(model);
  visit(schema, start, args, 0, rows);
  new CreatedRows(schema, rows).ofWrite(start, args);
  return rows;
}

function visit(
  schema: SchemaIndex,
  model: IndexedModel,
  value: unknown,
  depth: number,
  rows: NamedRow[],
): void {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return;
  if (Array.isArray(value)) {
    for (const item of value) visit(schema, model, item, depth + 1, rows);
    return;
  }
  if (!isPlainObject(value)) return;
  const { id, name: modelName, compoundKeys } = model.metadata;
  for (const [name, inner] of Object.entries(value)) {
    const field = model.fields.get(name);
    if (field?.kind === 'relation') visit(schema, schema.model(field.model), inner, depth + 1, rows);
    else if (id.length === 1 && id[0] === name) {
      if (field !== undefined && keyTypeOf(field) !== null)
        rows.push({ model: modelName, id: writtenIn(inner) });
    } else if (OPERATIONS.has(name)) visit(schema, model, inner, depth + 1, rows);
    // What a Json column holds is looked through as well, where it is called `data`, so any name may come.
    else if (
      field === undefined &&
      Object.hasOwn(compoundKeys, name) &&
      compoundKeys[name]?.join() === id.join() &&
      isObject(inner)
    )
      rows.push({ model: modelName, id: inner });
  }
}

/** An update writes `5` or `{ set: 5 }`. */
function writtenIn(value: unknown): unknown {
  const isOperation = isObject(value) && isPlainObject(value) && 'set' in value;
  return isOperation ? value['set'] : (value ?? undefined);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
