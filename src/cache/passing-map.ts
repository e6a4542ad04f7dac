// So many that a new map is seldom made, and so few that what an old one holds fits into the processor's cache.
const MADE_ANEW_AFTER = 512;

/**
 * A map of what comes and soon goes again, such as reads that are under way.
 *
 * V8 leaves the table of a `Map` that is full behind, with all that was in it just then, for one that the old one points to
 * (`OrderedHashTable::Rehash`). Once one of them has reached the old part of the heap, it takes along all that come after it, dead,
 * until the next full collection: of the reads under way, every other one was copied there with its row. So this one does not
 * go on with a map for long.
 */
export class PassingMap<Key, Value> {
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();
  #room = MADE_ANEW_AFTER;

  get(key: Key): Value | undefined {
    return this.#young.get(key) ?? (this.#old.size === 0 ? undefined : this.#old.get(key));
  }

  set(key: Key, value: Value): void {
    if (this.#room === 0) this.#makeAnew();
    this.#room -= 1;
    if (this.#old.size > 0) this.#old.delete(key);
    this.#young.set(key, value);
  }

  delete(key: Key): void {
    if (!this.#young.delete(key) && this.#old.size > 0) this.#old.delete(key);
  }

  *values(): IterableIterator<Value> {
    yield* this.#old.values();
    yield* this.#young.values();
  }

  #makeAnew(): void {
    const stayed = this.#old;
    this.#old = this.#young;
    this.#young = new Map(stayed);
    this.#room = Math.max(MADE_ANEW_AFTER, stayed.size);
  }
}
