import { createHash } from 'node:crypto';
import { quoteIdentifier, quoteTableName } from '../patterns/identifiers.js';
import type { ModelMetadata, ScalarField } from '../schema/schema-metadata.js';

/** A statement that reads the rows of many keys at once. */
export interface LoadStatement {
  readonly text: string;
  /** Under which it is prepared: a hash of the text. */
  readonly name: string;
  /** The columns that it reads, in the order in which Prisma gives the fields. */
  readonly fields: readonly { readonly name: string; readonly field: ScalarField }[];
  /** How many fields the key has; each is a parameter, an array of texts. */
  readonly keyFields: number;
}

/** What Prisma uses where a model names no schema, and the adapter neither. */
const DEFAULT_SCHEMA = 'public';
/** PostgreSQL cuts names off at 63 bytes, with which Prisma copes where it can. */
const MAX_NAME_BYTES = 63;

/**
 * The statement that reads rows by a unique key; null where the metadata does not tell enough of the key, as without the
 * generator.
 */
export function loadStatement(model: ModelMetadata, key: readonly string[]): LoadStatement | null {
  const columns = key.map((name) => scalarOf(model, name));
  if (columns.length === 0 || columns.some((column) => column === null || !isPlain(column))) return null;
  // Prisma takes a row that has such a field for an instance of a class, and leaves dates and numbers in it as texts.
  if (Object.hasOwn(model.fields, 'constructor')) return null;
  const fields = Object.entries(model.fields).flatMap(([name, field]) =>
    field.kind === 'scalar' ? [{ name, field }] : [],
  );
  const names = [model.table, ...fields.map(({ field }) => field.column)];
  if (names.some((name) => Buffer.byteLength(name) > MAX_NAME_BYTES)) return null;
  const table = quoteTableName({ schema: model.schema ?? DEFAULT_SCHEMA, name: model.table });
  const filter = filterOf(columns as readonly ScalarField[]);
  const text = `SELECT ${fields.map(({ field }) => selected(field)).join(', ')} FROM ${table} WHERE ${filter}`;
  const name = `holdfast_load_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
  return Object.freeze({ text, name, fields, keyFields: key.length });
}

function filterOf(columns: readonly ScalarField[]): string {
  const names = columns.map(({ column }) => quoteIdentifier(column));
  // PostgreSQL takes the type from the column, so this serves uuid, varchar and all others.
  if (names.length === 1) return `${names[0]} = ANY($1)`;
  const arrays = columns.map((column, index) => `$${index + 1}::${typeNameOf(column)}[]`);
  return `(${names.join(', ')}) IN (SELECT * FROM unnest(${arrays.join(', ')}))`;
}

function selected({ column, isEnum, list }: ScalarField): string {
  const name = quoteIdentifier(column);
  if (!isEnum) return name;
  return list ? `${name}::text[]` : `${name}::text`;
}

/** An enum's values are spelled in another way in the database, and its type's name is not known. */
function isPlain({ isEnum, list }: ScalarField): boolean {
  return !isEnum && !list;
}

/** The name of a type whose values compare with those of the column by the same index. */
function typeNameOf({ type, nativeType }: ScalarField): string {
  if (type === 'Int') return nativeType === 'Oid' ? 'oid' : 'int4';
  if (type === 'BigInt') return 'int8';
  return nativeType === 'Uuid' ? 'uuid' : 'text';
}

function scalarOf(model: ModelMetadata, name: string): ScalarField | null {
  const field = model.fields[name];
  return field?.kind === 'scalar' ? field : null;
}
