/** The last so many things that happened. */
export class Recent<T> {
  readonly #items: T[] = [];
  readonly #capacity: number;
  /** Where the next one goes, once all places are taken. */
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(item: T): void {
    if (this.#capacity === 0) return;
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** Newest first. */
  list(): readonly T[] {
    return Object.freeze([...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)].reverse());
  }

  clear(): void {
    this.#items.length = 0;
    this.#next = 0;
  }
}
