import type { Connection, Submittable } from 'pg';

interface Message {
  readonly fields: readonly (string | null)[];
}

/** What a cursor uses of pg's connection; its types ask for an argument more. */
interface PortalConnection {
  parse(query: { text: string }): void;
  bind(config: { values: readonly unknown[]; valueMapper: (value: unknown) => unknown }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(config: { portal: string; rows: number }): void;
  flush(): void;
  sync(): void;
}

/**
 * A cursor on one statement in the manner of pg-cursor: it keeps a portal open and takes rows in portions, of the first
 * column, as text. Its handlers are on the prototype and its state is private.
 */
export class PortalReader implements Submittable {
  readonly text: string;
  readonly values: readonly unknown[];
  /** When all has been read, or it failed. */
  readonly closed: Promise<void>;
  readonly errors: Error[] = [];
  readonly #state: {
    connection: PortalConnection | null;
    rows: string[];
    resolve: ((rows: readonly string[]) => void) | null;
    reject: ((error: Error) => void) | null;
    close: () => void;
  };

  constructor(text: string, values: readonly unknown[]) {
    this.text = text;
    this.values = values;
    let close = (): void => undefined;
    this.closed = new Promise((resolve) => {
      close = resolve;
    });
    this.#state = { connection: null, rows: [], resolve: null, reject: null, close };
  }

  submit(connection: Connection): void {
    const portal = connection as unknown as PortalConnection;
    this.#state.connection = portal;
    portal.parse({ text: this.text });
    portal.bind({ values: this.values, valueMapper: (value) => (value === null ? null : String(value)) });
    portal.describe({ type: 'P', name: '' });
    portal.flush();
  }

  /** The next rows, fewer at the end. */
  read(count: number): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      Object.assign(this.#state, { resolve, reject, rows: [] });
      this.#state.connection?.execute({ portal: '', rows: count });
      this.#state.connection?.flush();
    });
  }

  handleRowDescription(): void {
    this.#state.rows = [];
  }

  handleDataRow({ fields }: Message): void {
    this.#state.rows.push(String(fields[0]));
  }

  handlePortalSuspended(): void {
    this.#state.resolve?.(this.#state.rows);
  }

  handleCommandComplete(): void {
    this.#state.connection?.sync();
  }

  handleReadyForQuery(): void {
    this.#state.resolve?.(this.#state.rows);
    this.#state.close();
  }

  handleError(error: Error): void {
    this.errors.push(error);
    this.#state.reject?.(error);
    this.#state.connection?.sync();
    // After an error pg tells the query no more that the server is ready.
    this.#state.close();
  }
}
