import { LRUCache } from 'lru-cache';
import type { Clock } from '../../clock.js';
import type { Announced, EntryKey, Guard } from '../shared-store.js';
import {
  asLease,
  asValue,
  type GuardState,
  type LeaseRequest,
  type Place,
  type Put,
  type ValueStore,
} from '../value-store.js';

type Kept =
  | { readonly kind: 'value'; readonly id: string; readonly bytes: Uint8Array; readonly until: number }
  | { readonly kind: 'lease'; readonly token: string; readonly until: number }
  | { readonly kind: 'count'; readonly count: number; readonly until: number }
  | { readonly kind: 'members'; readonly members: ReadonlySet<string>; readonly until: number };

const LEASE: Place = Object.freeze({ kind: 'lease' });
const BUSY: Place = Object.freeze({ kind: 'busy' });
const NONE: Place = Object.freeze({ kind: 'none' });
const NOBODY_ELSE: Announced = Object.freeze({ awaited: [], heard: 0, registryAgeMs: 0 });

// As in memory-store.ts: tiny values count as well.
const OVERHEAD_BYTES = 200;
const SCANNED_AT_ONCE = 1_000;
const FOREVER = Number.POSITIVE_INFINITY;

/** Values, counters and sets in the memory of this process. */
export class MemoryValues implements ValueStore {
  readonly #kept: LRUCache<EntryKey, Kept>;
  readonly #clock: Clock;
  readonly #stateOf: (guard: Guard) => GuardState;

  /** @param stateOf how a guard is */
  constructor(options: {
    readonly maxBytes: number;
    readonly clock: Clock;
    readonly stateOf: (guard: Guard) => GuardState;
  }) {
    this.#clock = options.clock;
    this.#stateOf = options.stateOf;
    this.#kept = new LRUCache({ maxSize: options.maxBytes, sizeCalculation: sizeOf });
  }

  /** Takes keys away at once, for an invalidation. */
  drop(keys: readonly EntryKey[]): void {
    for (const key of keys) this.#kept.delete(key);
  }

  clear(): void {
    this.#kept.clear();
  }

