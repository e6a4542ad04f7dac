import { types } from 'node:util';
import { isDecimalLike, isFieldReference, isPlainObject, isSkip, nullKindOf } from './prisma-values.js';

/** Names of fields, and most ids: nothing in them needs an escape. */
const PLAIN_TEXT = /^[\w-]*$/;
/** Deeper than any arguments that Prisma takes in earnest; a circle ends here too. */
const DEEPEST = 64;
/** A number of so many digits is no number that anyone looks up, and its text would be as long. */
const LARGEST_EXPONENT = 1_000;

/**
 * A text that stands for these Prisma arguments and for none that mean something else. The order of keys does not count,
 * the order of lists does; what is `undefined` or `Prisma.skip` counts as left out. A value keeps its type: `1`, `1n`,
 * `'1'` and a Decimal of 1 are four. Bytes are told by their content, a Decimal by its value.
 *
 * @returns null for arguments that hold something which cannot be named faithfully: a function, a symbol, an instance of
 * a class that Prisma does not know, an invalid date, a gap in a list
 */
export function canonicalArguments(args: unknown): string | null {
  return args === undefined ? '{}' : textOf(args, 0);
}

/** The first character tells the kind, and no text but a quoted one holds a comma or a bracket, so none runs into the next. */
function textOf(value: unknown, depth: number): string | null {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return `#${Object.is(value, -0) ? '-0' : value}`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'bigint':
      return `i${value}`;
    case 'object':
      if (value === null) return 'n';
      if (depth === DEEPEST) return null;
      if (Array.isArray(value)) return textOfList(value, depth + 1);
      return isPlainObject(value) ? textOfObject(value, depth + 1) : textOfInstance(value);
    default:
      return null;
  }
}

function quoted(text: string): string {
  return PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text);
}

function textOfList(list: readonly unknown[], depth: number): string | null {
  let text = '[';
  // By index, since a gap is a failure and not an item to leave out.
  for (let index = 0; index < list.length; index++) {
    const item = textOf(list[index], depth);
    if (item === null) return null;
    text += `${item},`;
  }
  return `${text}]`;
}

function textOfObject(object: Readonly<Record<string, unknown>>, depth: number): string | null {
  const keys = Object.keys(object);
  if (keys.length > 1) keys.sort();
  let text = '{';
  for (const key of keys) {
    const value = object[key];
    if (value === undefined || isSkip(value)) continue;
    const valueText = textOf(value, depth);
    if (valueText === null) return null;
    text += `${quoted(key)}:${valueText},`;
  }
  return `${text}}`;
}

function textOfInstance(value: object): string | null {
  if (types.isDate(value)) {
    const time = value.getTime();
    return Number.isNaN(time) ? null : `D${time}`;
  }
  if (types.isUint8Array(value)) {
    return `B${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}`;
  }
  const nullKind = nullKindOf(value);
  if (nullKind !== null) return `N${nullKind}`;
  if (isFieldReference(value)) return `F${JSON.stringify([value.modelName, value.name])}`;
  if (isDecimalLike(value) && Math.abs(value.e) <= LARGEST_EXPONENT) return `d${value.toFixed()}`;
  return null;
}
