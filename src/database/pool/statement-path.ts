import type { ClientBase, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { isServerReply, toDatabaseError } from '../database-errors.js';
import type { QueryOptions } from '../sql-executor.js';
import { currentScope, type TransactionScope } from '../transactions/transaction-scope.js';
import type { HeldPool } from './held-pool.js';
import { runCancellable } from './run-statement.js';
import { TextQuery, type TextRows } from './text-query.js';

/** What may be said of a statement that is read as texts. */
export type StatementOptions = Pick<QueryOptions, 'name'>;

/** What came of a statement. */
type Result<Row extends object> = QueryResult<Row & QueryResultRow> & { readonly rowCount: number };

/** Takes statements to a connection: to that of the transaction that the caller is in, else to any of the pool. */
export class StatementPath {
  readonly #pool: HeldPool;
  readonly #named: boolean;
  readonly #cancel: (client: ClientBase) => Promise<void>;

  constructor(options: {
    readonly pool: HeldPool;
    /** Whether statements may be prepared by name. */
    readonly named: boolean;
    readonly cancel: (client: ClientBase) => Promise<void>;
  }) {
    this.#pool = options.pool;
    this.#named = options.named;
    this.#cancel = options.cancel;
  }

  /** Runs one statement, and gives its failures holdfast's types. */
  async run<Row extends QueryResultRow>(
    text: string,
    parameters: readonly unknown[],
    options: QueryOptions,
  ): Promise<QueryResult<Row>> {
    try {
      const scope = currentScope(this.#pool);
      if (scope !== null) return await this.inScope<Row>(scope, text, parameters, options);
      const config = this.#configOf(text, parameters, options);
      const { signal } = options;
      if (signal === undefined) return await this.#pool.query<Row>(config);
      return await this.#withOwnClient((client) =>
        runCancellable<Row>(client, config, signal, () => this.#cancel(client)),
      );
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  /**
   * Runs one statement outside of any transaction; its rows are taken as the server sends them.
   *
   * @param parameters asked for when a connection is there, which may be long after the call
   */
  async texts(
    text: string,
    parameters: () => readonly unknown[],
    { name }: StatementOptions,
    rows: TextRows,
  ): Promise<void> {
    const named = name !== undefined && this.#named;
    let query: TextQuery;
    try {
      query = await this.#withOwnClient((client) => {
        const config = { text, values: [...parameters()], ...(named && { name }) };
        return new TextQuery(config, rows).runOn(client);
      });
    } catch (error) {
      throw toDatabaseError(error);
    }
    query.throwFailure();
  }

  /** Runs one statement in this transaction, and gives its failures as they are: they decide whether it is retried. */
  async inScope<Row extends object>(
    scope: TransactionScope,
    text: string,
    parameters: readonly unknown[],
    options: QueryOptions,
  ): Promise<Result<Row>> {
    const config = this.#configOf(text, parameters, options);
    const { client } = scope;
    try {
      const result = await (options.signal === undefined
        ? client.query<Row & QueryResultRow>(config)
        : runCancellable<Row & QueryResultRow>(client, config, options.signal, () => this.#cancel(client)));
      return { ...result, rowCount: result.rowCount ?? 0 };
    } catch (error) {
      scope.noteFailure(error);
      throw error;
    }
  }

  /** Lends a connection for as long as `use` runs. */
  async withClient<T>(use: (client: ClientBase) => Promise<T>): Promise<T> {
    const scope = currentScope(this.#pool);
    try {
      return await (scope === null ? this.#withOwnClient(use) : use(scope.client));
    } catch (error) {
      scope?.noteFailure(error);
      throw toDatabaseError(error);
    }
  }

  async #withOwnClient<T>(use: (client: ClientBase) => Promise<T>): Promise<T> {
    const client = await this.#pool.acquire();
    let broken = false;
    const onError = (): void => {
      broken = true;
    };
    client.on('error', onError);
    try {
      return await use(client);
    } catch (error) {
      // Only a reply of the server says that the connection is where it was.
      broken ||= !isServerReply(error);
      throw error;
    } finally {
      client.removeListener('error', onError);
      client.release(broken || client.getTransactionStatus() !== 'I');
    }
  }

  #configOf(text: string, parameters: readonly unknown[], options: QueryOptions): QueryConfig {
    const named = options.name !== undefined && this.#named;
    return named ? { text, values: [...parameters], name: options.name } : { text, values: [...parameters] };
  }
}
