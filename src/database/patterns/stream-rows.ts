import { randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import { type BorrowedClient, borrowClient } from './borrowed-client.js';
import { cancellable } from './cancellable.js';
import { filterSql } from './filter.js';
import { wholeNumber } from './limits.js';
import { type OrderBy, orderTerms, orderText } from './order.js';
import type { PatternContext, RowsRequest } from './pattern-context.js';
import { hasOpenTransaction } from './savepoint.js';
import { toArgumentError } from './server-errors.js';
import { type Sql, sql, trusted } from './sql.js';

/** How a stream reads, and what ends it early. */
export interface StreamOptions {
  /** Rows fetched at a time; twice as many are in memory. @default 1000 */
  readonly batchRows?: number;
  /** Ends the reading, and cancels on the server what it is doing for it. The loop gets the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Which rows of a table are streamed, and in what order. */
export interface StreamRequest extends RowsRequest, StreamOptions {
  /** @default none */
  readonly orderBy?: readonly OrderBy[];
}

/**
 * The rows of a result of any size, one by one, through a cursor on the server. It sees one snapshot, and holds a
 * connection from the first row until the loop ends, by whatever way: its end, `break`, an error. In a transaction it
 * is that transaction's cursor; else it has a read-only one of its own.
 *
 * @throws UnknownIdentifierError, InvalidArgumentError for requests that cannot be met
 */
export async function* streamRows<Row extends object>(
  context: PatternContext,
  request: StreamRequest | (StreamOptions & { readonly statement: Sql }),
): AsyncGenerator<Row, void, undefined> {
  const batchRows = wholeNumber('batchRows', request.batchRows, { fallback: 1_000, min: 1, max: 100_000 });
  const { signal } = request;
  signal?.throwIfAborted();
  const statement = 'statement' in request ? request.statement : await selectSql(context, request);
  const borrowed = await borrowClient(context.executor);
  const cursor = new ServerCursor<Row>(borrowed.client, statement, batchRows, signal);
  let failure: unknown;
  try {
    await cursor.open();
    // One batch is read while the caller works on the one before.
    let next = cursor.fetch();
    for (;;) {
      signal?.throwIfAborted();
      const rows = await next;
      const last = rows.length < batchRows;
      if (!last) next = cursor.fetch();
      for (const row of rows) {
        signal?.throwIfAborted();
        yield row;
      }
      if (last) return;
    }
  } catch (error) {
    failure = signal?.aborted === true ? signal.reason : toArgumentError(error);
    throw failure;
  } finally {
    await finish(cursor, borrowed, failure);
  }
}

/** A cursor on the server and, where none was open, the transaction that it needs. */
class ServerCursor<Row extends object> {
  readonly #client: ClientBase;
  readonly #statement: Sql;
  readonly #batchRows: number;
  readonly #signal: AbortSignal | undefined;
  readonly #ownsTransaction: boolean;
  // Streams of one transaction may be open side by side.
  readonly #name = `holdfast_${randomBytes(8).toString('hex')}`;
  #fetching: Promise<unknown> = Promise.resolve();

  constructor(client: ClientBase, statement: Sql, batchRows: number, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#statement = statement;
    this.#batchRows = batchRows;
    this.#signal = signal;
    this.#ownsTransaction = !hasOpenTransaction(client);
  }

  async open(): Promise<void> {
    if (this.#ownsTransaction) await this.#client.query('BEGIN READ ONLY');
    const { text, values } = this.#statement;
    await this.#client.query(`DECLARE ${this.#name} NO SCROLL CURSOR FOR ${text}`, [...values]);
  }

  fetch(): Promise<Row[]> {
    const fetched = cancellable(this.#client, this.#signal, async () => {
      const result = await this.#client.query<Row>(`FETCH ${this.#batchRows} FROM ${this.#name}`);
      return result.rows;
    });
    // A failure waits here for the loop, which may be busy with the rows before, or never come back for it.
    this.#fetching = fetched.catch(() => undefined);
    return fetched;
  }

  /** Waits for what is being read, and ends cursor and transaction. */
  async close(failed: boolean): Promise<void> {
    await this.#fetching;
    if (this.#ownsTransaction) await this.#client.query('ROLLBACK');
    else if (!failed) await this.#client.query(`CLOSE ${this.#name}`);
  }
}

async function finish<Row extends object>(
  cursor: ServerCursor<Row>,
  borrowed: BorrowedClient,
  failure: unknown,
): Promise<void> {
  try {
    await cursor.close(failure !== undefined);
  } catch (error) {
    await borrowed.giveBack(error);
    // What failed first says more than what then could not be cleaned up.
    if (failure === undefined) throw error;
    return;
  }
  await borrowed.giveBack();
}

async function selectSql(context: PatternContext, request: StreamRequest): Promise<Sql> {
  const shape = await context.catalog.describe(context.executor, request.table);
  const columns = shape.select(request.select).map(({ quoted }) => quoted);
  const order = orderTerms(shape, request.orderBy ?? []);
  return sql`SELECT ${trusted(columns.join(', '))} FROM ${trusted(shape.quoted)}
    WHERE ${filterSql(shape, request.where)} ${trusted(order.length === 0 ? '' : `ORDER BY ${orderText(order)}`)}`;
}
