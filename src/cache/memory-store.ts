import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from './clock.js';
import { newEpoch } from './epoch.js';
import type {
  EntryKey,
  FenceTargets,
  Fill,
  ModelScope,
  ReadOutcome,
  ReadReply,
  SharedStore,
} from './shared-store.js';

interface Slot {
  readonly guard: string;
  /** Set while a reader holds the lease. */
  readonly token: string | null;
  readonly value: Uint8Array;
  readonly expiresAt: number;
}

const EMPTY = new Uint8Array(0);
const FENCED: ReadOutcome = Object.freeze({ kind: 'fenced' });
const BUSY: ReadOutcome = Object.freeze({ kind: 'busy' });
const LEASE: ReadOutcome = Object.freeze({ kind: 'lease' });

// Twice the size of an average entity's key and map overhead, so that tiny values count as well.
const SLOT_OVERHEAD_BYTES = 200;

/**
 * The shared cache of a service that is one process: the protocol of `SharedStore` on a bounded map. A second process
 * sees nothing of it, so it may be used only where this process makes all the writes.
 */
export class MemoryStore implements SharedStore {
  readonly kind = 'memory';
  readonly #slots: LRUCache<string, Slot>;
  readonly #epochs = new Map<string, string>();
  /** Key of the fences -> token of a writer -> when it expires. Bounded by the writes under way. */
  readonly #fences = new Map<string, Map<string, number>>();
  readonly #clock: Clock;

  constructor(options: { readonly maxBytes?: number; readonly clock?: Clock } = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#slots = new LRUCache({
      maxSize: options.maxBytes ?? 64 * 1024 * 1024,
      sizeCalculation: (slot) => slot.value.byteLength + SLOT_OVERHEAD_BYTES,
    });
  }

  async connect(): Promise<void> {
    // Nothing to reach.
  }

  async close(): Promise<void> {
    this.#slots.clear();
    this.#epochs.clear();
    this.#fences.clear();
  }

  async ping(): Promise<void> {
    // It is here.
  }

  async read(
    scope: ModelScope,
    keys: readonly EntryKey[],
    token: string,
    leaseMs: number,
  ): Promise<ReadReply> {
    const guard = this.#guard(scope);
    const modelFenced = this.#isFenced(scope.fenceKey);
    const outcomes = keys.map((key): ReadOutcome => {
      if (modelFenced || this.#isFenced(key.fence)) return FENCED;
      const slot = this.#liveSlot(key.entry, guard);
      if (slot === null) {
        this.#slots.set(key.entry, { guard, token, value: EMPTY, expiresAt: this.#clock.now() + leaseMs });
        return LEASE;
      }
      return slot.token === null ? { kind: 'hit', value: slot.value } : BUSY;
    });
    return { guard, outcomes };
  }

  async fill(scope: ModelScope, fills: readonly Fill[]): Promise<number> {
    const guard = this.#guard(scope);
    let stored = 0;
    for (const fill of fills) {
      const slot = this.#liveSlot(fill.key.entry, guard);
      if (slot?.token !== fill.token || fill.guard !== guard) continue;
      stored += 1;
      if (fill.value === null) this.#slots.delete(fill.key.entry);
      else {
        const expiresAt = this.#clock.now() + fill.ttlMs;
        this.#slots.set(fill.key.entry, { guard, token: null, value: fill.value, expiresAt });
      }
    }
    return stored;
  }

  async fence(targets: FenceTargets, token: string, fenceMs: number): Promise<void> {
    const expiresAt = this.#clock.now() + fenceMs;
    for (const key of targets.keys) {
      this.#slots.delete(key.entry);
      this.#addFence(key.fence, token, expiresAt);
    }
    for (const scope of targets.scopes) {
      this.#epochs.set(scope.epochKey, newEpoch());
      this.#addFence(scope.fenceKey, token, expiresAt);
    }
  }

  async lift(targets: FenceTargets, token: string): Promise<void> {
    for (const key of targets.keys) {
      this.#slots.delete(key.entry);
      this.#dropFence(key.fence, token);
    }
    for (const scope of targets.scopes) {
      this.#epochs.set(scope.epochKey, newEpoch());
      this.#dropFence(scope.fenceKey, token);
    }
  }

  async changeEpoch(namespaceEpochKey: string): Promise<void> {
    this.#epochs.set(namespaceEpochKey, newEpoch());
  }

  #guard(scope: ModelScope): string {
    return this.#epoch(scope.namespaceEpochKey) + this.#epoch(scope.epochKey);
  }

  #epoch(key: string): string {
    let epoch = this.#epochs.get(key);
    if (epoch === undefined) {
      epoch = newEpoch();
      this.#epochs.set(key, epoch);
    }
    return epoch;
  }

  #liveSlot(entry: string, guard: string): Slot | null {
    const slot = this.#slots.get(entry);
    return slot !== undefined && slot.guard === guard && slot.expiresAt > this.#clock.now() ? slot : null;
  }

  #isFenced(key: string): boolean {
    const fences = this.#fences.get(key);
    if (fences === undefined) return false;
    this.#purge(key, fences);
    return fences.size > 0;
  }

  #addFence(key: string, token: string, expiresAt: number): void {
    const fences = this.#fences.get(key) ?? new Map<string, number>();
    fences.set(token, expiresAt);
    this.#fences.set(key, fences);
  }

  #dropFence(key: string, token: string): void {
    const fences = this.#fences.get(key);
    if (fences === undefined) return;
    fences.delete(token);
    this.#purge(key, fences);
  }

  #purge(key: string, fences: Map<string, number>): void {
    const now = this.#clock.now();
    for (const [token, expiresAt] of fences) if (expiresAt <= now) fences.delete(token);
    if (fences.size === 0) this.#fences.delete(key);
  }
}
