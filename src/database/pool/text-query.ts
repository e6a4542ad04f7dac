import type { ClientBase, QueryConfig } from 'pg';
import { PassingQuery, type QueryCallback } from './passing-query.js';

/** Takes what a statement brings, as the server sends it. A row is the taker's: nothing else keeps it. */
export interface TextRows {
  /** Called first. @param types the number of each column's type */
  columns(types: readonly number[]): void;
  /** @param texts of the columns, in their order */
  row(texts: readonly (string | null)[]): void;
}

interface RowDescription {
  readonly fields: readonly { readonly dataTypeID: number }[];
}

interface DataRow {
  readonly fields: readonly (string | null)[];
}

/** A statement of pg that hands its rows on as they come, instead of making an array of each and one of all. */
export class TextQuery extends PassingQuery {
  #rows: TextRows | null;
  #failure: { readonly error: unknown } | null = null;

  constructor(config: QueryConfig, rows: TextRows) {
    super(config);
    this.#rows = rows;
  }

  /** Resolves to itself when the statement has ended. Only what the server says is thrown: see `throwFailure`. */
  runOn(client: ClientBase): Promise<this> {
    return new Promise((resolve, reject) => {
      const done: QueryCallback = (error) => (error ? reject(error) : resolve(this));
      Reflect.apply(client.query, client, [this, undefined, done]);
    });
  }

  /**
   * To be called when the statement has ended.
   *
   * @throws what the taker of the rows threw
   */
  throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Called by pg. */
  handleRowDescription({ fields }: RowDescription): void {
    this.#tell((rows) => rows.columns(fields.map(({ dataTypeID }) => dataTypeID)));
  }

  /** Called by pg. */
  handleDataRow({ fields }: DataRow): void {
    this.#tell((rows) => rows.row(fields));
  }

  protected override letGo(): void {
    super.letGo();
    this.#rows = null;
  }

  /** An error that went through pg's parser would break the connection. */
  #tell(tell: (rows: TextRows) => void): void {
    if (this.#failure !== null || this.#rows === null) return;
    try {
      tell(this.#rows);
    } catch (error) {
      this.#failure = { error };
    }
  }
}
