import { EventEmitter } from 'node:events';
import type { KeyvStoreAdapter, StoredData } from 'keyv';
import type { CacheManager } from '../cache/index.js';
import { escaped } from '../cache/naming/escaped.js';
import { DEFAULT_TTL } from '../config/index.js';

/** What the adapter needs of a cache. */
export type KeyvCache = Pick<
  CacheManager,
  | 'get'
  | 'set'
  | 'delete'
  | 'exists'
  | 'getMultiple'
  | 'setMultiple'
  | 'deleteMultiple'
  | 'invalidateTags'
  | 'names'
>;

/** How the adapter keeps values. */
export interface KeyvHoldfastOptions {
  /** How long a value is kept that Keyv gives no time for; Keyv itself would keep it for ever. @default 604_800, a week */
  readonly ttlSeconds?: number;
}

/** A value that Keyv has stored, among others. */
export interface KeyvItem {
  readonly key: string;
  readonly value: unknown;
  /** Milliseconds. */
  readonly ttl?: number;
}

/**
 * A storage adapter of Keyv over the cache, for code that speaks Keyv: `new Keyv({ store: new KeyvHoldfast(cache) })`. One
 * adapter is for one namespace, that of the Keyv that it is given to. Reads find nothing while the cache is away, and writes
 * say false. What Keyv holds is a cache here, not a database: it may lose any value at any time.
 */
export class KeyvHoldfast extends EventEmitter implements KeyvStoreAdapter {
  /** Set by Keyv. */
  namespace?: string | undefined;
  /** Keyv offers its iterator only over dialects that it knows. */
  readonly opts: { readonly dialect: 'redis' } & Record<string, unknown> = { dialect: 'redis' };
  readonly #cache: KeyvCache;
  readonly #ttlSeconds: number;

  constructor(cache: KeyvCache, options: KeyvHoldfastOptions = {}) {
    super();
    this.#cache = cache;
    this.#ttlSeconds = options.ttlSeconds ?? DEFAULT_TTL.WEEK;
  }

  /** The value of a key, as Keyv stored it; undefined where there is none. */
  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    return found<Value>(await this.#cache.get(this.#name(key)));
  }

  /** The values of keys in their order. */
  async getMany<Value>(keys: string[]): Promise<StoredData<Value | undefined>[]> {
    const values = await this.#cache.getMultiple(this.#names(keys));
    return values.map((value) => found<Value>(value));
  }

  /** Resolves to whether the cache has it. */
  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    return this.#cache.set(this.#name(key), value, this.#options(ttl));
  }

  /** All together. Resolves to whether the cache has all of them, once for each. */
  async setMany(items: KeyvItem[]): Promise<void> {
    const entries = items.map(({ key, value, ttl }) => ({
      key: this.#name(key),
      value,
      ...this.#options(ttl),
    }));
    const done = await this.#cache.setMultiple(entries);
    // Keyv hands on what this resolves to as its own answer, whatever its type says.
    return items.map(() => done) as unknown as undefined;
  }

  /** Resolves to whether it was there, and the cache has confirmed that it no longer is. */
  async delete(key: string): Promise<boolean> {
    const name = this.#name(key);
    const wasThere = await this.#cache.exists(name);
    return (await this.#cache.delete(name)) && wasThere;
  }

  /** As `delete`, of all of them. */
  async deleteMany(keys: string[]): Promise<boolean> {
    const names = this.#names(keys);
    const wereThere = await this.hasMany(keys);
    return (await this.#cache.deleteMultiple(names)) && wereThere.every(Boolean);
  }

  /** Invalidates all of this namespace at once, however many they are. */
  async clear(): Promise<void> {
    await this.#cache.invalidateTags([this.#tag]);
  }

  /** Whether there is a value. */
  async has(key: string): Promise<boolean> {
    return this.#cache.exists(this.#name(key));
  }

  /** The same of many, in their order. */
  async hasMany(keys: string[]): Promise<boolean[]> {
    return Promise.all(this.#names(keys).map((name) => this.#cache.exists(name)));
  }

  /** The values of this namespace, in no order; it costs a look at every key of the cache. */
  async *iterator<Value>(
    namespace = this.namespace,
  ): AsyncGenerator<(string | Awaited<Value> | undefined)[], void> {
    const beginning = beginningOf(namespace);
    const shown = new Set<string>();
    for await (const names of this.#cache.names(beginning)) {
      const fresh = names.filter((name) => !shown.has(name));
      const values = await this.#cache.getMultiple<Awaited<Value>>(fresh);
      for (const [index, name] of fresh.entries()) {
        const value = values[index] ?? null;
        shown.add(name);
        if (value !== null) yield [name.slice(beginning.length), value];
      }
    }
  }

  /** Does nothing: the cache is not its own. */
  async disconnect(): Promise<void> {
    return undefined;
  }

  get #tag(): string {
    return beginningOf(this.namespace);
  }

  #name(key: string): string {
    return `${beginningOf(this.namespace)}${key}`;
  }

  #names(keys: readonly string[]): string[] {
    return keys.map((key) => this.#name(key));
  }

  #options(ttl = 0): { readonly ttlSeconds: number; readonly tags: readonly string[] } {
    // To Keyv, a time of 0 is none.
    return { ttlSeconds: ttl === 0 ? this.#ttlSeconds : ttl / 1_000, tags: [this.#tag] };
  }
}

/** What the names of a namespace begin with, and the tag that they bear. No namespace ends where another goes on. */
function beginningOf(namespace: string | undefined): string {
  return `keyv:${escaped(namespace ?? '')}:`;
}

function found<Value>(value: unknown): StoredData<Value> | undefined {
  return value === null ? undefined : (value as StoredData<Value>);
}
