import { keyTypeOf } from './entity-key.js';
import { isPlainObject } from './prisma-values.js';
import { type IndexedModel, indexOf, type SchemaIndex } from './schema-index.js';
import type { SchemaMetadata } from './schema-metadata.js';

/** A row that arguments name by its primary key. */
export interface NamedRow {
  readonly model: string;
  readonly id: unknown;
}

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
 * Every row that the arguments of a write name by a primary key of one column: what it changes, but also what it creates
 * under a given id. A row of that id may have been there before, and be remembered still, if another writer deleted it a
 * moment ago. Names more rows than are written, never fewer.
 *
 * @throws WiringError when the schema has no such model
 */
export function namedRows(metadata: SchemaMetadata, model: string, args: unknown): readonly NamedRow[] {
  const schema = indexOf(metadata);
  const rows: NamedRow[] = [];
  visit(schema, schema.model(model), args, 0, rows);
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
  const [id, ...more] = model.metadata.id;
  for (const [name, inner] of Object.entries(value)) {
    const field = model.fields.get(name);
    if (field?.kind === 'relation') visit(schema, schema.model(field.model), inner, depth + 1, rows);
    else if (name === id && more.length === 0) {
      if (field !== undefined && keyTypeOf(field) !== null)
        rows.push({ model: model.metadata.name, id: inner });
    } else if (OPERATIONS.has(name)) visit(schema, model, inner, depth + 1, rows);
  }
}
