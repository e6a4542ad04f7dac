/** A row that was read lately: its key, and its canonical id. */
export interface KnownKey {
  readonly key: string;
  readonly id: string;
}

/**
 * The keys of rows by what readers call them, a table for each model; of all models together no more than so many. With one
 * more all are forgotten: making them anew costs less than keeping an order among them.
 */
export class KnownKeys {
  readonly #max: number;
  readonly #tables: Map<unknown, KnownKey>[] = [];
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** A table of its own, to look into; what enters it goes through `add`. */
  table(): Map<unknown, KnownKey> {
    const table = new Map<unknown, KnownKey>();
    this.#tables.push(table);
    return table;
  }

  add(table: Map<unknown, KnownKey>, given: unknown, known: KnownKey): void {
    if (table.has(given)) return;
    if (this.#count >= this.#max) {
      for (const each of this.#tables) each.clear();
      this.#count = 0;
    }
    table.set(given, known);
    this.#count += 1;
  }
}
