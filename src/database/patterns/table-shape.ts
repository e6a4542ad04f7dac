import { UnknownIdentifierError } from './errors.js';
import { quoteIdentifier } from './identifiers.js';

/** One column, as the catalog describes it. */
export interface ColumnShape {
  readonly name: string;
  /** The name in double quotes. */
  readonly quoted: string;
  /** The type as it stands in a cast, without its length: `bigint`, `bpchar`, `"job_status"`, `text[]`. */
  readonly type: string;
  /** What the type is at bottom, with domains resolved: `int8`, `jsonb`, `_text`. */
  readonly baseType: string;
  /** PostgreSQL's letter for the kind of type: `S` string, `N` number, `A` array, `E` enum, `D` date or time ... */
  readonly category: string;
  readonly notNull: boolean;
  /** Whether the server computes it, so that nobody may write it. */
  readonly generated: boolean;
}

/** A unique index over plain columns, valid, immediate and without a condition: what ON CONFLICT and cursors rest on. */
export interface UniqueIndex {
  readonly name: string;
  readonly columns: readonly string[];
  readonly primary: boolean;
  readonly nullsNotDistinct: boolean;
}

/** An index that may serve a search: one entry for each of its keys. */
export interface SearchIndex {
  readonly name: string;
  readonly keys: readonly {
    /** The column, or null where the key is an expression. */
    readonly column: string | null;
    readonly expression: string;
    readonly operatorClass: string;
    /** The schema of the operator class, where its operators live as well. */
    readonly operatorSchema: string;
  }[];
}

/** What the catalog says of one table, view or materialized view. Immutable. */
export class TableShape {
  readonly schema: string;
  readonly name: string;
  /** Schema and name, each in double quotes. */
  readonly quoted: string;
  readonly columns: readonly ColumnShape[];
  readonly uniqueIndexes: readonly UniqueIndex[];
  readonly searchIndexes: readonly SearchIndex[];
  readonly #byName: ReadonlyMap<string, ColumnShape>;

  constructor(parts: {
    readonly schema: string;
    readonly name: string;
    readonly columns: readonly ColumnShape[];
    readonly uniqueIndexes: readonly UniqueIndex[];
    readonly searchIndexes: readonly SearchIndex[];
  }) {
    this.schema = parts.schema;
    this.name = parts.name;
    this.quoted = `${quoteIdentifier(parts.schema)}.${quoteIdentifier(parts.name)}`;
    this.columns = Object.freeze(parts.columns.map((column) => Object.freeze(column)));
    this.uniqueIndexes = Object.freeze([...parts.uniqueIndexes]);
    this.searchIndexes = Object.freeze([...parts.searchIndexes]);
    this.#byName = new Map(this.columns.map((column) => [column.name, column]));
    Object.freeze(this);
  }

  /** @throws UnknownIdentifierError when the table has no such column; its context lists those there are */
  column(name: string): ColumnShape {
    const column = this.#byName.get(name);
    if (column !== undefined) return column;
    const known = this.columns.map((each) => each.name);
    throw new UnknownIdentifierError('column', String(name), known, `${this.schema}.${this.name}`);
  }

  /** The columns with these names, or all of them. */
  select(names?: readonly string[]): readonly ColumnShape[] {
    return names === undefined ? this.columns : names.map((name) => this.column(name));
  }

  /** The index of the primary key; null where the table has none. */
  get primaryKey(): UniqueIndex | null {
    return this.uniqueIndexes.find((index) => index.primary) ?? null;
  }
}
