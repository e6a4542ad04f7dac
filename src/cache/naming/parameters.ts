import { types } from 'node:util';
import { isPlainObject, nullKindOf } from '../../database/schema/prisma-values.js';
import { InvalidArgumentError } from '../../errors.js';
import { escaped } from './escaped.js';

/** Deeper than any parameters in earnest. */
const DEEPEST = 100;
const NUMBER = /^-?(\d|NaN$|Infinity$)/;

/**
 * A text that stands for this value and for no other. The order of an object's properties does not count, that of a list
 * does. `1`, `'1'`, `1n` and a Decimal of 1 are four values, `null`, `undefined` and a property that is missing are three, and
 * so are 0, -0 and NaN. A Decimal is told by its number, bytes by their content.
 *
 *     { page: 2, tags: ['a', 'b'], since: null }   ->   (page=2,since=null,tags=!('a,'b))
 *
 * @throws InvalidArgumentError for what cannot be named faithfully: a function, a symbol, a circle, an invalid date, a gap
 * in a list, an instance of a class that is none of these. The message and `context.path` say where it is
 */
export function parametersText(value: unknown): string {
  return textOf(value, { path: [], inside: [] });
}

/** Where a walk through a value is. */
interface Place {
  readonly path: (string | number)[];
  /** The objects around it: who is found among them closes a circle. */
  readonly inside: object[];
}

/**
 * The first characters tell the kind: `'` text, `!(` a list, `(` an object, `d` a date, `m` a Decimal, `x` bytes, `!` and a
 * letter a null of Prisma's. No text holds a comma or a bracket, so none runs into the next.
 */
function textOf(value: unknown, place: Place): string {
  switch (typeof value) {
    case 'string':
      return `'${escaped(value)}`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value).replace('+', '');
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? 'null' : textOfObject(value, place);
    default:
      throw unnameable(`a ${typeof value}`, place);
  }
}

function textOfObject(value: object, place: Place): string {
  const isList = Array.isArray(value);
  if (!isList && !isPlainObject(value)) return textOfInstance(value, place);
  if (place.inside.includes(value)) throw unnameable('a circle', place);
  if (place.inside.length === DEEPEST) throw unnameable(`nested deeper than ${DEEPEST} levels`, place);
  place.inside.push(value);
  const text = isList ? textOfList(value, place) : textOfProperties(value, place);
  place.inside.pop();
  return text;
}

function textOfList(list: readonly unknown[], place: Place): string {
  if (Object.keys(list).length !== list.length) throw unnameable('a list with gaps or names', place);
  return `!(${list.map((item, index) => textAt(index, item, place)).join(',')})`;
}

function textOfProperties(object: Readonly<Record<string, unknown>>, place: Place): string {
  if (Object.getOwnPropertySymbols(object).length > 0) throw unnameable('an object with symbols', place);
  const names = Object.keys(object).sort();
  return `(${names.map((name) => `${escaped(name)}=${textAt(name, object[name], place)}`).join(',')})`;
}

function textAt(step: string | number, value: unknown, place: Place): string {
  place.path.push(step);
  const text = textOf(value, place);
  place.path.pop();
  return text;
}

function textOfInstance(value: object, place: Place): string {
  if (types.isDate(value)) {
    if (Number.isNaN(value.getTime())) throw unnameable('an invalid date', place);
    return `d${escaped(value.toISOString())}`;
  }
  if (types.isUint8Array(value)) {
    return `x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64url')}`;
  }
  const nullKind = nullKindOf(value);
  if (nullKind !== null) return `!${nullKind}`;
  const digits = digitsOf(value);
  if (digits !== null) return `m${escaped(digits)}`;
  throw unnameable(classOf(value), place);
}

/** The number of a Decimal of any copy of decimal.js, NaN and the infinities included; null for what is none. */
function digitsOf(value: object): string | null {
  const { s: sign, e: exponent, toFixed } = value as { s?: unknown; e?: unknown; toFixed?: unknown };
  const isDecimal = typeof sign === 'number' && typeof exponent === 'number' && 'd' in value;
  if (!isDecimal || typeof toFixed !== 'function') return null;
  // Not `toString()`, which drops the sign of -0.
  const digits = String(value.valueOf());
  return NUMBER.test(digits) ? digits : null;
}

function classOf(value: object): string {
  const { name } = (value.constructor ?? {}) as { name?: unknown };
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object';
}

function unnameable(what: string, { path }: Place): InvalidArgumentError {
  const where = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return new InvalidArgumentError(
    `The parameters of a key hold something that cannot be in one: ${what} at "parameters${where.slice(0, 200)}". ` +
      'Give plain values: text, numbers, dates, lists and objects of them.',
    { context: { path: [...path] } },
  );
}
