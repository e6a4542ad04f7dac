import { Client, type ClientBase } from 'pg';
import { cancelRunning } from '../pool/cancel.js';

/** SQLSTATE of a statement that was cancelled. */
const QUERY_CANCELED = '57014';

/**
 * Runs statements on a connection; when the signal aborts meanwhile, what the server is doing is cancelled there.
 * Resolves or rejects only when the request to cancel is through, so that it cannot hit another's statement.
 *
 * @throws the signal's reason when it has aborted before the end
 */
export async function cancellable<T>(
  client: ClientBase,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return run();
  signal.throwIfAborted();
  let cancelling: Promise<void> = Promise.resolve();
  const cancel = (): void => {
    cancelling = requestCancel(client);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await run();
  } catch (error) {
    const canceled = error instanceof Error && 'code' in error && error.code === QUERY_CANCELED;
    throw canceled && signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', cancel);
    await cancelling;
  }
}

/** By the protocol's own request, which needs no session and is passed on by poolers. */
async function requestCancel(client: ClientBase): Promise<void> {
  if (!(client instanceof Client)) return;
  const { host, port, ssl } = client;
  // A request that does not get through leaves the statement to its timeouts.
  await cancelRunning({ connectionConfig: { host, port, ssl }, byProtocol: true }, client, () => undefined);
}
