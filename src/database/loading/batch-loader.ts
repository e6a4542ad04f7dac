import { errorCodes } from '../database-errors.js';
import { arrayLiteral } from '../patterns/values.js';
import type { StatementOptions } from '../pool/statement-path.js';
import type { TextRows } from '../pool/text-query.js';
import { modelOf } from '../schema/model-lookup.js';
import { type SchemaMetadata } from '../schema/schema-metadata.js';
import type { DateMaker, EnumNames } from './column-decoder.js';
import { type LoadStatement, loadStatement } from './load-statement.js';
import { RowDecoder } from './row-decoder.js';

/** What runs the statement. */
export interface TextQueries {
  queryTexts(
    text: string,
    parameters: () => readonly unknown[],
    options: StatementOptions,
    rows: TextRows,
  ): Promise<void>;
}

// https://www.postgresql.org/docs/15/errcodes-appendix.html
const CHANGED_RESULT_TYPE = '0A000';
/** No such operator; another type than is said: the statement will never do for these columns. */
const MISFITS = new Set(['42883', '42804']);
/** Bad data, such as a number beyond the column's; no such table, or no right to it. */
const REFUSALS = /^(?:22|42|0A)/;

/**
 * Reads rows by a unique key, many with one prepared statement, without Prisma's query engine; what it gives is what
 * Prisma's `findMany` gives. It says so where it cannot: then Prisma is to be asked.
 */
export class BatchLoader {
  readonly #queries: TextQueries;
  readonly #statement: LoadStatement;
  readonly #enums: EnumNames;
  readonly #frozenDate: DateMaker | null;
  #decoder: RowDecoder | null = null;
  #isUsable = true;
  /** A statement that was prepared before its table changed fails for ever on its connection; one of another name does not. */
  #generation = 0;

  /**
   * One for a key of a model; null where its metadata does not tell enough of the key.
   *
   * @param frozenDate makes dates that cannot be changed; rows are then frozen as far as that is enough
   */
  static of(
    queries: TextQueries,
    schema: SchemaMetadata,
    model: string,
    key: readonly string[],
    frozenDate: DateMaker | null = null,
  ): BatchLoader | null {
    const statement = loadStatement(modelOf(schema, model), key);
    return statement === null ? null : new BatchLoader(queries, statement, enumNames(schema), frozenDate);
  }

  private constructor(
    queries: TextQueries,
    statement: LoadStatement,
    enums: EnumNames,
    frozenDate: DateMaker | null,
  ) {
    this.#queries = queries;
    this.#statement = statement;
    this.#enums = enums;
    this.#frozenDate = frozenDate;
  }

  /**
   * The rows that have one of these keys, in no order. Null where only Prisma can read them, or say what is wrong with a key.
   *
   * @param keys for each field of the key, its text in each of the keys; asked for when a connection is there
   * @throws what `ConnectionPool.query` throws when the database cannot be reached
   */
  async load(keys: () => readonly (readonly string[])[]): Promise<readonly object[] | null> {
    if (!this.#isUsable) return null;
    const parameters = () => keys().map(arrayLiteral);
    try {
      return await this.#query(parameters);
    } catch (error) {
      const codes = [...errorCodes(error)];
      if (codes.some((code) => MISFITS.has(code))) this.#isUsable = false;
      if (codes.some((code) => REFUSALS.test(code))) return null;
      throw error;
    }
  }

  async #query(parameters: () => readonly string[]): Promise<readonly object[] | null> {
    const generation = this.#generation;
    try {
      return await this.#send(parameters);
    } catch (error) {
      if (![...errorCodes(error)].includes(CHANGED_RESULT_TYPE)) throw error;
      if (this.#generation === generation) this.#generation += 1;
      return this.#send(parameters);
    }
  }

  async #send(parameters: () => readonly string[]): Promise<readonly object[] | null> {
    const { text, name } = this.#statement;
    let decoder: RowDecoder | null = null;
    let rows: object[] | null = [];
    await this.#queries.queryTexts(
      text,
      parameters,
      { name: `${name}_${this.#generation}` },
      {
        columns: (types) => {
          decoder = this.#decoderOf(types);
          if (!decoder.isComplete) rows = null;
        },
        row: (texts) => {
          const row = decoder?.decode(texts) ?? null;
          if (row === null) rows = null;
          rows?.push(row as object);
        },
      },
    );
    return rows;
  }

  /** Mostly the last one: the columns' types change only with the table. */
  #decoderOf(types: readonly number[]): RowDecoder {
    if (this.#decoder?.fits(types) !== true) {
      this.#decoder = new RowDecoder(this.#statement, types, this.#enums, this.#frozenDate);
      this.#isUsable = this.#decoder.isComplete;
    }
    return this.#decoder;
  }
}

function enumNames({ enums = {} }: SchemaMetadata): EnumNames {
  return new Map(
    Object.entries(enums).map(([name, values]) => [
      name,
      new Map(values.map((value) => [value.stored, value.name])),
    ]),
  );
}
