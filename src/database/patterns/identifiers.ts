import { InvalidArgumentError } from '../../errors.js';

/** A table's name, with its schema unless the search path is to find it. Names are exact: case matters. */
export interface TableName {
  readonly schema?: string;
  readonly name: string;
}

/** PostgreSQL cuts names off at 63 bytes: https://www.postgresql.org/docs/15/sql-syntax-lexical.html */
const MAX_NAME_BYTES = 63;

const PART = /"((?:[^"]|"")*)"|([^".]+)/y;

/**
 * A name between double quotes, so that mixed case, reserved words and quotes inside mean the name itself.
 *
 * @throws InvalidArgumentError when no object can bear it: empty, over 63 bytes, or with a null byte
 */
export function quoteIdentifier(name: string): string {
  if (typeof name !== 'string' || name === '' || name.includes('\0')) {
    throw new InvalidArgumentError('A name in the database is a text, not empty and without null bytes.', {
      context: { name },
    });
  }
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw new InvalidArgumentError(
      `A name in the database has at most ${MAX_NAME_BYTES} bytes, "${name.slice(0, 80)}" has more.`,
    );
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Reads `table`, `schema.table`, or either part in double quotes where it has a dot or a quote in it. Unlike in SQL,
 * case is kept without quotes too.
 *
 * @throws InvalidArgumentError when the text is none of these
 */
export function parseTableName(table: string | TableName): TableName {
  if (typeof table === 'object' && table !== null) return table;
  if (typeof table !== 'string') throw notATable(String(table));
  const parts: string[] = [];
  let at = 0;
  do {
    PART.lastIndex = at;
    const match = PART.exec(table);
    if (match === null) throw notATable(table);
    parts.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    at = PART.lastIndex + 1;
  } while (at <= table.length && table[at - 1] === '.');
  const [first, second] = parts;
  if (at <= table.length || parts.length > 2 || first === undefined) throw notATable(table);
  return second === undefined ? { name: first } : { schema: first, name: second };
}

/** The name as it stands in a statement. */
export function quoteTableName(table: TableName): string {
  const name = quoteIdentifier(table.name);
  return table.schema === undefined ? name : `${quoteIdentifier(table.schema)}.${name}`;
}

function notATable(table: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `"${table.slice(0, 130)}" is not the name of a table: write table, schema.table or "a.b"."c".`,
  );
}
