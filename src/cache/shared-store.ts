/** The keys that all entries of one model hang on. See `keys.ts` for their form. */
export interface ModelScope {
  readonly model: string;
  /** Holds the namespace's epoch; changing it invalidates every entry of every model. */
  readonly namespaceEpochKey: string;
  /** Holds the model's epoch; changing it invalidates every entry of the model. */
  readonly epochKey: string;
  /** Holds the fences of writers who don't know which of the model's rows they change. */
  readonly fenceKey: string;
}

/** The key of one entry, and of the fences that stand before it. */
export interface EntryKey {
  readonly entry: string;
  readonly fence: string;
}

/** What the store has to say about one key. */
export type ReadOutcome =
  /** Its value. */
  | { readonly kind: 'hit'; readonly value: Uint8Array }
  /** Nothing, and the caller may fill it: the key now holds the caller's token. */
  | { readonly kind: 'lease' }
  /** Nothing, and someone else is filling it. */
  | { readonly kind: 'busy' }
  /** A writer is at work: go to the database and fill nothing. */
  | { readonly kind: 'fenced' };

/** The answer to one batch of keys of one model. */
export interface ReadReply {
  /** Namespace epoch and model epoch as they were at the read; a fill must bring them back. */
  readonly guard: string;
  /** In the order of the keys. */
  readonly outcomes: readonly ReadOutcome[];
}

/** A value for a key on which the filler holds a lease; null gives the lease back, since there is no value. */
export interface Fill {
  readonly key: EntryKey;
  readonly token: string;
  readonly guard: string;
  readonly value: Uint8Array | null;
  readonly ttlMs: number;
}

/** What a write is about to change: entries whose ids are known, and models where they are not. */
export interface FenceTargets {
  readonly keys: readonly EntryKey[];
  readonly scopes: readonly ModelScope[];
}

/**
 * The tier that all readers and writers see. Its five operations are the protocol that keeps a cached entity from
 * being stale; each is atomic. The invariants, which every implementation must hold and the contract suite tests:
 *
 * - `read` gives at most one lease on a key at a time, and none while a fence stands before the key or its model.
 * - `fill` stores only while the lease's own token stands in the key and both epochs are what they were at the read.
 * - `fence` leaves neither value nor lease behind it, and no reader gets either until it is lifted or expires.
 * - `lift` takes away only the caller's fence, and again whatever was filled meanwhile: an eviction or a flush may have
 *   taken the fence itself.
 * - An epoch, once changed, never takes an earlier value again; one that was lost counts as changed.
 */
export interface SharedStore {
  readonly kind: 'memory' | 'redis';
  /** Makes the first attempt to reach the store; resolves also when it is away, and goes on trying. */
  connect(): Promise<void>;
  close(): Promise<void>;
  read(scope: ModelScope, keys: readonly EntryKey[], token: string, leaseMs: number): Promise<ReadReply>;
  /** @returns how many were stored, or given back */
  fill(scope: ModelScope, fills: readonly Fill[]): Promise<number>;
  fence(targets: FenceTargets, token: string, fenceMs: number): Promise<void>;
  lift(targets: FenceTargets, token: string): Promise<void>;
  /** Invalidates all that was ever stored under the namespace. */
  changeEpoch(namespaceEpochKey: string): Promise<void>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
}
