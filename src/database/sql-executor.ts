import type { ClientBase } from 'pg';

/** What may be said of one statement. */
export interface QueryOptions {
  /** Prepares the statement under this name on each connection. Not for a pooler in transaction mode. */
  readonly name?: string;
  /** Cancels the statement on the server when it aborts, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What runs statements: the pool, on any of its connections, or a transaction, on its own. */
export interface SqlExecutor {
  /** Runs one statement and gives its rows. */
  query<Row extends object>(
    text: string,
    parameters?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<readonly Row[]>;
  /** Runs one statement and gives the number of rows it touched. */
  execute(text: string, parameters?: readonly unknown[], options?: QueryOptions): Promise<number>;
  /**
   * Lends a connection for as long as `use` runs: for what one statement cannot do, such as a cursor or a COPY. Inside a
   * transaction it is that transaction's connection.
   */
  withClient<T>(use: (client: ClientBase) => Promise<T>): Promise<T>;
}