  async look(keys: readonly EntryKey[], guards: readonly Guard[], lease: LeaseRequest | null) {
    const places = keys.map((key) => {
      const there = this.#there(key);
      if (there !== undefined) return this.#placeOf(there);
      return lease === null ? NONE : this.#lease(key, lease);
    });
    return { places, guards: guards.map(this.#stateOf) };
  }

  async replace(
    invalid: readonly { readonly key: EntryKey; readonly onlyOver: string }[],
    lease: LeaseRequest,
  ): Promise<readonly Place[]> {
    return invalid.map(({ key, onlyOver }) => {
      const there = this.#there(key);
      return there === undefined || nameOf(there) === onlyOver
        ? this.#lease(key, lease)
        : this.#placeOf(there);
    });
  }

  async put(puts: readonly Put[]): Promise<readonly boolean[]> {
    return puts.map(({ key, id, bytes, ttlMs, onlyOver }) => {
      if (onlyOver !== null) {
        const there = this.#there(key);
        if (there === undefined || nameOf(there) !== onlyOver) return false;
      }
      if (bytes === null) this.#kept.delete(key);
      else this.#kept.set(key, { kind: 'value', id, bytes, until: this.#clock.now() + ttlMs });
      return true;
    });
  }

  async expire(
    entries: readonly { readonly key: EntryKey; readonly ttlMs: number }[],
  ): Promise<readonly boolean[]> {
    return entries.map(({ key, ttlMs }) => {
      const there = this.#there(key);
      if (there === undefined || there.kind === 'lease') return false;
      this.#kept.set(key, { ...there, until: this.#clock.now() + ttlMs });
      return true;
    });
  }

  async claim(key: EntryKey, token: string, ttlMs: number): Promise<boolean> {
    if (this.#there(key) !== undefined) return false;
    this.#lease(key, { token, leaseMs: ttlMs });
    return true;
  }

  async reclaim(key: EntryKey, token: string, ttlMs: number): Promise<boolean> {
    const there = this.#there(key);
    if (there === undefined || nameOf(there) !== asLease(token)) return false;
    if (ttlMs === 0) this.#kept.delete(key);
    else this.#lease(key, { token, leaseMs: ttlMs });
    return true;
  }

  async announce(): Promise<Announced> {
    return NOBODY_ELSE;
  }

  async count(key: EntryKey, by: number, ttlMs: number | null): Promise<number> {
    const there = this.#there(key);
    const count = (there?.kind === 'count' ? there.count : 0) + by;
    this.#kept.set(key, { kind: 'count', count, until: this.#until(there, ttlMs) });
    return count;
  }

  async addMembers(key: EntryKey, members: readonly string[], ttlMs: number | null): Promise<number> {
    const there = this.#there(key);
    const before = there?.kind === 'members' ? there.members : new Set<string>();
    const after = new Set([...before, ...members]);
    this.#kept.set(key, { kind: 'members', members: after, until: this.#until(there, ttlMs) });
    return after.size - before.size;
  }

  async removeMembers(key: EntryKey, members: readonly string[]): Promise<number> {
    const there = this.#there(key);
    if (there?.kind !== 'members') return 0;
    const gone = new Set(members);
    const after = new Set([...there.members].filter((member) => !gone.has(member)));
    if (after.size === 0) this.#kept.delete(key);
    else this.#kept.set(key, { ...there, members: after });
    return there.members.size - after.size;
  }

  async members(key: EntryKey): Promise<readonly string[]> {
    const there = this.#there(key);
    return there?.kind === 'members' ? [...there.members] : [];
  }

  async timesLeft(keys: readonly EntryKey[]): Promise<readonly (number | null)[]> {
    return keys.map((key) => {
      const there = this.#there(key);
      return there === undefined ? null : there.until - this.#clock.now();
    });
  }

  async remove(keys: readonly EntryKey[]): Promise<number> {
    const there = keys.filter((key) => this.#there(key) !== undefined);
    this.drop(there);
    return new Set(there).size;
  }

  async *scan(beginning: string): AsyncIterable<readonly EntryKey[]> {
    const keys = [...this.#kept.keys()].filter((key) => key.startsWith(beginning));
    for (let first = 0; first < keys.length; first += SCANNED_AT_ONCE) {
      yield keys.slice(first, first + SCANNED_AT_ONCE).filter((key) => this.#there(key) !== undefined);
    }
  }

  #there(key: EntryKey): Kept | undefined {
    const kept = this.#kept.get(key);
    return kept !== undefined && kept.until > this.#clock.now() ? kept : undefined;
  }

  #lease(key: EntryKey, { token, leaseMs }: LeaseRequest): Place {
    this.#kept.set(key, { kind: 'lease', token, until: this.#clock.now() + leaseMs });
    return LEASE;
  }

  #placeOf(there: Kept): Place {
    if (there.kind !== 'value') return BUSY;
    const { id, bytes, until } = there;
    return { kind: 'value', id, bytes, ttlMs: until - this.#clock.now() };
  }

  #until(there: Kept | undefined, ttlMs: number | null): number {
    const until = there?.until ?? FOREVER;
    return ttlMs === null || until !== FOREVER ? until : this.#clock.now() + ttlMs;
  }
}

function nameOf(kept: Kept): string | null {
  if (kept.kind === 'lease') return asLease(kept.token);
  return kept.kind === 'value' ? asValue(kept.id) : null;
}

function sizeOf(kept: Kept): number {
  if (kept.kind === 'value') return kept.bytes.byteLength + OVERHEAD_BYTES;
  if (kept.kind !== 'members') return OVERHEAD_BYTES;
  let size = OVERHEAD_BYTES;
  for (const member of kept.members) size += 2 * member.length + OVERHEAD_BYTES;
  return size;
}
