import type { Announced, EntryKey, Guard, Targets } from './guards.js';

/** What stands in the place of a value. */
export type Place =
  /** Bytes, the name of the put that they came with, and how much longer they are kept. */
  | { readonly kind: 'value'; readonly id: string; readonly bytes: Uint8Array; readonly ttlMs: number }
  /** The caller's token, put there by this look: the caller may fill it. */
  | { readonly kind: 'lease' }
  /** Someone else's token. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'none' };

/** A guard at the moment of a look. */
export interface GuardState {
  readonly version: string;
  /** A writer is changing something under it. */
  readonly fenced: boolean;
}

/** The right to fill what is missing. */
export interface LeaseRequest {
  readonly token: string;
  readonly leaseMs: number;
}

/** Bytes to be put in a place. */
export interface Put {
  readonly key: EntryKey;
  /** A name that no put had before, of `VALUE_ID_LENGTH` characters. */
  readonly id: string;
  /** Null takes away what is there. */
  readonly bytes: Uint8Array | null;
  readonly ttlMs: number;
  /** Only where this is there, by `asLease` or `asValue`; null: whatever is there. */
  readonly onlyOver: string | null;
}

/** How many characters name one put of a value. */
export const VALUE_ID_LENGTH = 16;

/** What a lease is called in `onlyOver`. */
export function asLease(token: string): string {
  return `L${token}`;
}

/** What the value of this put is called in `onlyOver`. */
export function asValue(id: string): string {
  return `V${id}`;
}

/**
 * Values that say themselves what they hang on, so that a reader need not know it beforehand: he looks at the value and at
 * the guards that it names, in any order, and finds it valid if they have the versions that it was put with. Every
 * operation on one key is atomic; those on several are not, and need not be. Beside them counters and sets of text, which
 * hang on nothing. The contract suite states what each must do.
 */
export interface ValueStore {
  /**
   * What is there, and the guards, in one round trip to each server. With a lease, a place where nothing is takes the token.
   * A version that is missing is made.
   */
  look(
    keys: readonly EntryKey[],
    guards: readonly Guard[],
    lease: LeaseRequest | null,
  ): Promise<{ readonly places: readonly Place[]; readonly guards: readonly GuardState[] }>;
  /** Puts a lease in the place of values that turned out invalid, each only while it is that one; gives what is there else. */
  replace(
    invalid: readonly { readonly key: EntryKey; readonly onlyOver: string }[],
    lease: LeaseRequest,
  ): Promise<readonly Place[]>;
  /** Puts or takes away; for each, whether it was done. `guards`: they are kept at least as long as the longest of them. */
  put(puts: readonly Put[], guards: readonly Guard[]): Promise<readonly boolean[]>;
  /** Gives what is there a new time, of whatever kind but a lease; for each, whether it was there. `guards` as in `put`. */
  expire(
    entries: readonly { readonly key: EntryKey; readonly ttlMs: number }[],
    guards?: readonly Guard[],
  ): Promise<readonly boolean[]>;
  /** Takes a right that nobody else has, for a time; for each, whether it was free. Not renewable: see `release`. */
  claim(key: EntryKey, token: string, ttlMs: number): Promise<boolean>;
  /** Keeps a right or a lease that one has, for a new time from now, or with 0 gives it back; false where it is no longer one's own. */
  reclaim(key: EntryKey, token: string, ttlMs: number): Promise<boolean>;
  /** Tells all near caches that these have changed. */
  announce(targets: Targets, token: string): Promise<Announced>;
  /**
   * Adds to a whole number, which is 0 where there is none, and gives the sum.
   *
   * @param ttlMs from now on, where it has no end yet; null: it gets none
   */
  count(key: EntryKey, by: number, ttlMs: number | null): Promise<number>;
  /** Adds members; gives how many were new. `ttlMs` as in `count`. */
  addMembers(key: EntryKey, members: readonly string[], ttlMs: number | null): Promise<number>;
  /** Gives how many were there. */
  removeMembers(key: EntryKey, members: readonly string[]): Promise<number>;
  members(key: EntryKey): Promise<readonly string[]>;
  /** How long keys of any kind are kept; null for one that is not there, infinite for one that is kept for ever. */
  timesLeft(keys: readonly EntryKey[]): Promise<readonly (number | null)[]>;
  /** Takes away keys of any kind; gives how many were there. */
  remove(keys: readonly EntryKey[]): Promise<number>;
  /**
   * The keys that begin with this, a bounded number at a time, in no order and perhaps twice; those that come and go meanwhile
   * may be missing.
   */
  scan(beginning: string): AsyncIterable<readonly EntryKey[]>;
}
