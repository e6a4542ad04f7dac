/**
 * Keeps the reads of a process below a rate. Answers from memory come a million a second, and readers that never rest
 * would take the processors from the writers whose races they are to see.
 */
export class Pace {
  readonly #perMs: number;
  #since = performance.now();
  #reads = 0;

  constructor(perSecond: number) {
    this.#perMs = perSecond / 1_000;
  }

  /** Counts a read; says whether the next one should wait. */
  isAhead(): boolean {
    this.#reads += 1;
    const elapsedMs = performance.now() - this.#since;
    if (elapsedMs > WINDOW_MS) {
      // What was not made use of in a pause is not made up for afterwards.
      this.#since += elapsedMs;
      this.#reads = 0;
      return false;
    }
    return this.#reads > elapsedMs * this.#perMs;
  }
}

const WINDOW_MS = 100;
