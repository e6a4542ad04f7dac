import { indexOf } from './schema-index.js';
import type { ScalarField, SchemaMetadata } from './schema-metadata.js';

/** How a key of one column is written so that one row has one spelling. */
export type KeyType = 'uuid' | 'text' | 'integer' | 'bigint';

/** One column of a primary key. */
export interface KeyPart {
  readonly field: string;
  /** Null for a type of which one value has several spellings that only PostgreSQL can tell to be equal. */
  readonly type: KeyType | null;
}

/** Strings that PostgreSQL compares byte by byte. */
const PLAIN_TEXT = new Set([null, 'Text', 'VarChar']);

/**
 * The columns of a model's primary key, in its order, and how each is written.
 *
 * @throws WiringError when the schema has no such model
 */
export function idTypesOf(metadata: SchemaMetadata, model: string): readonly KeyPart[] {
  const { metadata: found, fields } = indexOf(metadata).model(model);
  return found.id.map((name) => {
    const field = fields.get(name);
    return { field: name, type: field?.kind === 'scalar' ? keyTypeOf(field) : null };
  });
}

/**
 * How values of this column are written in a key. Null where two spellings may mean one row: `Char` is padded and
 * compared with or without its blanks, by the type of the parameter; `Citext` folds case by the database's locale, not
 * Node's; `10.0.0.1` and `10.0.0.1/32` are one `Inet`; Decimal, Float, DateTime, Bytes and Boolean are not yet covered.
 * A collation that takes different strings for equal is not in the metadata; a column that has one is no key to cache by.
 */
export function keyTypeOf({ type, isEnum, nativeType, list }: ScalarField): KeyType | null {
  if (list) return null;
  // A value of an enum is spelled as the schema does.
  if (isEnum) return 'text';
  if (type === 'Int') return 'integer';
  if (type === 'BigInt') return 'bigint';
  if (type !== 'String') return null;
  if (nativeType === 'Uuid') return 'uuid';
  return PLAIN_TEXT.has(nativeType) ? 'text' : null;
}
