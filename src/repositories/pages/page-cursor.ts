import { createHash } from 'node:crypto';
import {
  CursorError,
  canonicalArguments,
  type ModelMetadata,
  type ScalarField,
} from '../../database/index.js';
import { InvalidArgumentError } from '../../errors.js';
import type { OrderTerm } from './row-order.js';

/*
 * A cursor is base64url of JSON: the fingerprint of its query, and the values of a row. It is not signed: whoever makes one
 * up sees rows that the query lets through, in another place.
 */
const FINGERPRINT_LENGTH = 16;
const MAX_CURSOR_LENGTH = 65_536;

/** What makes two queries walk the same rows in the same order. */
export function fingerprintOf(model: ModelMetadata, order: readonly OrderTerm[], where: unknown): string {
  const terms = order.map(({ field, direction, nulls }) => [field, direction, nulls]);
  const text = canonicalArguments({ where });
  if (text === null) {
    throw new InvalidArgumentError(
      'A page by cursor needs a filter of plain values, so that its cursor is known to be of it.',
    );
  }
  return createHash('sha256')
    .update(JSON.stringify([model.name, model.shape, terms, text]))
    .digest('base64url')
    .slice(0, FINGERPRINT_LENGTH);
}

/** @throws InvalidArgumentError when the row's values are too long for a cursor */
export function encodeCursor(fingerprint: string, columns: readonly Column[], row: object): string {
  const values = columns.map(({ field, column }) => textOf(Reflect.get(row, field), column));
  const cursor = Buffer.from(JSON.stringify([fingerprint, ...values])).toString('base64url');
  if (cursor.length > MAX_CURSOR_LENGTH) {
    throw new InvalidArgumentError('The columns ordered by hold values too long for a cursor.');
  }
  return cursor;
}

export interface Column {
  readonly field: string;
  readonly column: ScalarField;
}

/** @throws CursorError for what is no cursor, or one of another query */
export function decodeCursor(
  cursor: string,
  fingerprint: string,
  columns: readonly Column[],
): readonly unknown[] {
  if (typeof cursor !== 'string' || cursor.length > MAX_CURSOR_LENGTH) throw new CursorError('malformed');
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    throw new CursorError('malformed', error);
  }
  if (!Array.isArray(parsed) || typeof parsed[0] !== 'string') throw new CursorError('malformed');
  const [of, ...texts] = parsed as [string, ...unknown[]];
  if (of !== fingerprint) throw new CursorError('other-query');
  if (texts.length !== columns.length) throw new CursorError('malformed');
  return columns.map(({ column }, index) => valueFrom(texts[index], column));
}

function textOf(value: unknown, { type }: ScalarField): string | null {
  if (value === null || value === undefined) return null;
  if (type === 'DateTime') return (value as Date).toISOString();
  // A Decimal's own text may be in powers of ten.
  return String(value);
}

function valueFrom(text: unknown, { type, nullable }: ScalarField): unknown {
  if (text === null && nullable) return null;
  if (typeof text !== 'string' || text.includes('\0')) throw new CursorError('malformed');
  switch (type) {
    case 'Int':
    case 'Float':
      return checked(Number(text), (number) => text !== '' && !Number.isNaN(number));
    case 'BigInt':
      if (!/^-?\d{1,20}$/.test(text)) throw new CursorError('malformed');
      return BigInt(text);
    case 'Decimal':
      if (!/^-?\d+(\.\d+)?(e[+-]?\d{1,4})?$/i.test(text)) throw new CursorError('malformed');
      return text;
    case 'DateTime':
      return checked(new Date(text), (date) => !Number.isNaN(date.getTime()));
    case 'Boolean':
      if (text !== 'true' && text !== 'false') throw new CursorError('malformed');
      return text === 'true';
    default:
      return text;
  }
}

function checked<T>(value: T, isGood: (value: T) => boolean): T {
  if (isGood(value)) return value;
  throw new CursorError('malformed');
}
