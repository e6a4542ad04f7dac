import { CacheUnavailableError } from '../../errors.js';
import type { KeySpace } from '../keys.js';
import { checkedName } from '../naming/index.js';
import {
  invalidateByPattern,
  matcherOf,
  type PatternProgress,
  type PatternReport,
} from '../patterns/index.js';
import type { ReadContext } from '../read-context.js';
import type { EntryKey } from '../store/shared-store.js';
import { CountersAndSets, type TallyOptions } from './counters-and-sets.js';
import type { NamedValues, ValueEntry } from './named-values.js';
import type { LoadOptions } from './value-options.js';

/** How an invalidation by pattern goes. */
export interface PatternOptions {
  /** Called after each step. */
  readonly onProgress?: (progress: PatternProgress) => void;
}

// What takes Redis a fraction of a millisecond, so that others have their turn between.
const REMOVED_AT_ONCE = 200;

const NOTHING_DONE: PatternReport = Object.freeze({
  scanned: 0,
  matched: 0,
  invalidated: 0,
  failed: 0,
  tookMs: 0,
});

/** Everything that the application keeps under names of its own: values, counters and sets. */
export interface Values {
  get(name: string): Promise<unknown | null>;
  getMultiple(names: readonly string[]): Promise<(unknown | null)[]>;
  setMultiple(entries: readonly ValueEntry[]): Promise<boolean>;
  deleteMultiple(names: readonly string[]): Promise<boolean>;
  getOrLoad<T>(name: string, load: () => Promise<T>, options?: LoadOptions): Promise<T>;
  exists(name: string): Promise<boolean>;
  timeLeftMs(name: string): Promise<number | null>;
  expire(name: string, ttlSeconds: number): Promise<boolean>;
  increment(name: string, by: number, options: TallyOptions): Promise<number>;
  addToSet(name: string, members: readonly string[], options: TallyOptions): Promise<number>;
  removeFromSet(name: string, members: readonly string[]): Promise<number>;
  members(name: string): Promise<readonly string[]>;
  invalidateTags(tags: readonly string[]): Promise<boolean>;
  invalidateDependents(names: readonly string[]): Promise<boolean>;
  invalidatePattern(pattern: string | RegExp, options: PatternOptions): Promise<PatternReport>;
  names(beginning: string): AsyncIterable<readonly string[]>;
}

/** Values in a store. */
export class StoredValues implements Values {
  readonly #values: NamedValues;
  readonly #tallies: CountersAndSets;
  readonly #read: Pick<ReadContext, 'store' | 'guard'>;
  readonly #keys: KeySpace;

