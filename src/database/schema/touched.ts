import type { ModelEffect, WriteEffects } from './effects.js';

interface Marks {
  rows: boolean;
  appears: boolean;
}

/** What a write was found to touch so far: each model once, with the strongest of what was said of it. */
export class Touched {
  readonly #models = new Map<string, Marks>();
  readonly #tables = new Set<string>();
  #unbounded = false;

  /** Something was met whose effect cannot be told, so that everything within reach may be touched. */
  get unbounded(): boolean {
    return this.#unbounded;
  }

  beyondKnowledge(): void {
    this.#unbounded = true;
  }

  /** The model's lists change; `rows` and `appears` are as in `ModelEffect`. */
  model(name: string, rows: 'none' | 'any', appears = false): this {
    const marks = this.#models.get(name);
    if (marks === undefined) this.#models.set(name, { rows: rows === 'any', appears });
    else {
      marks.rows ||= rows === 'any';
      marks.appears ||= appears;
    }
    return this;
  }

  table(name: string): this {
    this.#tables.add(name);
    return this;
  }

  include(other: Touched): void {
    for (const [name, { rows, appears }] of other.#models) this.model(name, rows ? 'any' : 'none', appears);
    for (const table of other.#tables) this.#tables.add(table);
    this.#unbounded ||= other.#unbounded;
  }

  isNothing(): boolean {
    return this.#models.size === 0 && this.#tables.size === 0 && !this.#unbounded;
  }

  toEffects(ownRow: boolean): WriteEffects {
    const models: ModelEffect[] = [];
    for (const [model, { rows, appears }] of this.#models) {
      models.push(Object.freeze({ model, rows: rows ? 'any' : 'none', appears }));
    }
    return Object.freeze({
      ownRow,
      models: Object.freeze(models),
      tables: Object.freeze([...this.#tables]),
    });
  }
}
