import { TickBatcher } from '../../cache/index.js';
import type { EntityKey } from './entity-key.js';

// PostgreSQL takes 65,535 parameters, and Prisma 32,767 of one list.
const MAX_PARAMETERS = 10_000;

/**
 * Reads the rows that have one of some keys without Prisma: of each field of the key, the texts. Null where only Prisma can.
 */
export type BatchLoad = (keys: readonly (readonly string[])[]) => Promise<readonly object[] | null>;

/** Loads rows by a unique key: all that are asked for in one turn of the event loop with one statement. */
export class RowLoader {
  readonly #key: EntityKey;
  readonly #batchLoad: BatchLoad | null;
  readonly #findMany: (args: object) => Promise<object[]>;
  readonly #batch: TickBatcher<string, object | null>;

  /** @param findMany Prisma's, for all that `batchLoad` does not read */
  constructor(key: EntityKey, batchLoad: BatchLoad | null, findMany: (args: object) => Promise<object[]>) {
    this.#key = key;
    this.#batchLoad = batchLoad;
    this.#findMany = findMany;
    this.#batch = new TickBatcher((ids) => this.loadAll(ids));
  }

  /** The row with this canonical key, or null. Not for one who is in a transaction. */
  load(id: string): Promise<object | null> {
    return this.#batch.add(id);
  }

  /** The rows with these canonical keys, in their order, now. Not for one who is in a transaction. */
  loadAll(ids: readonly string[]): Promise<readonly (object | null)[]> {
    return this.#inOrder(ids, (wanted) => this.#rows(wanted));
  }

  /** As `loadAll`, by Prisma, which knows the transaction that the caller is in. */
  findAll(ids: readonly string[]): Promise<readonly (object | null)[]> {
    return this.#inOrder(ids, (wanted) => this.#findMany({ where: this.#whereOf(wanted) }));
  }

  async #inOrder(
    ids: readonly string[],
    read: (ids: readonly string[]) => Promise<readonly object[]>,
  ): Promise<readonly (object | null)[]> {
    const found = new Map<string, object>();
    const atOnce = Math.floor(MAX_PARAMETERS / this.#key.fields.length);
    // PostgreSQL gives a row once, however often it is asked for.
    const wanted = ids.length <= atOnce ? ids : [...new Set(ids)];
    for (let first = 0; first < wanted.length; first += atOnce) {
      const some = wanted.length <= atOnce ? wanted : wanted.slice(first, first + atOnce);
      for (const row of await read(some)) found.set(this.#key.ofRow(row) ?? '', row);
    }
    return ids.map((id) => found.get(id) ?? null);
  }

  async #rows(ids: readonly string[]): Promise<readonly object[]> {
    const loaded = this.#batchLoad === null ? null : await this.#batchLoad(this.#textsOf(ids));
    return loaded ?? this.#findMany({ where: this.#whereOf(ids) });
  }

  /** For each field of the key, its text in each of them. */
  #textsOf(ids: readonly string[]): readonly (readonly string[])[] {
    if (this.#key.fields.length === 1) return [ids];
    const keys = ids.map((id) => this.#key.textsOf(id));
    return this.#key.fields.map((_, index) => keys.map((texts) => texts[index] ?? ''));
  }

  #whereOf(ids: readonly string[]): object {
    const [first, ...more] = ids.map((id) => this.#key.filterOf(id));
    if (first === undefined || more.length === 0) return first ?? {};
    const [field, ...others] = this.#key.fields;
    if (field === undefined || others.length > 0) return { OR: [first, ...more] };
    return { [field]: { in: [first, ...more].map((filter) => filter[field]) } };
  }
}
