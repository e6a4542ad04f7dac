/** What can be written as a literal. A property that is undefined is left out. */
export type Literal =
  | string
  | number
  | boolean
  | null
  | readonly Literal[]
  | { readonly [key: string]: Literal | undefined };

const LINE_WIDTH = 110;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Whether code of one line fits into it. */
export function fits(line: string): boolean {
  return line.length <= LINE_WIDTH;
}

/**
 * A value as TypeScript, formatted as Biome does with single quotes and 110 columns: in one line where it fits.
 *
 * @param indent how far the line is indented in which it begins
 * @param around how many characters stand before and behind it in that line
 */
export function literal(value: Literal, indent = '', around = 0): string {
  if (!isNested(value)) return scalarLiteral(value);
  const line = literalWithin(LINE_WIDTH - indent.length - around, value);
  if (line !== null) return line;
  const deeper = `${indent}  `;
  if (isList(value)) {
    return `[\n${value.map((item) => `${deeper}${literal(item, deeper, 1)},\n`).join('')}${indent}]`;
  }
  const properties = entriesOf(value).map(([key, item]) => `${deeper}${property(key, item, deeper)},\n`);
  return `{\n${properties.join('')}${indent}}`;
}

/**
 * A value in one line of no more than this many characters; null where it needs more, or stands on several lines whatever
 * its length. It looks no further than it has to, since most of a schema is not to be written in one line.
 */
export function literalWithin(room: number, value: Literal): string | null {
  if (!isNested(value)) return scalarLiteral(value);
  if (isList(value) && standsInLines(value)) return null;
  const [opening, closing] = isList(value) ? ['[', ']'] : ['{ ', ' }'];
  const pieces: string[] = [];
  let left = room - opening.length - closing.length;
  for (const [key, item] of entriesOf(value)) {
    const [before, after] = isList(value) ? ['', ''] : around(key, item);
    const written = literalWithin(left - before.length - after.length, item);
    if (written === null) return null;
    pieces.push(before + written + after);
    left -= before.length + written.length + after.length + (pieces.length > 1 ? 2 : 0);
    if (left < 0) return null;
  }
  if (pieces.length === 0) return isList(value) ? '[]' : '{}';
  return opening + pieces.join(', ') + closing;
}

/** A property of an object, without the comma that follows it. */
export function property(key: string, value: Literal, indent: string): string {
  const [before, after] = around(key, value);
  const written = before + literal(value, indent, before.length + after.length + 1) + after;
  const [firstLine = ''] = written.split('\n');
  // The comma is in the first line where that is the only one.
  if (fits(firstLine === written ? `${indent}${written},` : indent + firstLine)) return written;
  const deeper = `${indent}  `;
  return `${before.trimEnd()}\n${deeper}${literal(value, deeper, after.length + 1)}${after}`;
}

/** A text in quotes: single ones unless it holds more of them than of double ones. */
export function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1);
  if (text.split("'").length > text.split('"').length) return `"${inner}"`;
  return `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** What stands before and behind the value of a property. */
function around(key: string, value: Literal): readonly [before: string, after: string] {
  // Of a property called `constructor` the compiler takes the type from Object, not from the index signature, and so forgets
  // which literals are in it.
  const after = isNested(value) && key in Object.prototype ? ' as const' : '';
  return [`${IDENTIFIER.test(key) ? key : quoted(key)}: `, after];
}

/** Several lists, or several objects, of more than one item each stand one below the other. */
function standsInLines(list: readonly Literal[]): boolean {
  if (list.length < 2) return false;
  const isLong = (item: Literal): boolean => isNested(item) && Object.keys(item).length > 1;
  return (
    list.every((item) => isLong(item) && isList(item)) || list.every((item) => isLong(item) && !isList(item))
  );
}

function scalarLiteral(value: string | number | boolean | null): string {
  return typeof value === 'string' ? quoted(value) : String(value);
}

type Nested = Extract<Literal, object>;

function isNested(value: Literal): value is Nested {
  return typeof value === 'object' && value !== null;
}

function isList(value: Literal): value is readonly Literal[] {
  return Array.isArray(value);
}

function entriesOf(value: Literal): [string, Literal][] {
  return Object.entries(value ?? {}).flatMap(([key, item]) => (item === undefined ? [] : [[key, item]]));
}
