import type { ClientBase } from 'pg';
import type { SqlExecutor } from '../sql-executor.js';

/** A connection that is ours until it is given back. */
export interface BorrowedClient {
  readonly client: ClientBase;
  /** Gives it back; with an error where it may no longer be fit for use. Resolves when it is back. */
  giveBack(error?: unknown): Promise<void>;
}

/**
 * Takes a connection out of `withClient` and keeps it beyond a callback: an iterator's life does not fit into one.
 *
 * @throws whatever `withClient` does where no connection can be had
 */
export async function borrowClient(executor: SqlExecutor): Promise<BorrowedClient> {
  let end: (error: unknown) => void = () => undefined;
  const ended = new Promise<unknown>((resolve) => {
    end = resolve;
  });
  let lending: Promise<void> = Promise.resolve();
  const client = await new Promise<ClientBase>((resolve, reject) => {
    lending = executor.withClient(async (lent) => {
      resolve(lent);
      const error = await ended;
      // The executor decides by the error whether the connection can serve others.
      if (error !== undefined) throw error;
    });
    lending.catch(reject);
  });
  return {
    client,
    giveBack: async (error) => {
      end(error);
      // The error given is the caller's already.
      await lending.catch((thrown: unknown) => {
        if (thrown !== error) throw thrown;
      });
    },
  };
}
