import { InvalidArgumentError } from '../../errors.js';
import { newEpoch } from '../epoch.js';
import type { EntryKey, Guard } from '../store/shared-store.js';
import type { Put } from '../store/value-store.js';
import { guardsOfDependencies, hasSameWays } from './dependencies.js';
import type { ValueContext } from './value-context.js';
import { encodeEntry, hangingOn } from './value-entry.js';
import type { GuardStates, ValueLooks } from './value-looks.js';
import type { ValueNear } from './value-near.js';
import type { Keeping } from './value-options.js';

/** A value to be put under a name. */
export interface NamedValue {
  readonly name: string;
  readonly value: unknown;
  readonly keeping: Keeping;
}

/** What a value will hang on, and how that is; null where the store was not asked. */
export interface Hold {
  readonly guards: readonly Guard[];
  readonly states: GuardStates;
}

// In one script; one that takes long holds up everybody else's.
const CHANGED_AT_ONCE = 1_000;

/** Puts values, changes their time and takes them away: for the store, the memory of this process, and that of all others. */
export class ValueUpdater {
  readonly #context: ValueContext;
  readonly #looks: ValueLooks;
  readonly #near: ValueNear;

  constructor(context: ValueContext, looks: ValueLooks, near: ValueNear) {
    this.#context = context;
    this.#looks = looks;
    this.#near = near;
  }

