import type { KeySpace } from '../../../src/cache/keys.js';
import type {
  EntryKey,
  Fill,
  Guard,
  ReadReply,
  Scope,
  SharedStore,
  Targets,
  Versions,
} from '../../../src/cache/store/shared-store.js';

/** A store, as two processes see it. */
export interface StoreUnderTest {
  readonly first: SharedStore;
  readonly second: SharedStore;
  readonly keys: KeySpace;
  /** Resolves when so much time has passed for the store. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

export const LONG_MS = 60_000;
/**
 * For what a test sees expire: `PAST_SHORT_MS` later it has, and on a busy machine with the next command. What must still
 * stand by then has `LONG_MS`, and is given this when nothing more is asked of it.
 */
export const SHORT_MS = 30;
export const PAST_SHORT_MS = 45;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the parts of the contract do over and over, said in few words. */
export class Bench {
  readonly one: SharedStore;
  readonly two: SharedStore;
  readonly keys: KeySpace;
  readonly #under: StoreUnderTest;
  /** The scope of the rows of a model. */
  readonly people: Scope;
  /** The scope of lists that read two models. */
  readonly teams: Scope;

  constructor(under: StoreUnderTest) {
    this.#under = under;
    this.one = under.first;
    this.two = under.second;
    this.keys = under.keys;
    const [person, team] = [model('people'), model('teams')];
    this.people = {
      guards: [this.keys.namespace, this.keys.rows(person)],
      absence: this.keys.absence(person),
      shape: 'shape--1',
      keyed: true,
    };
    this.teams = {
      guards: [this.keys.namespace, this.keys.lists(person), this.keys.lists(team)],
      absence: null,
      shape: 'shape--1',
      keyed: false,
    };
  }

  get rows(): Guard {
    return this.keys.rows(model('people'));
  }

  get absence(): Guard {
    return this.keys.absence(model('people'));
  }

  get personLists(): Guard {
    return this.keys.lists(model('people'));
  }

  get teamLists(): Guard {
    return this.keys.lists(model('teams'));
  }

  person(id: string): EntryKey {
    return this.keys.entity(model('people'), id);
  }

  list(hash: string): EntryKey {
    return this.keys.query(model('people'), 'findMany', hash);
  }

  onKeys(...ids: string[]): Targets {
    return { keys: ids.map((id) => this.person(id)), guards: [] };
  }

  onGuards(...guards: Guard[]): Targets {
    return { keys: [], guards };
  }

  advance(ms: number): Promise<void> {
    return this.#under.advance(ms);
  }

  /** Reads one entry; a lease is taken in the name of `token`. */
  read(store: SharedStore, key: EntryKey, token: string, scope = this.people): Promise<ReadReply> {
    return store.read(scope, [key], token, LONG_MS);
  }

  /** What a reader gets: the text of a hit in quotes, else the kind of the outcome. */
  async look(
    store: SharedStore,
    key: EntryKey,
    token = 'looker',
    scope = this.people,
  ): Promise<string | undefined> {
    const [outcome] = (await this.read(store, key, token, scope)).outcomes;
    return outcome?.kind === 'hit' ? `"${decoder.decode(outcome.value)}"` : outcome?.kind;
  }

  fill(store: SharedStore, fill: Fill, scope = this.people): Promise<number> {
    return store.fill(scope, [fill]);
  }

  /** Takes the lease and fills it; fails where there is none, or the fill is refused. */
  async put(
    key: EntryKey,
    value: string | 'absent',
    scope = this.people,
    ttlMs = LONG_MS,
  ): Promise<Versions> {
    const { versions, outcomes } = await this.read(this.one, key, 'putter', scope);
    if (outcomes[0]?.kind !== 'lease') throw new Error(`no lease on ${key}: ${outcomes[0]?.kind}`);
    const stored = await this.fill(this.one, valueFill(key, 'putter', versions, value, ttlMs), scope);
    if (stored !== 1) throw new Error(`the fill of ${key} was refused`);
    return versions;
  }
}

/** A fill with a text, `absent`, or null for a lease that is given back. */
export function valueFill(
  key: EntryKey,
  token: string,
  versions: Versions,
  value: string | 'absent' | null,
  ttlMs = LONG_MS,
): Fill {
  const bytes = value === null || value === 'absent' ? value : encoder.encode(value);
  return { key, token, versions, value: bytes, ttlMs };
}

function model(table: string): { readonly table: string; readonly schema: null } {
  return { table, schema: null };
}
