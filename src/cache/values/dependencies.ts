import type { EntryKey, Guard } from '../store/shared-store.js';
import { type EntryHeader, guardsOf } from './value-entry.js';

/** The names that values have in the store. */
export interface ValueNames {
  /** The key of a value. */
  key(name: string): EntryKey;
  /** What all hangs on that depends on the value of this name. */
  dependents(name: string): Guard;
  isDependents(guard: Guard): boolean;
}

/**
 * What a value hangs on because of what it depends on, directly and by the values between. There is no graph to be kept, so
 * none to be lost: an entry carries all guards of the way, which it finds in the entries that it depends on. One of those that
 * is stored later, and brings a way of its own, changes its own guard, and so has who depends on it computed anew.
 */
export function guardsOfDependencies(
  direct: readonly Guard[],
  headers: readonly (EntryHeader | null)[],
  names: ValueNames,
): readonly Guard[] {
  const all = new Map(direct.map((guard) => [guard.version, guard]));
  for (const header of headers) {
    for (const guard of header === null ? [] : guardsOf(header))
      if (names.isDependents(guard)) all.set(guard.version, guard);
  }
  return [...all.values()];
}

/** Whether an entry hangs on the same ways as these. */
export function hasSameWays(header: EntryHeader | null, ways: readonly Guard[], names: ValueNames): boolean {
  if (header === null) return false;
  const held = guardsOf(header).filter((guard) => names.isDependents(guard));
  const asked = new Set(ways.map(({ version }) => version));
  return held.length === asked.size && held.every(({ version }) => asked.has(version));
}
