import { LRUCache } from 'lru-cache';
import type { TimeLease } from '../fleet/time-lease.js';
import { PassingMap } from '../passing-map.js';
import type { NearUse } from '../statistics/near-use.js';
import { changeOf, type Guard } from '../store/shared-store.js';
import { Admission } from './admission.js';
import { KnownKeys } from './known-keys.js';

/** What some entries hang on together, as this process sees it. */
export interface NearScope {
  /** Changes with every announcement of a guard of it. NaN, which equals nothing, once nobody holds the scope any more. */
  generation: number;
}

interface HeldScope extends NearScope {
  readonly name: string;
  /** The rule whose changes of the last guard do not concern it. */
  readonly rule: string | undefined;
  readonly versions: readonly string[];
  holders: number;
}

interface NearEntry {
  readonly value: unknown;
  readonly scope: NearScope;
  readonly generation: number;
  readonly expiresAt: number;
}

/** A read on its way to the shared cache or the database. What it brings enters the near cache only if nothing changed. */
export interface Flight {
  readonly era: number | null;
  /** Set by an announcement of its key. */
  changed: boolean;
}

/** Stands for an entry that is not there; null is a value: it is known that there is none. */
export const NOTHING: unique symbol = Symbol('nothing');

// Key, map and entry, so that tiny values count as well.
const ENTRY_OVERHEAD_BYTES = 300;

// One hit in eight moves its entry to the end of those that have to go, which costs as much as finding it. What is read often is
// moved often enough.
const NOTED_MASK = 7;

// A cache that is bounded by its bytes is hardly ever full to the last one.
const FULL_SHARE = 0.95;

/**
 * Values in the memory of this process, never serialized, bounded by number and approximate size. What it may answer, and
 * when, is for `TimeLease` to say; it drops what is announced, and refuses what an announcement overtook.
 */
export class NearCache {
  /** Of the rows of all models. */
  readonly known: KnownKeys;
  readonly #entries: LRUCache<string, NearEntry>;
  readonly #admission: Admission;
  readonly #maxEntries: number;
  readonly #fullFromBytes: number;
  readonly #ttlMs: number;
  readonly #lease: TimeLease;
  readonly #flights = new PassingMap<string, Flight>();
  readonly #scopes = new Map<string, HeldScope>();
  /** Key of a version -> the scopes that hang on it. */
  readonly #byVersion = new Map<string, Set<HeldScope>>();
  #gets = 0;
  #evictions = 0;
  #expired = 0;

