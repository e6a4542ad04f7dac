import pg from 'pg';
import type { CallSite } from './call-site.js';
import { RunningStatement } from './running-statement.js';
import type { StatementObserver } from './statement-observer.js';

/** An object that speaks the protocol by itself: a `pg.Query`, or the cursor or stream of another package. */
export interface SubmittableLike {
  submit(connection: unknown): unknown;
  callback?: unknown;
}

type Handler = (...args: unknown[]) => unknown;
type Handlers = Record<string, Handler | undefined>;

export function isSubmittable(config: unknown): config is SubmittableLike {
  return typeof (config as { readonly submit?: unknown }).submit === 'function';
}

/**
 * Sends an object that handles the server's answers by itself, and reports when it ends. It goes to pg as it is, not
 * copied nor behind a proxy, since packages and their users rely on its identity; for as long as it runs, its handlers
 * are preceded by ones that look on.
 */
export function observeSubmittable(
  observer: StatementObserver,
  query: SubmittableLike,
  callSite: CallSite | null,
  send: () => unknown,
): unknown {
  if (!Object.isExtensible(query)) return send();
  const streamed = !(query instanceof pg.Query);
  const statement = new RunningStatement(observer, textOf(query), parametersOf(query), callSite, streamed);
  const hadCallback = typeof query.callback === 'function';
  let rows: number | null = null;

  const restores: (() => void)[] = [];
  const end = (error: Error | null): void => {
    statement.end(error, error === null ? rows : null);
    for (const restore of restores.splice(0)) restore();
    // pg arms its read timeout by a callback that cursors never call, and would fail them, and the connection that
    // others use by then, long after they ended.
    if (streamed && !hadCallback && typeof query.callback === 'function') query.callback(null);
  };
  const before = (name: string, look: Handler): void => {
    restores.push(precede(query as unknown as Handlers, name, look));
  };
  before('handleDataRow', () => {
    rows = (rows ?? 0) + 1;
  });
  before('handleCommandComplete', (message) => {
    // A cursor read in portions gets a tag for its last portion only; a COPY gets no rows, but a tag.
    rows ??= rowsOfTag((message as { readonly text?: unknown } | undefined)?.text);
  });
  before('handleError', (error) => end(error instanceof Error ? error : new Error(String(error))));
  // After an error pg does not call this one.
  before('handleReadyForQuery', () => end(null));

  try {
    return send();
  } catch (error) {
    for (const restore of restores.splice(0)) restore();
    throw error;
  }
}

/** Calls `look` with the arguments of a method before each call of it. Returns what takes `look` away again. */
function precede(target: Handlers, name: string, look: Handler): () => void {
  const method = target[name];
  if (typeof method !== 'function') return () => undefined;
  const own = Object.getOwnPropertyDescriptor(target, name);
  const preceded: Handler = function (this: unknown, ...args) {
    look(...args);
    return method.apply(this, args);
  };
  Object.defineProperty(target, name, {
    value: preceded,
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? false,
  });
  return () => {
    // Somebody else may have put a handler of their own before this one.
    if (target[name] !== preceded) return;
    if (own === undefined) delete target[name];
    else Object.defineProperty(target, name, own);
  };
}

/** The number at the end of a command tag such as `INSERT 0 5` or `COPY 5`. */
function rowsOfTag(tag: unknown): number | null {
  const digits = typeof tag === 'string' ? /(\d+)$/.exec(tag)?.[1] : undefined;
  return digits === undefined ? null : Number(digits);
}

/** Streams keep the text on themselves or on a cursor within. */
function textOf(query: object): string {
  const { text, cursor } = query as {
    readonly text?: unknown;
    readonly cursor?: { readonly text?: unknown };
  };
  const found = text ?? cursor?.text;
  return typeof found === 'string' ? found : '';
}

function parametersOf(query: object): readonly unknown[] {
  const { values } = query as { readonly values?: unknown };
  return Array.isArray(values) ? values : [];
}
