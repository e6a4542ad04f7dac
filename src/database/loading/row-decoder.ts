import { type ColumnDecoder, columnDecoder, type DateMaker, type EnumNames } from './column-decoder.js';
import type { LoadStatement } from './load-statement.js';

/** A row as the server sent it. */
export type TextRow = readonly (string | null)[];

interface Column {
  readonly name: string;
  readonly decode: ColumnDecoder;
  /** What Prisma gives for a null. */
  readonly isList: boolean;
}

/** Types whose values cannot be changed, if dates are made so. */
const IMMUTABLE = new Set(['String', 'Int', 'BigInt', 'Float', 'Boolean', 'DateTime']);

const dateOf: DateMaker = (ms) => new Date(ms);

/** Makes rows as Prisma gives them of what a `LoadStatement` brought. */
export class RowDecoder {
  readonly oids: readonly number[];
  readonly #columns: readonly Column[] | null;
  readonly #freezes: boolean;

  /**
   * @param oids of the columns, in the statement's order
   * @param frozenDate makes dates that cannot be changed: rows of which no value can then be changed come frozen
   */
  constructor(
    statement: LoadStatement,
    oids: readonly number[],
    enums: EnumNames,
    frozenDate: DateMaker | null,
  ) {
    this.oids = oids;
    this.#columns = columnsOf(statement, oids, enums, frozenDate ?? dateOf);
    this.#freezes =
      frozenDate !== null &&
      statement.fields.every(({ field }) => !field.list && (field.isEnum || IMMUTABLE.has(field.type)));
  }

  /** Whether it knows the types of all columns. */
  get isComplete(): boolean {
    return this.#columns !== null;
  }

  /** Whether a result has the columns' types that it was made for. */
  fits(oids: readonly number[]): boolean {
    return oids.length === this.oids.length && oids.every((oid, index) => oid === this.oids[index]);
  }

  /** The row; null where a value in it is one that only Prisma can read. */
  decode(texts: TextRow): object | null {
    const columns = this.#columns ?? [];
    const row: Record<string, unknown> = {};
    for (let index = 0; index < columns.length; index += 1) {
      const { name, decode, isList } = columns[index] as Column;
      const text = texts[index] ?? null;
      if (text === null) row[name] = isList ? [] : null;
      else {
        const value = decode(text);
        if (value === undefined) return null;
        row[name] = value;
      }
    }
    return this.#freezes ? Object.freeze(row) : row;
  }
}

function columnsOf(
  { fields }: LoadStatement,
  oids: readonly number[],
  enums: EnumNames,
  dates: DateMaker,
): readonly Column[] | null {
  const columns: Column[] = [];
  for (const [index, { name, field }] of fields.entries()) {
    const decode = columnDecoder(field, oids[index] ?? 0, enums, dates);
    if (decode === null) return null;
    columns.push({ name, decode, isList: field.list });
  }
  return columns;
}
