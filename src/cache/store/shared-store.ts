import type { Announced, EntryKey, Guard, Targets } from './guards.js';
import type { StoreReport } from './store-report.js';
import type { ValueStore } from './value-store.js';

export {
  type Announced,
  type Awaited,
  BESIDE_ENTRY,
  changeOf,
  type EntryKey,
  fencesOf,
  type Guard,
  type Targets,
} from './guards.js';

/** What the entries of one kind have in common. */
export interface Scope {
  /** What they hang on; the first is the namespace's, which nobody fences. */
  readonly guards: readonly Guard[];
  /** What an entry that says "there is none" hangs on besides; null where entries are always values. */
  readonly absence: Guard | null;
  /** Eight characters that change with the shape of the values: another shape is no value. */
  readonly shape: string;
  /** Whether each entry can be fenced by itself. */
  readonly keyed: boolean;
}

/** What the store has to say about one key. */
export type ReadOutcome =
  /** Its value. */
  | { readonly kind: 'hit'; readonly value: Uint8Array }
  /** It is known that there is none. */
  | { readonly kind: 'absent' }
  /** Nothing, and the caller may fill it: the key now holds the caller's token. */
  | { readonly kind: 'lease' }
  /** Nothing, and someone else is filling it. */
  | { readonly kind: 'busy' }
  /** A writer is at work: go to the database and fill nothing. */
  | { readonly kind: 'fenced' };

/** The versions at the moment of a read; a fill must bring them back. */
export interface Versions {
  readonly prefix: string;
  /** Empty while the guard of absence is fenced. */
  readonly absence: string;
}

/** The answer to one batch of keys of one scope. */
export interface ReadReply {
  readonly versions: Versions;
  /** In the order of the keys. */
  readonly outcomes: readonly ReadOutcome[];
  /** How often the store was asked, one after the other. @default 1 */
  readonly roundTrips?: number;
}

/** What the holder of a lease puts in its place. */
export interface Fill {
  readonly key: EntryKey;
  readonly token: string;
  readonly versions: Versions;
  /** A value; `absent`, for that there is none; or null, which gives the lease back. */
  readonly value: Uint8Array | 'absent' | null;
  readonly ttlMs: number;
}

/** What a process says of itself several times a second. */
export interface PulseRequest {
  /** Whether it answers from memory only under a time lease. */
  readonly strict: boolean;
  /** How long it is entered in the registry for. */
  readonly leaseMs: number;
  /** Through the channel of the announcements it comes after all that were made before. */
  readonly channel: string;
  readonly heartbeat: string;
  /** A longer silence of all processes counts as an outage. */
  readonly maxGapMs: number;
}

export interface PulseReply {
  /** How long processes have been heard without a gap. */
  readonly upForMs: number;
  /** The place of this process among those that are alive, in an order that all share, and how many they are. */
  readonly rank: number;
  readonly count: number;
  /** The time of the store, which all processes share. */
  readonly nowMs: number;
}

/** What a store is made of. */
export type StoreKind = 'memory' | 'redis' | 'redis-sentinel' | 'redis-cluster' | 'upstash';

/**
 * The tier that all readers and writers see. Its operations are the protocol that keeps a cached value from being
 * stale; each is atomic. The invariants, which every implementation must hold and the contract suite tests:
 *
 * - `read` gives at most one lease on a key at a time, and none while a fence stands before the key or a guard of it.
 *   Where a scope has a rule, the fences and changes of that rule do not count among those of its last guard.
 * - `fill` stores only while the lease's own token stands in the key and all versions are what they were at the read.
 * - `fence` leaves neither value nor lease behind it, and no reader gets either until it is lifted or expires.
 * - `lift` takes away only the caller's fences, and again whatever was filled meanwhile: an eviction or a flush may have
 *   taken a fence itself. Where one was gone, it announces once more.
 * - A version, once changed, never takes an earlier value again; one that was lost counts as changed.
 */
export interface SharedStore {
  readonly kind: StoreKind;
  /** Makes the first attempt to reach the store; resolves also when it is away, and goes on trying. */
  connect(): Promise<void>;
  close(): Promise<void>;
  read(scope: Scope, keys: readonly EntryKey[], token: string, leaseMs: number): Promise<ReadReply>;
  /** @returns how many were stored, or given back */
  fill(scope: Scope, fills: readonly Fill[]): Promise<number>;
  fence(targets: Targets, token: string, fenceMs: number): Promise<Announced>;
  /** Takes a fence away; with a token that fences nothing it is an invalidation. Null: nobody had to be told. */
  lift(targets: Targets, token: string): Promise<Announced | null>;
  /** Null where no other process can see the store. */
  pulse(request: PulseRequest): Promise<PulseReply | null>;
  /** This process has ended, and left nothing undone. */
  leave(): Promise<void>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
  /** How its servers are; not for those that tell nothing of themselves. */
  inspect?(): Promise<StoreReport>;
  /** What it keeps besides: values that the application puts there. */
  readonly values: ValueStore;
}
