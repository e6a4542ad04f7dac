import type { ClientBase, Connection, Submittable } from 'pg';

/** What pg's connection can do beside what its types say: https://github.com/brianc/node-postgres, connection.js */
interface CopyConnection {
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
}

/** What pg asks of a query of one's own, as it calls it; `pg-copy-streams` rests on the same. */
class CopyIn implements Submittable {
  readonly text: string;
  /** pg puts its timeout around this, and calls it when that has passed. */
  callback: (error: Error | null, rows?: number) => void;
  readonly #data: Uint8Array;
  #rows = 0;

  constructor(text: string, data: Uint8Array, callback: (error: Error | null, rows?: number) => void) {
    this.text = text;
    this.#data = data;
    this.callback = callback;
  }

  readonly submit = (connection: Connection): void => {
    const wire = connection as Connection & CopyConnection;
    connection.query(this.text);
    // Sent without waiting for the server to ask for them: that saves a turn of the event loop, in which the caller
    // makes the next chunk. A server that refused the statement drops them, as the protocol says:
    // https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-COPY
    wire.sendCopyFromChunk(this.#data);
    wire.endCopyFrom();
  };

  handleCopyInResponse(): void {
    // All was sent.
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.#rows = Number(message.text.split(' ')[1]);
  }

  handleError(error: Error): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.callback(null, this.#rows);
  }
}

/**
 * Runs `COPY ... FROM STDIN` with these bytes and gives the number of rows stored. All of them are, or none.
 *
 * @throws the server's error as pg gives it; its `where` has line and column
 */
export function copyIn(client: ClientBase, text: string, data: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    client.query(
      new CopyIn(text, data, (error, rows = 0) => {
        // After a failure the server becomes ready too; the second call changes nothing.
        if (error === null) resolve(rows);
        else reject(error);
      }),
    );
  });
}
