import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { errorCodes } from '../database-errors.js';

const QUERY_CANCELED = '57014';
/** How long after the server was asked to cancel a statement its end is waited for. */
const CANCEL_GRACE_MS = 1_000;

/**
 * Runs one statement on a connection, and cancels it on the server when the signal aborts. A statement that ended before
 * the cancellation came keeps its result.
 *
 * @throws the signal's reason when it was cancelled
 */
export async function runCancellable<Row extends QueryResultRow>(
  client: ClientBase,
  config: QueryConfig,
  signal: AbortSignal,
  cancel: () => Promise<void>,
): Promise<QueryResult<Row>> {
  signal.throwIfAborted();
  const ended = new AbortController();
  let cancelling: Promise<void> | null = null;
  const stuck = new Promise<never>((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        cancelling = cancel();
        // A server that does not answer even this will not end the statement either.
        cancelling
          .then(() => delay(CANCEL_GRACE_MS, undefined, { signal: ended.signal }))
          .then(() => reject(signal.reason), ignoreEnd);
      },
      { signal: ended.signal },
    );
  });
  try {
    return await Promise.race([client.query<Row>(config), stuck]);
  } catch (error) {
    if (signal.aborted && [...errorCodes(error)].includes(QUERY_CANCELED)) throw signal.reason;
    throw error;
  } finally {
    ended.abort();
    // A cancellation on its way must not meet the connection's next statement.
    await cancelling;
  }
}

function ignoreEnd(): void {
  // The statement ended first, which is what was waited for.
}