  constructor(values: NamedValues, read: Pick<ReadContext, 'store' | 'guard'>, keys: KeySpace) {
    this.#values = values;
    this.#read = read;
    this.#keys = keys;
    this.#tallies = new CountersAndSets(read, {
      counter: (name) => keys.besideValue(name, 'counter'),
      members: (name) => keys.besideValue(name, 'members'),
    });
  }

  get(name: string): Promise<unknown | null> {
    return this.#values.get(name);
  }

  getMultiple(names: readonly string[]): Promise<(unknown | null)[]> {
    return this.#values.getMultiple(names);
  }

  setMultiple(entries: readonly ValueEntry[]): Promise<boolean> {
    return this.#values.setMultiple(entries);
  }

  async deleteMultiple(names: readonly string[]): Promise<boolean> {
    const { guard, store } = this.#read;
    const tallies = names.flatMap((name) => this.#tallyKeys(checkedName(name)));
    if (tallies.length === 0) return true;
    const [deleted, removed] = await Promise.all([
      this.#values.deleteMultiple(names),
      guard.attempt(() => store.values.remove(tallies)),
    ]);
    return deleted && removed.ok;
  }

  getOrLoad<T>(name: string, load: () => Promise<T>, options?: LoadOptions): Promise<T> {
    return this.#values.getOrLoad(name, load, options);
  }

  async exists(name: string): Promise<boolean> {
    return (await this.timeLeftMs(name)) !== null;
  }

  async timeLeftMs(name: string): Promise<number | null> {
    const { guard, store } = this.#read;
    const [[value = null], tallies] = await Promise.all([
      this.#values.timesLeft([name]),
      guard.attempt(() => store.values.timesLeft(this.#tallyKeys(name))),
    ]);
    if (value !== null || !tallies.ok) return value;
    return tallies.value.find((time) => time !== null) ?? null;
  }

  async expire(name: string, ttlSeconds: number): Promise<boolean> {
    const there = await Promise.all([
      this.#values.expire(name, ttlSeconds),
      this.#tallies.expire(name, ttlSeconds),
    ]);
    return there.includes(true);
  }

  increment(name: string, by: number, options: TallyOptions): Promise<number> {
    return this.#tallies.increment(name, by, options);
  }

  addToSet(name: string, members: readonly string[], options: TallyOptions): Promise<number> {
    return this.#tallies.add(name, members, options);
  }

  removeFromSet(name: string, members: readonly string[]): Promise<number> {
    return this.#tallies.remove(name, members);
  }

  members(name: string): Promise<readonly string[]> {
    return this.#tallies.members(name);
  }

  invalidateTags(tags: readonly string[]): Promise<boolean> {
    return this.#values.invalidateTags(tags);
  }

  invalidateDependents(names: readonly string[]): Promise<boolean> {
    return this.#values.invalidateDependents(names);
  }

  async invalidatePattern(pattern: string | RegExp, { onProgress }: PatternOptions): Promise<PatternReport> {
    const matcher = matcherOf(pattern);
    return invalidateByPattern({
      scan: this.#scan(),
      matcher,
      batch: REMOVED_AT_ONCE,
      namesOf: (keys) => this.#values.namesOf(keys, (key) => this.#keys.nameOfValue(key)),
      invalidate: (found) => this.#values.deleteKeys(found.map(({ key }) => key)),
      ...(onProgress !== undefined && { onProgress }),
    });
  }

  async *names(beginning: string): AsyncIterable<readonly string[]> {
    for await (const keys of this.#scan()) {
      const names = await this.#values.namesOf(keys, (key) => this.#keys.nameOfValue(key));
      yield names.filter((name) => name?.startsWith(beginning)) as string[];
    }
  }

  /** The keys of values. A store that stops answering on the way ends the walk. */
  async *#scan(): AsyncIterable<readonly EntryKey[]> {
    const { guard, store } = this.#read;
    // Not only what begins as the pattern does: long names are hashes in their keys, and looking is what costs.
    const walk = store.values.scan(this.#keys.valuesBeginning)[Symbol.asyncIterator]();
    for (;;) {
      const step = await guard.attempt(() => walk.next());
      if (!step.ok)
        throw new CacheUnavailableError(
          'The shared cache went away before all keys were looked at. Begin anew when it is back.',
        );
      if (step.value.done === true) return;
      yield step.value.value.filter((key) => this.#keys.isValue(key));
    }
  }

  #tallyKeys(name: string): EntryKey[] {
    return [this.#keys.besideValue(name, 'counter'), this.#keys.besideValue(name, 'members')];
  }
}

/** Values where there is no cache: nothing is there, and nothing is kept. */
export const NO_VALUES: Values = Object.freeze({
  get: async () => null,
  getMultiple: async (names) => names.map(() => null),
  setMultiple: async () => false,
  deleteMultiple: async () => true,
  getOrLoad: async <T>(_name: string, load: () => Promise<T>) => load(),
  exists: async () => false,
  timeLeftMs: async () => null,
  expire: async () => false,
  increment: () => nowhere(),
  addToSet: () => nowhere(),
  removeFromSet: () => nowhere(),
  members: () => nowhere(),
  invalidateTags: async () => true,
  invalidateDependents: async () => true,
  invalidatePattern: async () => NOTHING_DONE,
  names: async function* () {
    yield [];
  },
} satisfies Values);

function nowhere(): Promise<never> {
  return Promise.reject(
    new CacheUnavailableError(
      'The cache is off, and counters and sets are nowhere else. Configure a store: see docs/configuration.md.',
    ),
  );
}
