import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../clock.js';
import { newEpoch } from '../epoch.js';
import {
  type Announced,
  type EntryKey,
  type Fill,
  fencesOf,
  type Guard,
  type PulseReply,
  type ReadOutcome,
  type ReadReply,
  type Scope,
  type SharedStore,
  type Targets,
  type Versions,
} from './shared-store.js';
import { MemoryValues } from './values/memory-values.js';

interface Slot {
  readonly prefix: string;
  /** Set while a reader holds the lease. */
  readonly token: string | null;
  readonly value: Uint8Array;
  /** The version of absence under which it is known that there is none; null for a value. */
  readonly absence: string | null;
  readonly expiresAt: number;
}

const EMPTY = new Uint8Array(0);
const FENCED: ReadOutcome = Object.freeze({ kind: 'fenced' });
const BUSY: ReadOutcome = Object.freeze({ kind: 'busy' });
const LEASE: ReadOutcome = Object.freeze({ kind: 'lease' });
const ABSENT: ReadOutcome = Object.freeze({ kind: 'absent' });
const NOBODY_ELSE: Announced = Object.freeze({ awaited: [], heard: 0, registryAgeMs: 0 });

// Twice the size of an average entity's key and map overhead, so that tiny values count as well.
const SLOT_OVERHEAD_BYTES = 200;
const MAX_BYTES = 64 * 1024 * 1024;
// Versions of guards that nothing was asked under for long are forgotten; what hung on them is then invalid.
const MAX_VERSIONS = 100_000;

/**
 * The shared cache of a service that is one process: the protocol of `SharedStore` on a bounded map. A second process
 * sees nothing of it, so it may be used only where this process makes all the writes.
 */
export class MemoryStore implements SharedStore {
  readonly kind = 'memory';
  readonly values: MemoryValues;
  readonly #slots: LRUCache<string, Slot>;
  readonly #versions = new LRUCache<string, string>({ max: MAX_VERSIONS });
  /** Of guards that are changed under several rules: rule -> version, and one of no rule from when it was first asked for. */
  readonly #ruled = new LRUCache<string, Map<string, string>>({ max: MAX_VERSIONS });
  /** Key of the fences -> token of a writer -> when it expires. Bounded by the writes under way. */
  readonly #fences = new Map<string, Map<string, number>>();
  readonly #clock: Clock;

