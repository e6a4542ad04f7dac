import { CodecError } from '../../errors.js';
import { copyMutable } from '../freeze.js';
import { checkedName } from '../naming/index.js';
import { NOTHING } from '../near/near-cache.js';
import type { EntryKey, Guard } from '../store/shared-store.js';
import type { ValueContext } from './value-context.js';
import { guardsOf } from './value-entry.js';
import { ValueLoader } from './value-loader.js';
import { type FoundValue, type LookRequest, type Seen, ValueLooks } from './value-looks.js';
import { type Departure, ValueNear } from './value-near.js';
import { checkedOptions, checkedSeconds, type LoadOptions, type ValueOptions } from './value-options.js';
import { ValueUpdater } from './value-updater.js';

/** A value to be put, with its name and how it is kept. */
export interface ValueEntry extends ValueOptions {
  readonly key: string;
  readonly value: unknown;
}

interface GetRequest extends LookRequest {
  /** What it hung on when it was last seen. */
  readonly departing: readonly Guard[];
}

function onSent(): void {
  // Nobody joins who only gets.
}

/**
 * Values under names that the application chose. Nothing that a name stands for is in the database, so "never stale" means
 * here: who reads after a change was acknowledged (`set`, `delete`, an invalidation) sees it, in any process. While a `set` is
 * under way, one process may see the new value before another sees it. And a value that is not computed from models lives
 * until its time is over, whatever becomes of what it was made of.
 */
export class NamedValues {
  readonly #context: ValueContext;
  readonly #looks: ValueLooks;
  readonly #near: ValueNear;
  readonly #writer: ValueUpdater;
  readonly #loader: ValueLoader;

  constructor(context: ValueContext) {
    const read = context.near ? context.read : Object.freeze({ ...context.read, near: null });
    this.#context = Object.freeze({ ...context, read });
    this.#looks = new ValueLooks(read);
    this.#near = new ValueNear(read, context.sampled);
    this.#writer = new ValueUpdater(this.#context, this.#looks, this.#near);
    this.#loader = new ValueLoader(this.#context, this.#looks, this.#near, this.#writer);
  }

  /** The value, frozen; null for what is not there, is over its time, or cannot be asked for. */
  async get(name: string): Promise<unknown | null> {
    const request = this.#requestFor(checkedName(name));
    const known = this.#near.get(request.key, request.departing);
    if (known !== NOTHING) return known;
    const departure = this.#near.depart(request.key, request.departing);
    try {
      return this.#arrived(request, await this.#looks.look(request), departure);
    } finally {
      this.#near.land(request.key, departure);
    }
  }