  constructor(
    options: { readonly maxEntries: number; readonly maxBytes: number; readonly ttlMs: number },
    lease: TimeLease,
  ) {
    this.known = new KnownKeys(options.maxEntries);
    this.#admission = new Admission(options.maxEntries);
    this.#maxEntries = options.maxEntries;
    this.#fullFromBytes = options.maxBytes * FULL_SHARE;
    this.#ttlMs = options.ttlMs;
    this.#lease = lease;
    this.#entries = new LRUCache({
      max: options.maxEntries,
      maxSize: options.maxBytes,
      dispose: (_value, _key, reason) => {
        if (reason === 'evict') this.#evictions += 1;
      },
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  get approximateBytes(): number {
    return this.#entries.calculatedSize;
  }

  /** How it is used, and what had to go. */
  get use(): NearUse {
    return Object.freeze({
      entries: this.size,
      bytes: this.approximateBytes,
      evictions: this.#evictions,
      expired: this.#expired,
    });
  }

  /** The one scope of these guards. Who takes it must `release` it when it reads under it no more. */
  scope(guards: readonly Guard[]): NearScope {
    const versions = guards.map((guard) => guard.version);
    const rule = guards.at(-1)?.rule;
    const name = guards.map(changeOf).join('\0');
    let scope = this.#scopes.get(name);
    if (scope === undefined) {
      scope = { generation: 0, name, rule, versions, holders: 0 };
      this.#scopes.set(name, scope);
      for (const version of versions) {
        const hanging = this.#byVersion.get(version) ?? new Set();
        this.#byVersion.set(version, hanging.add(scope));
      }
    }
    scope.holders += 1;
    return scope;
  }

  /**
   * One holder less. With the last one the scope ends: its guards are no longer listened for, so nothing that was put under
   * it is answered any more, and no read that is under way brings anything home.
   */
  release(scope: NearScope): void {
    const held = scope as HeldScope;
    held.holders -= 1;
    if (held.holders !== 0) return;
    held.generation = Number.NaN;
    this.#scopes.delete(held.name);
    for (const version of held.versions) {
      const hanging = this.#byVersion.get(version);
      hanging?.delete(held);
      if (hanging?.size === 0) this.#byVersion.delete(version);
    }
  }

  /** How many scopes are held, and how many guards are listened for because of them. */
  get held(): { readonly scopes: number; readonly guards: number } {
    return { scopes: this.#scopes.size, guards: this.#byVersion.size };
  }

  /**
   * What it holds under the key; null where it is known that there is none; `NOTHING` else.
   *
   * @param scope what the reader's values hang on, and `absence` what "there is none" hangs on: what was put under another
   * would outlive changes that this reader must see
   */
  get(key: string, scope: NearScope, absence: NearScope, now: number): unknown {
    if (!this.#lease.isHeld(now)) return NOTHING;
    this.#gets += 1;
    const entry = (this.#gets & NOTED_MASK) === 0 ? this.#entries.get(key) : this.#entries.peek(key);
    if (entry === undefined) return NOTHING;
    const isOfReader = entry.scope === scope || entry.scope === absence;
    if (isOfReader && entry.generation === entry.scope.generation && entry.expiresAt > now)
      return entry.value;
    if (entry.expiresAt <= now) this.#expired += 1;
    this.#entries.delete(key);
    return NOTHING;
  }

  /** A read of this key sets out. Call `land` when it has come back, whatever it brought. */
  depart(key: string): Flight {
    const flight = { era: this.#lease.era, changed: false };
    // An earlier one of the same key may go on, but brings nothing home: it would no longer hear of changes.
    const earlier = this.#flights.get(key);
    if (earlier !== undefined) earlier.changed = true;
    this.#flights.set(key, flight);
    return flight;
  }

  /** Whether a flight may still be joined, or bring something home: nothing was announced, and no announcement missed. */
  isUnchanged(flight: Flight): boolean {
    return !flight.changed && flight.era !== null && flight.era === this.#lease.era;
  }

  /**
   * Whether what a flight brings may enter, and there is room for it: while the cache is full, only if the key was asked for before, not
   * long ago. One that there is no room for counts as evicted. Ask before `put`.
   */
  admits(key: string, flight: Flight): boolean {
    if (!this.isUnchanged(flight)) return false;
    const isFull =
      this.#entries.size >= this.#maxEntries || this.#entries.calculatedSize >= this.#fullFromBytes;
    if (this.#admission.wasAsked(key) || !isFull || this.#entries.has(key)) return true;
    this.#evictions += 1;
    return false;
  }

  /**
   * @param generation the scope's when the flight set out
   * @param ttlMs how long at most; never longer than the cache's own
   */
  put(
    key: string,
    flight: Flight,
    value: unknown,
    bytes: number,
    scope: NearScope,
    generation: number,
    now: number,
    ttlMs = this.#ttlMs,
  ): void {
    if (!this.isUnchanged(flight) || generation !== scope.generation) return;
    this.#entries.set(
      key,
      { value, scope, generation, expiresAt: now + Math.min(ttlMs, this.#ttlMs) },
      { size: bytes + ENTRY_OVERHEAD_BYTES },
    );
  }

  land(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }

  /** Drops what an announcement names: entries by their keys, and the changes of guards as `changeOf` calls them. */
  drop(keys: readonly string[], changes: readonly string[]): void {
    for (const key of keys) {
      this.#entries.delete(key);
      const flight = this.#flights.get(key);
      if (flight !== undefined) flight.changed = true;
    }
    for (const change of changes) {
      const [version = change, rule] = change.split('|');
      for (const scope of this.#byVersion.get(version) ?? []) {
        if (rule === undefined || rule !== scope.rule) scope.generation += 1;
      }
    }
  }

  /** Drops everything, when it is not known what changed; what is on its way as well. */
  clear(): void {
    this.#entries.clear();
    for (const flight of this.#flights.values()) flight.changed = true;
  }
}
