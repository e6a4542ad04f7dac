import pg from 'pg';

/** How a statement of pg tells its end. */
export type QueryCallback = (error: Error | null | undefined, result?: unknown) => void;

/** What pg's own query has beside what its types say: https://github.com/brianc/node-postgres, query.js */
interface OwnQuery {
  text?: unknown;
  name?: unknown;
  values?: unknown;
  callback?: QueryCallback | undefined;
  query_timeout?: unknown;
  _result?: unknown;
  _results?: unknown;
  submit(connection: pg.Connection): unknown;
  handleReadyForQuery(connection: unknown): void;
  handleError(error: unknown, connection: unknown): unknown;
}

const Own = pg.Query as unknown as new (config: unknown, values?: unknown, callback?: unknown) => OwnQuery;

/**
 * A statement that lets go of what it brought when that has been handed on.
 *
 * V8 makes a function that is assigned to a property at once (`query.callback = () => ...`) in the old part of the heap. pg
 * does so for each statement with a time limit, and its function leads to the statement. So each of them, long dead, would
 * take its rows along to where only a full collection finds them, and the young collections on the way take ten times as long.
 */
export class PassingQuery extends Own {
  override handleReadyForQuery(connection: unknown): void {
    super.handleReadyForQuery(connection);
    this.letGo();
  }

  protected letGo(): void {
    this.values = undefined;
    this._result = undefined;
    this._results = undefined;
  }
}

/** Lets go of the callback when it is called, for the same reason. */
export function calledOnce(callback: QueryCallback): QueryCallback {
  let held: QueryCallback | null = callback;
  return (error, result) => {
    const called = held;
    held = null;
    called?.(error, result);
  };
}
