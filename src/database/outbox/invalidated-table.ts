/** A table of which entities are cached, or that stands between two of them. Names are exact: case matters. */
export interface InvalidatedTable {
  readonly table: string;
  /** @default where the search path finds it when the SQL is run */
  readonly schema?: string;
  /**
   * The columns of the id, in the order of the key; none for a table whose rows have no entries of their own, such as the
   * one behind an implicit many-to-many relation.
   */
  readonly idColumns: readonly string[];
}
