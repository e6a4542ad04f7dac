import type { KeySpace } from '../../src/cache/keys.js';
import type { EntryKey, Fill, Scope, SharedStore, Targets } from '../../src/cache/store/shared-store.js';

/** How much is put into the cache. */
export interface Load {
  readonly entries: number;
  /** The entries are spread over so many tags evenly; each tag can be invalidated by itself. */
  readonly tags: number;
  readonly ttlMs: number;
}

const LEASE_MS = 10_000;
const FENCE_MS = 10_000;
// Round trips under way at a time.
const AT_ONCE = 64;
const VALUE = new Uint8Array(100).fill(0x78);

/**
 * Entries under many tags, as repositories make them: every tenth says that there is none. For each tag there are two
 * guards with a version: one that all its entries hang on, and one that those hang on besides that are absent.
 */
export class Workload {
  readonly #store: SharedStore;
  readonly #keys: KeySpace;
  readonly #load: Load;
  #tokens = 0;

  constructor(store: SharedStore, keys: KeySpace, load: Load) {
    this.#store = store;
    this.#keys = keys;
    this.#load = load;
  }

  /** Reads every entry, which is missing, and fills it. Resolves to how many were stored. */
  async create(): Promise<number> {
    let stored = 0;
    await this.#forEachTag(async (tag) => {
      const scope = this.#scope(tag);
      const keys = this.#entries(tag);
      const token = this.#token();
      const { versions, outcomes } = await this.#store.read(scope, keys, token, LEASE_MS);
      const fills = keys.flatMap((key, index): Fill[] => {
        if (outcomes[index]?.kind !== 'lease') return [];
        return [
          { key, token, versions, value: index % 10 === 9 ? 'absent' : VALUE, ttlMs: this.#load.ttlMs },
        ];
      });
      const count = await this.#store.fill(scope, fills);
      stored += count;
    });
    return stored;
  }

  /** Invalidates every tag as a write does: fences it, and lifts the fence. */
  async invalidateAll(): Promise<void> {
    await this.#forEachTag(async (tag) => {
      const { guards, absence } = this.#scope(tag);
      const [key] = this.#entries(tag);
      const targets: Targets = {
        keys: key === undefined ? [] : [key],
        guards: [...guards.slice(1), ...(absence === null ? [] : [absence])],
      };
      const token = this.#token();
      await this.#store.fence(targets, token, FENCE_MS);
      await this.#store.lift(targets, token);
    });
  }

  /** Reads every entry without filling any. Resolves to how many were still valid. */
  async countHits(): Promise<number> {
    let hits = 0;
    await this.#forEachTag(async (tag) => {
      const scope = this.#scope(tag);
      const { outcomes } = await this.#store.read(scope, this.#entries(tag), this.#token(), LEASE_MS);
      hits += outcomes.filter(({ kind }) => kind === 'hit' || kind === 'absent').length;
    });
    return hits;
  }

  async #forEachTag(work: (tag: number) => Promise<void>): Promise<void> {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < this.#load.tags) {
        next += 1;
        await work(next - 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  #scope(tag: number): Scope {
    const model = { table: `tag-${tag}`, schema: null };
    return {
      guards: [this.#keys.namespace, this.#keys.rows(model)],
      absence: this.#keys.absence(model),
      shape: 'shape--1',
      keyed: true,
    };
  }

  #entries(tag: number): readonly EntryKey[] {
    const { entries, tags } = this.#load;
    const model = { table: `tag-${tag}`, schema: null };
    const from = Math.floor((tag * entries) / tags);
    const to = Math.floor(((tag + 1) * entries) / tags);
    return Array.from({ length: to - from }, (_, n) => this.#keys.entity(model, String(from + n)));
  }

  #token(): string {
    this.#tokens += 1;
    return `growth.${this.#tokens}`;
  }
}
