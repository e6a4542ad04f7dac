import type { QueryOptions, SqlExecutor } from '../sql-executor.js';
import type { Filter } from './filter.js';
import type { TableName } from './identifiers.js';
import { toArgumentError } from './server-errors.js';
import type { Sql } from './sql.js';
import type { TableCatalog } from './table-catalog.js';

/** What every pattern runs on. */
export interface PatternContext {
  readonly executor: SqlExecutor;
  readonly catalog: TableCatalog;
}

/** Which rows of which table. */
export interface RowsRequest {
  /** `table`, `schema.table`, or its parts by name. Case matters. */
  readonly table: string | TableName;
  /** The columns to return. @default all */
  readonly select?: readonly string[];
  /** @default all rows */
  readonly where?: Filter | Sql;
  readonly signal?: AbortSignal;
}

/**
 * Runs a statement that a pattern built.
 *
 * @throws InvalidArgumentError when the server refuses one of the values
 */
export async function runQuery<Row extends object>(
  { executor }: PatternContext,
  statement: Sql,
  signal: AbortSignal | undefined,
): Promise<readonly Row[]> {
  const options: QueryOptions = signal === undefined ? {} : { signal };
  try {
    return await executor.query<Row>(statement.text, statement.values, options);
  } catch (error) {
    throw toArgumentError(error);
  }
}
