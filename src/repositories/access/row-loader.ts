import { TickBatcher } from '../../cache/index.js';
import { LateBatcher } from '../../database/index.js';
import type { EntityKey } from './entity-key.js';

// PostgreSQL takes 65,535 parameters, and Prisma 32,767 of one list.
const MAX_PARAMETERS = 10_000;
/**
 * Rows of one statement that several share. With more, what the server sends is decoded in one go, while it has nothing to
 * do; with fewer, a pool that is busy is asked more often.
 */
const MAX_JOINED = 256;

/**
 * Reads the rows that have one of some keys without Prisma: of each field of the key, the texts, which are asked for when they are
 * sent. Null where only Prisma can.
 */
export type BatchLoad = (keys: () => readonly (readonly string[])[]) => Promise<readonly object[] | null>;

type Rows = ReadonlyMap<string, object>;

/** Loads rows by a unique key: all that are asked for before a statement is sent, with that statement. */
export class RowLoader {
  readonly #key: EntityKey;
  readonly #batchLoad: BatchLoad | null;
  readonly #findMany: (args: object) => Promise<object[]>;
  readonly #turn: TickBatcher<string, object | null>;
  readonly #batches: LateBatcher<string, Rows>;

  /** @param findMany Prisma's, for all that `batchLoad` does not read */
  constructor(key: EntityKey, batchLoad: BatchLoad | null, findMany: (args: object) => Promise<object[]>) {
    this.#key = key;
    this.#batchLoad = batchLoad;
    this.#findMany = findMany;
    this.#turn = new TickBatcher((ids) => this.loadAll(ids));
    this.#batches = new LateBatcher((ids) => this.#read(ids), MAX_JOINED);
  }

  /** The row with this canonical key, or null. Not for one who is in a transaction. */
  load(id: string): Promise<object | null> {
    return this.#turn.add(id);
  }

  /** The rows with these canonical keys, in their order. Not for one who is in a transaction. */
  loadAll(ids: readonly string[]): Promise<readonly (object | null)[]> {
    return this.#inParts(ids, (some) => this.#batches.add(some));
  }

  /** As `loadAll`, by Prisma, which knows the transaction that the caller is in. */
  findAll(ids: readonly string[]): Promise<readonly (object | null)[]> {
    return this.#inParts(ids, (some) => this.#find(some));
  }

  async #inParts(
    ids: readonly string[],
    read: (ids: readonly string[]) => Promise<Rows>,
  ): Promise<readonly (object | null)[]> {
    if (ids.length === 0) return [];
    const atOnce = Math.floor(MAX_PARAMETERS / this.#key.fields.length);
    if (ids.length <= atOnce) return inOrder(ids, await read(ids));
    const found = new Map<string, object>();
    // PostgreSQL gives a row once, however often it is asked for.
    const wanted = [...new Set(ids)];
    for (let first = 0; first < wanted.length; first += atOnce) {
      for (const [id, row] of await read(wanted.slice(first, first + atOnce))) found.set(id, row);
    }
    return inOrder(ids, found);
  }

  async #read(ids: () => readonly string[]): Promise<Rows> {
    const loaded = this.#batchLoad === null ? null : await this.#batchLoad(() => this.#textsOf(ids()));
    return loaded === null ? this.#find(ids()) : this.#byKey(loaded);
  }

  async #find(ids: readonly string[]): Promise<Rows> {
    return this.#byKey(await this.#findMany({ where: this.#whereOf(ids) }));
  }

  #byKey(rows: readonly object[]): Rows {
    const found = new Map<string, object>();
    for (const row of rows) found.set(this.#key.ofRow(row) ?? '', row);
    return found;
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

function inOrder(ids: readonly string[], rows: Rows): readonly (object | null)[] {
  return ids.map((id) => rows.get(id) ?? null);
}
