/**
 * Keeps the reads of a process below a rate: answers from memory come a million a second, and readers that never rest
 * would take the processors from the writers whose races they are to see. And keeps the writes below a share of the
 * reads, however slow the machine: where every value changes before it is read twice, there is nothing to be cached.
 */
export class Pace {
  readonly #perMs: number;
  readonly #readsPerWrite: number;
  #since = performance.now();
  /** Reads since then. */
  #recent = 0;
  #reads = 0;
  #writes = 0;

  constructor(readsPerSecond: number, readsPerWrite: number) {
    this.#perMs = readsPerSecond / 1_000;
    this.#readsPerWrite = readsPerWrite;
  }

  /** Counts a read; says whether the next one should wait. */
  isAhead(): boolean {
    this.#reads += 1;
    this.#recent += 1;
    const elapsedMs = performance.now() - this.#since;
    if (elapsedMs > WINDOW_MS) {
      // What was not made use of in a pause is not made up for afterwards.
      this.#since += elapsedMs;
      this.#recent = 0;
      return false;
    }
    return this.#recent > elapsedMs * this.#perMs;
  }

  /** Whether enough was read for another write, which then counts. */
  mayWrite(): boolean {
    if (this.#reads < this.#writes * this.#readsPerWrite) return false;
    this.#writes += 1;
    return true;
  }
}

const WINDOW_MS = 100;
