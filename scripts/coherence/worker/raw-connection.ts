import { Client, type QueryResultRow } from 'pg';

/** A connection to PostgreSQL that holdfast knows nothing of, as psql or another service has one. */
export class RawConnection {
  readonly #url: string;
  #client: Promise<Client> | null = null;
  /** One statement at a time: a connection that breaks must not be replaced under another's hands. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(url: string) {
    this.#url = url;
  }

  query<Row extends object>(text: string, parameters: readonly unknown[]): Promise<readonly Row[]> {
    const answer = this.#last.then(() => this.#query<Row & QueryResultRow>(text, parameters));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async close(): Promise<void> {
    await this.#last;
    const client = await this.#client?.catch(() => null);
    await client?.end();
  }

  async #query<Row extends QueryResultRow>(text: string, parameters: readonly unknown[]): Promise<Row[]> {
    this.#client ??= this.#connect();
    try {
      const client = await this.#client;
      return (await client.query<Row>(text, [...parameters])).rows;
    } catch (error) {
      if (!isRefusal(error)) this.#client = null;
      throw error;
    }
  }

  async #connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.#url,
      application_name: 'another service',
      connectionTimeoutMillis: 5_000,
    });
    client.on('error', () => {
      this.#client = null;
    });
    await client.connect();
    return client;
  }
}

/** Whether the server answered, and the connection is as good as before. */
function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(2[23]|40)/.test(code);
}
