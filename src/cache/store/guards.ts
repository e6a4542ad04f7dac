/** What entries hang on together: its version changes, and all of them are invalid. A tag, a model, the namespace. */
export interface Guard {
  /** The key of its version. */
  readonly version: string;
  /** The key of the fences of writers who are changing something under it. */
  readonly fences: string;
  /**
   * Of a guard whose changes are told apart by the rule that their writers go by, eight characters: of a target, the rule of
   * the writer; of what entries hang on, the rule whose changes do not concern them. There is one such guard in a scope or
   * among the targets at most, and it is the last.
   */
  readonly rule?: string;
}

/** What an announcement calls a change of a guard. A bar is in no key of a guard. */
export function changeOf({ version, rule }: Guard): string {
  return rule === undefined ? version : `${version}|${rule}`;
}

/** What the key of an entry's fences has behind the entry's own. */
export const BESIDE_ENTRY = ':fence';

/** The key of one entry. The key of its own fences follows from it: see `fencesOf`. */
export type EntryKey = string;

export function fencesOf(entry: EntryKey): string {
  return entry + BESIDE_ENTRY;
}

/** What a write is about to change: entries whose keys are known, and guards of the others. */
export interface Targets {
  readonly keys: readonly EntryKey[];
  readonly guards: readonly Guard[];
}

/** A process that must hear of a write, or be known not to answer from memory, before the write goes on. */
export interface Awaited {
  readonly process: string;
  /** After this time it answers nothing from memory, whether it has heard or not. */
  readonly withinMs: number;
}

/** Who was told of a write. */
export interface Announced {
  readonly awaited: readonly Awaited[];
  /** How many connections heard it. */
  readonly heard: number;
  /** How long the registry that `awaited` comes from has existed: one that was lost may not know all processes yet. */
  readonly registryAgeMs: number;
}
