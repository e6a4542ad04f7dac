import { InvalidArgumentError } from '../../errors.js';
import type { ColumnShape } from './table-shape.js';

// A null byte cannot be stored; half of a surrogate pair would be stored as another character.
const SUSPECT = /[\0\ud800-\udfff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * A value of JavaScript as the text that PostgreSQL reads for this column; null stays null. Dates are written in UTC,
 * bytes in hexadecimal, arrays as array literals, and everything for a JSON column as JSON, so that a text becomes a
 * JSON text. An object of another class counts as what its `toString` says: a Decimal, for one.
 *
 * @throws InvalidArgumentError for undefined, invalid dates, functions, plain objects where no JSON belongs, and texts
 *   with null bytes or halves of surrogate pairs
 */
export function toText(value: unknown, column: ColumnShape): string | null {
  switch (typeof value) {
    case 'string':
      return isJson(column) ? jsonText(value, column) : checkedText(value, column);
    case 'number':
      return isJson(column) ? jsonText(value, column) : String(value);
    case 'bigint':
      return value.toString();
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? null : objectText(value, column);
    default:
      throw refusal(value, column, value === undefined ? 'use null, or leave the column out' : 'not a value');
  }
}

/** An array as PostgreSQL reads one: every element in quotes, null without. */
export function arrayLiteral(elements: readonly (string | null)[]): string {
  // Ids have nothing in them to be escaped, and are many.
  const isPlain = !elements.includes(null) && !/["\\]/.test(elements.join(''));
  if (isPlain && elements.length > 0) return `{"${elements.join('","')}"}`;
  return `{${elements.map(arrayElement).join(',')}}`;
}

/** One element of an array literal. */
export function arrayElement(element: string | null): string {
  if (element === null) return 'NULL';
  return /["\\]/.test(element) ? `"${element.replaceAll(/["\\]/g, '\\$&')}"` : `"${element}"`;
}

function objectText(value: object, column: ColumnShape): string {
  if (isJson(column)) return jsonText(value, column);
  if (value instanceof Date) return dateText(value, column);
  if (value instanceof Uint8Array) {
    return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
  }
  if (Array.isArray(value)) return nestedArray(value, column);
  // `Object.prototype.toString` gives "[object Object]", which nobody means.
  const text = value.toString === Object.prototype.toString ? null : String(value);
  if (text === null) throw refusal(value, column, `a plain object does not fit ${column.type}`);
  return checkedText(text, column);
}

function nestedArray(values: readonly unknown[], column: ColumnShape): string {
  if (column.category !== 'A') throw refusal(values, column, `an array does not fit ${column.type}`);
  const element = { ...column, baseType: column.baseType.replace(/^_/, '') };
  const texts = values.map((value) =>
    Array.isArray(value) && !isJson(element)
      ? nestedArray(value, column)
      : arrayElement(toText(value, element)),
  );
  return `{${texts.join(',')}}`;
}

// The years that ISO 8601 writes with four digits.
const FIRST_PLAIN_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_PLAIN_MS = Date.UTC(10_000, 0) - 1;

/** ISO 8601, with the years before 1 and after 9999 as PostgreSQL writes them. */
function dateText(date: Date, column: ColumnShape): string {
  const time = date.getTime();
  if (time >= FIRST_PLAIN_MS && time <= LAST_PLAIN_MS) return date.toISOString();
  if (Number.isNaN(time)) throw refusal(date, column, 'the date is not valid');
  const year = date.getUTCFullYear();
  const iso = date.toISOString();
  const rest = iso.slice(iso.indexOf('-', 1));
  const digits = String(year > 0 ? year : 1 - year).padStart(4, '0');
  return `${digits}${rest}${year > 0 ? '' : ' BC'}`;
}

function jsonText(value: unknown, column: ColumnShape): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw refusal(value, column, 'it cannot be written as JSON', error);
  }
  if (text === undefined) throw refusal(value, column, 'it cannot be written as JSON');
  return text;
}

function checkedText(text: string, column: ColumnShape): string {
  if (SUSPECT.test(text)) {
    if (text.includes('\0')) throw refusal(text, column, 'PostgreSQL stores no null bytes in texts');
    if (LONE_SURROGATE.test(text)) throw refusal(text, column, 'it has half of a surrogate pair');
  }
  return text;
}

function isJson(column: ColumnShape): boolean {
  return column.baseType === 'jsonb' || column.baseType === 'json';
}

function refusal(value: unknown, column: ColumnShape, reason: string, cause?: unknown): InvalidArgumentError {
  const kind = value === undefined ? 'undefined' : `A value of type ${typeof value}`;
  return new InvalidArgumentError(`${kind} cannot be used for column "${column.name}": ${reason}.`, {
    context: { column: column.name, type: column.type },
    cause,
  });
}