  /** What values with these options hang on themselves, before what they depend on is looked at. */
  guardsOf({ tags, models, dependsOn }: Keeping): readonly Guard[] {
    const { root, names } = this.#context;
    return [
      ...root,
      ...models.flatMap((model) => this.#context.model(model)),
      ...tags.map((tag) => this.#context.tag(tag)),
      ...dependsOn.map((name) => names.dependents(name)),
    ];
  }

  /**
   * What a value of this name hangs on, with the ways through what it depends on. To be asked before it is computed.
   *
   * @param states how `guardsOf` is, where that is known already
   */
  async hold(name: string, keeping: Keeping, states: GuardStates | null): Promise<Hold | null> {
    const own = this.guardsOf(keeping);
    const known = states ?? (await this.#looks.states(own));
    if (known === null) return null;
    if (keeping.dependsOn.length === 0) return { guards: own, states: known };
    const { names, writer } = this.#context;
    // After the versions of the direct guards: whoever brings a new way changes them.
    const keys = [name, ...keeping.dependsOn].map((one) => names.key(one));
    const [last = null, ...headers] = await this.#looks.headersOf(keys);
    const direct = keeping.dependsOn.map((one) => names.dependents(one));
    const ways = guardsOfDependencies(direct, headers, names);
    if (!hasSameWays(last, ways, names)) {
      await writer.invalidate({ keys: [], guards: [names.dependents(name)] }, { near: 'awaited' });
    }
    // Its own guard, which it may depend on in a circle, has a new version by now.
    const self = names.dependents(name).version;
    const before = own.filter(({ version }) => version !== self);
    const further = ways.filter(({ version }) => !before.some((guard) => guard.version === version));
    const more = await this.#looks.states(further);
    if (more === null) return null;
    return { guards: [...before, ...further], states: new Map([...known, ...more]) };
  }

  /**
   * Puts values, whatever is there. Resolves to whether the store has them all, when the near caches of all processes have
   * dropped what was there before.
   *
   * @throws InvalidArgumentError when one is nothing, or cannot be stored
   */
  async set(values: readonly NamedValue[]): Promise<boolean> {
    const encoded = values.map(({ name, value, keeping }) => ({
      name,
      keeping,
      key: this.#context.names.key(name),
      bytes: this.#encode(name, value),
    }));
    const holds = await this.#holds(values);
    const puts: Put[] = [];
    const guards = new Map<string, Guard>();
    for (const { name, key, keeping, bytes } of encoded) {
      const hold = holds.get(name);
      if (hold === undefined) continue;
      for (const guard of hold.guards) guards.set(guard.version, guard);
      const header = {
        guards: hangingOn(hold.guards, hold.states),
        ...(this.#context.names.isHashed(name) && { name }),
      };
      puts.push({
        key,
        id: newEpoch(),
        bytes: encodeEntry(header, bytes),
        ttlMs: keeping.ttlMs,
        onlyOver: null,
      });
      this.#looks.hint(key, hold.guards);
    }
    const { guard, store } = this.#context.read;
    const keys = encoded.map(({ key }) => key);
    let done = puts.length === encoded.length;
    if (done) {
      for (let first = 0; done && first < puts.length; first += CHANGED_AT_ONCE) {
        const some = puts.slice(first, first + CHANGED_AT_ONCE);
        done = (await guard.attempt(() => store.values.put(some, [...guards.values()]))).ok;
      }
    }
    // What was not put must not leave the old value either.
    if (done) return this.#announce(keys);
    await this.delete(keys);
    return false;
  }

  /** Takes values away. Resolves to whether store and near caches confirmed it; what was not is made up for later. */
  async delete(keys: readonly EntryKey[]): Promise<boolean> {
    let done = true;
    for (let first = 0; first < keys.length; first += CHANGED_AT_ONCE) {
      const targets = { keys: keys.slice(first, first + CHANGED_AT_ONCE), guards: [] };
      done = (await this.#context.writer.invalidate(targets, { near: 'awaited', owed: true })) && done;
    }
    return done;
  }

  /**
   * As `delete`, for very many: in two steps, of which each takes the store a fifth of the time, so that others have their turn
   * between them.
   */
  async deleteMany(keys: readonly EntryKey[]): Promise<boolean> {
    const { guard, store } = this.#context.read;
    const removed = await guard.attempt(() => store.values.remove(keys));
    return removed.ok ? this.#announce(keys) : this.delete(keys);
  }

  /** Invalidates what hangs on guards. As `delete`. */
  async invalidate(guards: readonly Guard[]): Promise<boolean> {
    let done = true;
    for (let first = 0; first < guards.length; first += CHANGED_AT_ONCE) {
      const targets = { keys: [], guards: guards.slice(first, first + CHANGED_AT_ONCE) };
      done = (await this.#context.writer.invalidate(targets, { near: 'awaited', owed: true })) && done;
    }
    return done;
  }

  /** Gives entries a new time; for each, whether it was there. Null where the store was not asked. */
  async expire(
    entries: readonly { readonly key: EntryKey; readonly ttlMs: number }[],
    guards: readonly Guard[],
  ): Promise<readonly boolean[] | null> {
    const { guard, store } = this.#context.read;
    const there = await guard.attempt(() => store.values.expire(entries, guards));
    if (!there.ok) return null;
    const changed = entries.filter((_, index) => there.value[index] === true).map(({ key }) => key);
    if (changed.length > 0) await this.#announce(changed);
    return there.value;
  }

  /** As bytes, with what is nothing or cannot be stored refused. */
  #encode(name: string, value: unknown): Uint8Array {
    if (value === null || value === undefined)
      throw new InvalidArgumentError(
        `The value of ${shown(name)} is ${String(value)}, which stands for "not there". To remove it, delete it.`,
      );
    const { codec, counters } = this.#context.read;
    const bytes = codec.encodeIfPossible(value);
    if (bytes !== null) {
      counters.bytesWritten += bytes.byteLength;
      counters.rawBytesWritten += codec.rawLength(bytes);
      return bytes;
    }
    throw new InvalidArgumentError(
      `The value of ${shown(name)} cannot be stored: it is too large, refers to itself, or holds a function, a symbol or an object of a class.`,
    );
  }

  /** By name. Values with the same options, which most have, are looked up once. */
  async #holds(values: readonly NamedValue[]): Promise<ReadonlyMap<string, Hold>> {
    const all = [
      ...new Map(values.flatMap(({ keeping }) => this.guardsOf(keeping)).map((g) => [g.version, g])).values(),
    ];
    const states = await this.#looks.states(all);
    const holds = new Map<string, Hold>();
    if (states === null) return holds;
    // One after the other: one of them may depend on another.
    for (const { name, keeping } of values) {
      const hold = await this.hold(name, keeping, states);
      if (hold !== null) holds.set(name, hold);
    }
    return holds;
  }

  async #announce(keys: readonly EntryKey[]): Promise<boolean> {
    this.#near.drop(keys);
    return this.#context.writer.announce({ keys, guards: [] });
  }
}

function shown(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);
}