  /** As `get`, of many, in the order of the names. */
  async getMultiple(names: readonly string[]): Promise<(unknown | null)[]> {
    const values: unknown[] = new Array(names.length).fill(null);
    const asked: (GetRequest & { readonly at: number; readonly departure: Departure | null })[] = [];
    names.forEach((name, at) => {
      const request = this.#requestFor(checkedName(name));
      const known = this.#near.get(request.key, request.departing);
      if (known !== NOTHING) values[at] = known;
      else asked.push({ ...request, at, departure: this.#near.depart(request.key, request.departing) });
    });
    try {
      const seen = await this.#looks.lookMany(asked);
      asked.forEach((request, index) => {
        values[request.at] = this.#arrived(request, seen[index] as Seen, request.departure);
      });
    } finally {
      for (const { key, departure } of asked) this.#near.land(key, departure);
    }
    return values;
  }

  /** As `ValueLoader.getOrLoad`. */
  async getOrLoad<T>(name: string, load: () => Promise<T>, options: LoadOptions = {}): Promise<T> {
    const keeping = checkedOptions(options, this.#context.defaultTtlMs);
    return this.#loader.getOrLoad(checkedName(name), keeping, load);
  }

  /** Puts values. See `ValueUpdater.set`. */
  async setMultiple(entries: readonly ValueEntry[]): Promise<boolean> {
    const { defaultTtlMs } = this.#context;
    // The last one of a name counts.
    const byName = new Map(
      entries.map(({ key, value, ...options }) => [
        checkedName(key),
        { name: key, value, keeping: checkedOptions(options, defaultTtlMs) },
      ]),
    );
    return byName.size === 0 || this.#writer.set([...byName.values()]);
  }

  /** See `ValueUpdater.delete`. */
  deleteMultiple(names: readonly string[]): Promise<boolean> {
    const keys = [...new Set(names)].map((name) => this.#context.names.key(checkedName(name)));
    this.#forget(keys);
    return this.#writer.delete(keys);
  }

  /** Takes very many values away, by the keys that they have in the store. See `ValueUpdater.deleteMany`. */
  deleteKeys(keys: readonly EntryKey[]): Promise<boolean> {
    this.#forget(keys);
    return this.#writer.deleteMany(keys);
  }

  /** Invalidates all that hangs on one of these tags, whatever it is. As `ValueUpdater.delete`. */
  invalidateTags(tags: readonly string[]): Promise<boolean> {
    const named = [...new Set(tags)];
    this.#context.read.counters.tagsInvalidated += named.length;
    return this.#writer.invalidate(named.map((tag) => this.#context.tag(tag)));
  }

  /** Invalidates all that depends on the values of these names, also by others between; not the values themselves. */
  invalidateDependents(names: readonly string[]): Promise<boolean> {
    return this.#writer.invalidate(
      [...new Set(names)].map((name) => this.#context.names.dependents(checkedName(name))),
    );
  }

  /** How much longer the values of these names are answered, in ms; null for what is not there, or cannot be asked for. */
  async timesLeft(names: readonly string[]): Promise<readonly (number | null)[]> {
    return Promise.all(
      names.map(async (name) => {
        const found = await this.#look(checkedName(name));
        return found === null || found.freshMs <= 0 ? null : found.freshMs;
      }),
    );
  }

  /** Gives a value a new time from now on; false where it is not there, or the store was not asked. */
  async expire(name: string, ttlSeconds: number): Promise<boolean> {
    const ttlMs = checkedSeconds(ttlSeconds);
    const found = await this.#look(checkedName(name));
    if (found === null || found.freshMs <= 0) return false;
    const { staleMs = 0, graceMs = 0 } = found.header;
    const entry = { key: this.#context.names.key(name), ttlMs: ttlMs + Math.max(staleMs, graceMs) };
    return (await this.#writer.expire([entry], guardsOf(found.header)))?.[0] ?? false;
  }

  /** The names of these keys; null for one that is not of a value, or gone. Asks the store for those that are hashes. */
  async namesOf(
    keys: readonly EntryKey[],
    read: (key: EntryKey) => string | null,
  ): Promise<(string | null)[]> {
    const hashed = keys.filter((key) => read(key) === null);
    const headers = await this.#looks.headersOf(hashed);
    const known = new Map(hashed.map((key, index) => [key, headers[index]?.name ?? null]));
    return keys.map((key) => read(key) ?? known.get(key) ?? null);
  }

  #forget(keys: readonly EntryKey[]): void {
    this.#context.read.counters.keysInvalidated += keys.length;
    this.#near.drop(keys);
  }

  #requestFor(name: string): GetRequest {
    const key = this.#context.names.key(name);
    const { root } = this.#context;
    return {
      key,
      name,
      guards: root,
      shape: undefined,
      wantsLease: false,
      onSent,
      departing: this.#looks.hintOf(key) ?? root,
    };
  }

  /** What a look has brought, as the caller gets it. */
  #arrived({ key }: GetRequest, seen: Seen, departure: Departure | null): unknown | null {
    const { counters, codec } = this.#context.read;
    if (seen.kind === 'unasked') {
      counters.bypasses += 1;
      return null;
    }
    if (seen.kind !== 'found' || seen.found.freshMs <= 0) {
      counters.misses += 1;
      return null;
    }
    try {
      const { header, value: bytes, freshMs } = seen.found;
      const value = codec.decode(bytes);
      counters.hits += 1;
      this.#near.keep(key, departure, guardsOf(header), value, freshMs);
      return copyMutable(value);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      counters.corrupt += 1;
      return null;
    }
  }

  async #look(name: string): Promise<FoundValue | null> {
    const key = this.#context.names.key(name);
    const { root, read } = this.#context;
    const seen = await this.#looks.look({
      key,
      name,
      guards: root,
      shape: undefined,
      wantsLease: false,
      onSent,
    });
    if (seen.kind === 'unasked') read.counters.bypasses += 1;
    return seen.kind === 'found' ? seen.found : null;
  }
}
