import { type ColumnDecoder, columnDecoder, type EnumNames } from './column-decoder.js';
import type { LoadStatement } from './load-statement.js';

/** A row as the server sent it. */
export type TextRow = readonly (string | null)[];

interface Column {
  readonly name: string;
  readonly decode: ColumnDecoder;
  /** What Prisma gives for a null. */
  readonly isList: boolean;
}

/** Makes rows as Prisma gives them of what a `LoadStatement` brought. */
export class RowDecoder {
  readonly oids: readonly number[];
  readonly #columns: readonly Column[] | null;

  /** @param oids of the columns, in the statement's order */
  constructor(statement: LoadStatement, oids: readonly number[], enums: EnumNames) {
    this.oids = oids;
    this.#columns = columnsOf(statement, oids, enums);
  }

  /** Whether it knows the types of all columns. */
  get isComplete(): boolean {
    return this.#columns !== null;
  }

  /** Whether a result has the columns' types that it was made for. */
  fits(fields: readonly { readonly dataTypeID: number }[]): boolean {
    return (
      fields.length === this.oids.length &&
      fields.every(({ dataTypeID }, index) => dataTypeID === this.oids[index])
    );
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
    return row;
  }
}

function columnsOf(
  { fields }: LoadStatement,
  oids: readonly number[],
  enums: EnumNames,
): readonly Column[] | null {
  const columns: Column[] = [];
  for (const [index, { name, field }] of fields.entries()) {
    const decode = columnDecoder(field, oids[index] ?? 0, enums);
    if (decode === null) return null;
    columns.push({ name, decode, isList: field.list });
  }
  return columns;
}
