import { AsyncLocalStorage } from 'node:async_hooks';

/** A write whose invalidation is taken care of by its fences in the shared cache, for as long as they stand. */
export interface FencedWrite {
  /** What `fenceMarker` made for the tables under the fences; null marks nothing. */
  readonly marker: string | null;
  /** Whether every fence of the write stands at this moment. Asked as each statement is sent; must not throw. */
  isStanding(): boolean;
}

// What can neither end the comment nor be taken for what parts two names.
const SAFE_NAME = /^[A-Za-z0-9_.$-]+$/;

/** Whether a marker can bear this name. */
export function isMarkable(name: string): boolean {
  return SAFE_NAME.test(name);
}

/** What markers for the triggers of this outbox begin with. */
export function markerStart(outboxSchema: string): string {
  return `/*holdfast ${outboxSchema}:`;
}

/**
 * The comment before a statement by which the invalidation triggers know that what it changes in these tables is fenced,
 * so that they record nothing. It says nothing of rows that other triggers change, in these tables or others: those are
 * recorded.
 *
 * @param outboxSchema the schema of the outbox that the triggers write to; triggers of another take no notice
 * @param tables names as they are in the database, `users` or `billing.invoices`
 * @returns null when nothing can be said: names that have other characters than letters without accents, digits, `_`,
 *   `.`, `$` and `-` are left out, and their changes go through the outbox
 */
export function fenceMarker(outboxSchema: string, tables: readonly string[]): string | null {
  if (!isMarkable(outboxSchema)) return null;
  // Sorted, so that the same tables make the same text, which is prepared once.
  const names = [...new Set(tables)].filter(isMarkable).sort();
  return names.length === 0 ? null : `${markerStart(outboxSchema)}${names.join(',')}*/ `;
}

// Global, so that the ESM and the CommonJS build see each other's writes when both are loaded.
const STORAGE = Symbol.for('holdfast:FencedWrites');

/** Undefined and null both mean: not fenced. */
type Store = FencedWrite | null | undefined;

function storage(): AsyncLocalStorage<Store> {
  const holder = globalThis as { [STORAGE]?: AsyncLocalStorage<Store> };
  holder[STORAGE] ??= new AsyncLocalStorage<Store>();
  return holder[STORAGE];
}

/**
 * Has every statement that the function sends, by Prisma or by raw SQL, carry the marker of this write while its fences
 * stand. One inside another takes its place.
 */
export function runFenced<T>(write: FencedWrite, run: () => Promise<T>): Promise<T> {
  // Awaited inside: an operation of Prisma is sent only when somebody waits for it.
  return storage().run(write, async () => await run());
}

/** Runs a function outside of every fenced write. */
export function runUnfenced<T>(run: () => Promise<T>): Promise<T> {
  // As in `runInScope`: a storage is not used for nothing.
  return currentFencedWrite() === null ? run() : storage().run(null, async () => await run());
}

/** The fenced write that the caller runs in, if any. */
export function currentFencedWrite(): FencedWrite | null {
  return storage().getStore() ?? null;
}

/**
 * A callback that runs in the fenced write that this is called in, or in none if in none. A pool calls those who wait from
 * where a connection came back, which may be the fenced write of somebody else.
 */
export function keepFencedWrite<Args extends readonly unknown[]>(
  callback: (...args: Args) => void,
): (...args: Args) => void {
  const write = currentFencedWrite();
  return (...args) => {
    if (currentFencedWrite() === write) callback(...args);
    else storage().run(write, callback, ...args);
  };
}
