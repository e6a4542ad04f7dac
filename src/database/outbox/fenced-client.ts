import { createHash } from 'node:crypto';
import pg from 'pg';
import { PassingClient } from '../pool/passing-client.js';
import type { PassingQuery } from '../pool/passing-query.js';
import { isSubmittable } from '../query-log/observed-submittable.js';
import { currentFencedWrite, type FencedWrite } from './fenced-statements.js';

/** The parts of a `pg.Query`, or of a query of another class, that decide what is sent. */
interface Sendable {
  text?: unknown;
  name?: unknown;
  submit(connection: pg.Connection): unknown;
}

/**
 * A client that puts the marker of the fenced write it is called in before each statement, whoever sends it. Whether the
 * fences stand is asked when the statement goes to the server, not when it is handed in: it may have waited behind others,
 * and the process may have been stopped meanwhile for longer than its fences last.
 */
export class FencedClient extends PassingClient {
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of pg.Client.query have no common type but this one
  override query(...args: any[]): any {
    const [config]: readonly unknown[] = args;
    const write = currentFencedWrite();
    if (
      write !== null &&
      write.marker !== null &&
      config !== null &&
      config !== undefined &&
      isSubmittable(config)
    ) {
      markWhileSent(config, write, write.marker);
    }
    return Reflect.apply(super.query, this, args);
  }

  protected override prepare(query: PassingQuery): void {
    const write = currentFencedWrite();
    if (write !== null && write.marker !== null) markWhenSent(query, write, write.marker);
  }
}

/** Marks a query that was made for this one call. */
function markWhenSent(query: PassingQuery, write: FencedWrite, marker: string): void {
  const { submit, handleError } = query;
  query.submit = (connection) => {
    const { text, name } = query;
    // A prepared statement may be run by its name alone.
    if (typeof text === 'string' && write.isStanding()) {
      query.text = marker + text;
      if (typeof name === 'string' && name !== '') query.name = nameOfMarked(name, marker);
      query.handleError = (error, from) => {
        countFromOriginal(error, marker);
        return handleError.call(query, error, from);
      };
    }
    return submit.call(query, connection);
  };
}

/**
 * Marks somebody else's query, such as a COPY or a cursor, for the moment of sending only: it may be used again. One that
 * keeps its text where it cannot be reached, or has a name that its owner knows it by, goes as it is.
 */
function markWhileSent(query: Sendable, write: FencedWrite, marker: string): void {
  const text = Object.getOwnPropertyDescriptor(query, 'text');
  if (typeof text?.value !== 'string' || text.writable !== true || !Object.isExtensible(query)) return;
  if (query.name !== undefined && query.name !== null && query.name !== '') return;
  const { submit } = query;
  const own = Object.getOwnPropertyDescriptor(query, 'submit');
  query.submit = (connection) => {
    if (own === undefined) Reflect.deleteProperty(query, 'submit');
    else query.submit = submit;
    const unmarked = query.text;
    if (write.isStanding()) query.text = marker + String(unmarked);
    try {
      return submit.call(query, connection);
    } finally {
      query.text = unmarked;
    }
  };
}

/** PostgreSQL cuts the name of a statement off at 63 bytes. */
const HASH_CHARACTERS = 43;

/** A prepared statement keeps the text of its first use, so with the marker it is another. */
function nameOfMarked(name: string, marker: string): string {
  const hash = createHash('sha256').update(marker).update(name).digest('base64url');
  return `holdfast:${hash.slice(0, HASH_CHARACTERS)}`;
}

/** The server counts to the error from the start of what it got. */
function countFromOriginal(error: unknown, marker: string): void {
  if (!(error instanceof pg.DatabaseError) || error.position === undefined) return;
  error.position = String(Number(error.position) - marker.length);
}
