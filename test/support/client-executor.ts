import { Client, type ClientBase } from 'pg';
import type { QueryOptions, SqlExecutor } from '../../src/database/sql-executor.js';

/** A statement that went through an executor. */
export interface SentStatement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** One connection as an executor, which keeps what was sent through it. For what needs neither pool nor transaction. */
export class ClientExecutor implements SqlExecutor {
  readonly client: Client;
  readonly sent: SentStatement[] = [];

  private constructor(client: Client) {
    this.client = client;
  }

  static async connect(url: string): Promise<ClientExecutor> {
    const client = new Client({ connectionString: url });
    await client.connect();
    return new ClientExecutor(client);
  }

  async query<Row extends object>(
    text: string,
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<readonly Row[]> {
    options.signal?.throwIfAborted();
    this.sent.push({ text, parameters });
    return (await this.client.query<Row>(text, [...parameters])).rows;
  }

  async execute(
    text: string,
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<number> {
    options.signal?.throwIfAborted();
    this.sent.push({ text, parameters });
    return (await this.client.query(text, [...parameters])).rowCount ?? 0;
  }

  withClient<T>(use: (client: ClientBase) => Promise<T>): Promise<T> {
    return use(this.client);
  }

  end(): Promise<void> {
    return this.client.end();
  }
}
