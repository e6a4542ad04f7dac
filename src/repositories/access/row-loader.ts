import { TickBatcher } from '../../cache/index.js';
import type { EntityKey } from './entity-key.js';

// PostgreSQL takes 65,535 parameters, and Prisma 32,767 of one list.
const MAX_PARAMETERS = 10_000;

/** Loads rows by their ids: all that are asked for in one turn of the event loop with one statement. */
export class RowLoader {
  readonly #key: EntityKey;
  readonly #findMany: (args: object) => Promise<object[]>;
  readonly #batch: TickBatcher<string, object | null>;

  constructor(key: EntityKey, findMany: (args: object) => Promise<object[]>) {
    this.#key = key;
    this.#findMany = findMany;
    this.#batch = new TickBatcher((ids) => this.loadAll(ids));
  }

  /** The row with this canonical id, or null. */
  load(id: string): Promise<object | null> {
    return this.#batch.add(id);
  }

  /** The rows with these canonical ids, in their order, now. */
  async loadAll(ids: readonly string[]): Promise<readonly (object | null)[]> {
    const found = new Map<string, object>();
    const wanted = [...new Set(ids)];
    const atOnce = Math.floor(MAX_PARAMETERS / this.#key.fields.length);
    for (let first = 0; first < wanted.length; first += atOnce) {
      const where = this.#whereOf(wanted.slice(first, first + atOnce));
      for (const row of await this.#findMany({ where })) found.set(this.#key.ofRow(row) ?? '', row);
    }
    return ids.map((id) => found.get(id) ?? null);
  }

  #whereOf(ids: readonly string[]): object {
    const [first, ...more] = ids.map((id) => this.#key.filterOf(id));
    if (first === undefined || more.length === 0) return first ?? {};
    const [field, ...others] = this.#key.fields;
    if (field === undefined || others.length > 0) return { OR: [first, ...more] };
    return { [field]: { in: [first, ...more].map((filter) => filter[field]) } };
  }
}
