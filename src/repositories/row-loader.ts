import { TickBatcher } from '../cache/index.js';

/** What a loader must know of the model. */
export interface RowLoaderOptions {
  readonly idField: string;
  /** The id that a canonical form stands for, as Prisma takes it. */
  idFrom(canonical: string): unknown;
  canonical(id: unknown): string;
  findMany(args: object): Promise<object[]>;
}

/** Loads rows by their ids: all that are asked for in one turn of the event loop with one statement. */
export class RowLoader {
  readonly #options: RowLoaderOptions;
  readonly #batch: TickBatcher<string, object | null>;

  constructor(options: RowLoaderOptions) {
    this.#options = options;
    this.#batch = new TickBatcher((ids) => this.#loadAll(ids));
  }

  /** The row with this canonical id, or null. */
  load(id: string): Promise<object | null> {
    return this.#batch.add(id);
  }

  async #loadAll(ids: readonly string[]): Promise<readonly (object | null)[]> {
    const { idField, idFrom, canonical, findMany } = this.#options;
    const wanted = [...new Set(ids)].map(idFrom);
    const where = { [idField]: wanted.length === 1 ? wanted[0] : { in: wanted } };
    const found = new Map<string, object>();
    for (const row of await findMany({ where })) found.set(canonical(Reflect.get(row, idField)), row);
    return ids.map((id) => found.get(id) ?? null);
  }
}