  constructor(options: { readonly maxBytes?: number; readonly clock?: Clock } = {}) {
    this.#clock = options.clock ?? systemClock;
    const maxBytes = options.maxBytes ?? MAX_BYTES;
    this.values = new MemoryValues({
      maxBytes,
      clock: this.#clock,
      stateOf: (guard) => ({
        version: this.#version(guard),
        fenced: this.#isFenced(guard.fences, guard.rule),
      }),
    });
    this.#slots = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (slot) => slot.value.byteLength + SLOT_OVERHEAD_BYTES,
    });
  }

  async connect(): Promise<void> {
    // Nothing to reach.
  }

  async close(): Promise<void> {
    this.#slots.clear();
    this.values.clear();
    this.#versions.clear();
    this.#ruled.clear();
    this.#fences.clear();
  }

  async ping(): Promise<void> {
    // It is here.
  }

  async pulse(): Promise<PulseReply | null> {
    return null;
  }

  async leave(): Promise<void> {
    // Nobody else was here.
  }

  async read(scope: Scope, keys: readonly EntryKey[], token: string, leaseMs: number): Promise<ReadReply> {
    const prefix = this.#prefix(scope);
    const { absence } = scope;
    const versions: Versions = {
      prefix,
      absence: absence === null || this.#isFenced(absence.fences) ? '' : this.#version(absence),
    };
    const allFenced = scope.guards.some(({ fences, rule }) => this.#isFenced(fences, rule));
    const outcomes = keys.map((key): ReadOutcome => {
      if (allFenced || (scope.keyed && this.#isFenced(fencesOf(key)))) return FENCED;
      const slot = this.#liveSlot(key, prefix);
      if (slot !== null) {
        if (slot.token !== null) return BUSY;
        if (slot.absence === null) return { kind: 'hit', value: slot.value };
        if (versions.absence === '') return FENCED;
        if (slot.absence === versions.absence) return ABSENT;
      }
      const expiresAt = this.#clock.now() + leaseMs;
      this.#slots.set(key, { prefix, token, value: EMPTY, absence: null, expiresAt });
      return LEASE;
    });
    return { versions, outcomes };
  }

  async fill(scope: Scope, fills: readonly Fill[]): Promise<number> {
    const prefix = this.#prefix(scope);
    let stored = 0;
    for (const { key, token, versions, value, ttlMs } of fills) {
      if (versions.prefix !== prefix || this.#liveSlot(key, prefix)?.token !== token) continue;
      stored += 1;
      const absence = value === 'absent' ? versions.absence : null;
      const stale = absence !== null && (scope.absence === null || absence !== this.#version(scope.absence));
      if (value === null || stale) this.#slots.delete(key);
      else {
        const expiresAt = this.#clock.now() + ttlMs;
        const bytes = value === 'absent' ? EMPTY : value;
        this.#slots.set(key, { prefix, token: null, value: bytes, absence, expiresAt });
      }
    }
    return stored;
  }

  async fence(targets: Targets, token: string, fenceMs: number): Promise<Announced> {
    const expiresAt = this.#clock.now() + fenceMs;
    this.#invalidate(targets);
    for (const fences of fencesAt(targets, token)) this.#addFence(fences, expiresAt);
    return NOBODY_ELSE;
  }

  async lift(targets: Targets, token: string): Promise<Announced | null> {
    this.#invalidate(targets);
    let stood = true;
    for (const fences of fencesAt(targets, token)) stood = this.#dropFence(fences) && stood;
    return stood ? null : NOBODY_ELSE;
  }

  #invalidate({ keys, guards }: Targets): void {
    for (const key of keys) this.#slots.delete(key);
    this.values.drop(keys);
    for (const { version, rule } of guards) {
      if (rule === undefined) this.#versions.set(version, newEpoch());
      // One that is missing needs no change: nothing hangs on it, and the next one is new.
      else this.#ruled.get(version)?.set(rule, newEpoch());
    }
  }

  #prefix(scope: Scope): string {
    return scope.guards.map((guard) => this.#version(guard)).join('') + scope.shape;
  }

  #version({ version, rule }: Guard): string {
    if (rule !== undefined) return this.#versionBesides(version, rule);
    let current = this.#versions.get(version);
    if (current === undefined) {
      current = newEpoch();
      this.#versions.set(version, current);
    }
    return current;
  }

  /** The versions of all rules but this one. */
  #versionBesides(version: string, own: string): string {
    let byRule = this.#ruled.get(version);
    if (byRule === undefined) {
      byRule = new Map([['', newEpoch()]]);
      this.#ruled.set(version, byRule);
    }
    return [...byRule].map(([rule, current]) => (rule === own ? '' : current)).join('');
  }

  #liveSlot(key: string, prefix: string): Slot | null {
    const slot = this.#slots.get(key);
    return slot !== undefined && slot.prefix === prefix && slot.expiresAt > this.#clock.now() ? slot : null;
  }

  /** @param own the rule whose fences do not count */
  #isFenced(key: string, own?: string): boolean {
    const fences = this.#fences.get(key);
    if (fences === undefined) return false;
    this.#purge(key, fences);
    return own === undefined ? fences.size > 0 : [...fences.keys()].some((name) => !name.startsWith(own));
  }

  #addFence({ key, token }: Fence, expiresAt: number): void {
    const fences = this.#fences.get(key) ?? new Map<string, number>();
    fences.set(token, expiresAt);
    this.#fences.set(key, fences);
  }

  /** Whether it was there. */
  #dropFence({ key, token }: Fence): boolean {
    const fences = this.#fences.get(key);
    if (fences === undefined) return false;
    const stood = fences.delete(token);
    this.#purge(key, fences);
    return stood;
  }

  #purge(key: string, fences: Map<string, number>): void {
    const now = this.#clock.now();
    for (const [token, expiresAt] of fences) if (expiresAt <= now) fences.delete(token);
    if (fences.size === 0) this.#fences.delete(key);
  }
}

/** A writer's mark: the fences that it is among, and its name there, which begins with the rule that it goes by, if any. */
interface Fence {
  readonly key: string;
  readonly token: string;
}

function fencesAt({ keys, guards }: Targets, token: string): readonly Fence[] {
  return [
    ...keys.map((key) => ({ key: fencesOf(key), token })),
    ...guards.map(({ fences, rule = '' }) => ({ key: fences, token: rule + token })),
  ];
}
