import { InvalidArgumentError } from '../../errors.js';
import type { ColumnShape, TableShape } from './table-shape.js';
import { arrayElement, toText } from './values.js';

/** One row of data, by column. */
export type DataRow = Readonly<Record<string, unknown>>;

/** What a chunk needs of the rows that go into it. */
export interface ChunkEncoder<Chunk> {
  /** About how much memory the rows take that were added since the last `take`. */
  readonly bytes: number;
  /**
   * Adds a row. After an error, what was added is to be thrown away by `take`.
   *
   * @throws InvalidArgumentError when the row lacks a column, has another, or holds a value that cannot be sent
   */
  add(row: DataRow): void;
  /** Gives what was added, and begins afresh. */
  take(): Chunk;
}

/**
 * The columns that a row names, in its order.
 *
 * @throws UnknownIdentifierError for a column that the table does not have
 * @throws InvalidArgumentError when it is no row or names none
 */
export function columnsOf(shape: TableShape, row: unknown): readonly ColumnShape[] {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw new InvalidArgumentError('A row is an object with its values by column.');
  }
  const columns = Object.keys(row).map((name) => shape.column(name));
  if (columns.length === 0) throw new InvalidArgumentError(`A row for ${shape.quoted} names no column.`);
  return columns;
}

/** @throws InvalidArgumentError when the server computes one of the columns, so that nobody may write it */
export function assertWritable(columns: readonly ColumnShape[]): void {
  const generated = columns.find((column) => column.generated);
  if (generated === undefined) return;
  throw new InvalidArgumentError(`Column "${generated.name}" is computed by the server: leave it out.`, {
    context: { column: generated.name },
  });
}

/** Rows in the text format of COPY: https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.2 */
export class CopyEncoder implements ChunkEncoder<Uint8Array> {
  readonly #columns: readonly ColumnShape[];
  #text = '';

  constructor(columns: readonly ColumnShape[]) {
    this.#columns = columns;
  }

  get bytes(): number {
    return this.#text.length;
  }

  add(row: DataRow): void {
    checkKeys(row, this.#columns);
    let line = '';
    let separator = '';
    for (const column of this.#columns) {
      line += separator + copyField(row[column.name], column);
      separator = '\t';
    }
    this.#text += `${line}\n`;
  }

  take(): Uint8Array {
    const text = this.#text;
    this.#text = '';
    return Buffer.from(text);
  }
}

/** Rows as one array literal per column, for `unnest`. */
export class ArrayEncoder implements ChunkEncoder<readonly string[]> {
  readonly #columns: readonly ColumnShape[];
  #literals: string[] = [];
  #bytes = 0;

  constructor(columns: readonly ColumnShape[]) {
    this.#columns = columns;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(row: DataRow): void {
    checkKeys(row, this.#columns);
    let index = 0;
    for (const column of this.#columns) {
      const element = elementOf(row[column.name], column);
      const before = this.#literals[index];
      this.#literals[index] = before === undefined ? `{${element}` : `${before},${element}`;
      this.#bytes += element.length + 1;
      index += 1;
    }
  }

  take(): readonly string[] {
    const literals = this.#literals.map((literal) => `${literal}}`);
    this.#literals = [];
    this.#bytes = 0;
    return literals;
  }
}

// A text without any of these goes out as it is, after this one look at it.
const COPY_SPECIAL = /[\0\\\n\r\t\ud800-\udfff]/;
const ARRAY_SPECIAL = /[\0"\\\ud800-\udfff]/;
const COPY_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function copyField(value: unknown, column: ColumnShape): string {
  if (typeof value === 'number' && column.category === 'N') return String(value);
  if (typeof value === 'string' && column.category === 'S' && !COPY_SPECIAL.test(value)) return value;
  const text = toText(value, column);
  if (text === null) return '\\N';
  if (!COPY_SPECIAL.test(text)) return text;
  return text.replaceAll(/[\\\n\r\t]/g, (character) => COPY_ESCAPES[character] ?? '');
}

function elementOf(value: unknown, column: ColumnShape): string {
  if (typeof value === 'number' && column.category === 'N') return String(value);
  if (typeof value === 'string' && column.category === 'S' && !ARRAY_SPECIAL.test(value)) return `"${value}"`;
  return arrayElement(toText(value, column));
}

function checkKeys(row: DataRow, columns: readonly ColumnShape[]): void {
  if (typeof row !== 'object' || row === null) {
    throw new InvalidArgumentError('A row is an object with its values by column.');
  }
  const keys = Object.keys(row);
  if (keys.length === columns.length) return; // A name that differs leaves another undefined, which is refused.
  const names = columns.map(({ name }) => name);
  const odd = keys.find((key) => !names.includes(key)) ?? names.find((name) => !keys.includes(name));
  throw new InvalidArgumentError(
    `All rows have the columns of the first (${names.join(', ')}); this one differs in "${odd}".`,
    { context: { column: odd, columns: names } },
  );
}
