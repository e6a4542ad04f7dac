import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { LocalPostgres } from '../support/local-postgres.js';

/** A statement as the server carried it out. */
export interface LoggedStatement {
  /** What the connection calls itself. */
  readonly application: string;
  readonly sql: string;
}

const PREFIX = 'bench-statement';
const LINE = new RegExp(`^${PREFIX} (.*)\\|LOG:  (?:statement|execute [^:]*): (.*)$`);
const WAIT_MS = 10_000;

/**
 * The statements that PostgreSQL carries out, of all processes, from its own log. It is written only while somebody
 * counts: pg_stat_statements would take its toll all the time, and more of the side that sends more statements.
 */
export class StatementLog {
  readonly #file: string;
  readonly #admin: Client;

  constructor(postgres: LocalPostgres, admin: Client) {
    this.#file = path.join(path.dirname(postgres.dataDirectory), 'server.log');
    this.#admin = admin;
  }

  /** What is carried out while `work` runs, without what only keeps connections in order. */
  async during(work: () => Promise<unknown>): Promise<readonly LoggedStatement[]> {
    await this.#set('log_line_prefix', `'${PREFIX} %a|'`);
    await this.#set('log_statement', `'all'`);
    await this.#admin.query('SELECT pg_reload_conf()');
    try {
      const from = await this.#mark();
      await work();
      const to = await this.#mark();
      return this.#between(from, to);
    } finally {
      await this.#admin.query('ALTER SYSTEM RESET log_statement');
      await this.#admin.query('ALTER SYSTEM RESET log_line_prefix');
      await this.#admin.query('SELECT pg_reload_conf()');
    }
  }

  async #set(name: string, value: string): Promise<void> {
    await this.#admin.query(`ALTER SYSTEM SET ${name} = ${value}`);
  }

  /** Writes a line of its own into the log, and gives it once it is there. Other connections have reloaded by then. */
  async #mark(): Promise<string> {
    const text = `SELECT 'mark ${randomUUID()}'`;
    const deadline = performance.now() + WAIT_MS;
    while (!this.#lines().some((line) => line.includes(text))) {
      if (performance.now() > deadline) throw new Error('PostgreSQL does not log its statements.');
      await this.#admin.query(text);
      // A session reads its settings anew between two statements, when the signal has reached it.
      await delay(50);
    }
    return text;
  }

  #between(from: string, to: string): LoggedStatement[] {
    const lines = this.#lines();
    const first = lines.findLastIndex((line) => line.includes(from)) + 1;
    const last = lines.findIndex((line) => line.includes(to));
    return lines
      .slice(first, last)
      .map((line) => LINE.exec(line))
      .flatMap((match) =>
        match === null ? [] : [{ application: match[1] ?? '', sql: (match[2] ?? '').trim() }],
      );
  }

  #lines(): string[] {
    return readFileSync(this.#file, 'utf8').split('\n');
  }
}
