/** What is known of how often something was counted. */
export interface HeavyHitter {
  readonly name: string;
  /** At most so often. */
  readonly count: number;
  /** By how much that may be too high. */
  readonly error: number;
}

interface Counter {
  count: number;
  error: number;
}

/**
 * The most frequent names of a stream, in bounded memory: Space-Saving (Metwally, Agrawal and El Abbadi, ICDT 2005). Of `n`
 * names with `capacity` counters, it holds each that came more than `n / capacity` times; the count of each that it holds is
 * too high by its `error` at most, and never too low.
 */
export class HeavyHitters {
  readonly #capacity: number;
  readonly #counters = new Map<string, Counter>();

  /** @param capacity how many names it counts at a time */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Takes time in proportion to `capacity` for a name that it does not hold: to be fed a sample of what is frequent. */
  add(name: string): void {
    const counter = this.#counters.get(name);
    if (counter !== undefined) {
      counter.count += 1;
      return;
    }
    if (this.#counters.size < this.#capacity) {
      this.#counters.set(name, { count: 1, error: 0 });
      return;
    }
    const [least, { count }] = this.#least();
    this.#counters.delete(least);
    this.#counters.set(name, { count: count + 1, error: count });
  }

  /** How often a name that it does not hold may have come. */
  get unheld(): number {
    return this.#counters.size < this.#capacity ? 0 : this.#least()[1].count;
  }

  get names(): Iterable<string> {
    return this.#counters.keys();
  }

  /** Null for one that it does not hold. */
  held(name: string): Omit<HeavyHitter, 'name'> | null {
    return this.#counters.get(name) ?? null;
  }

  #least(): readonly [string, Counter] {
    let least: readonly [string, Counter] = ['', { count: Number.POSITIVE_INFINITY, error: 0 }];
    for (const entry of this.#counters) if (entry[1].count < least[1].count) least = entry;
    return least;
  }
}

/** The most frequent of several streams together, most frequent first; the errors add up. */
export function mostOf(streams: readonly HeavyHitters[], limit: number): readonly HeavyHitter[] {
  const unheld = streams.map((stream) => stream.unheld);
  const names = new Set(streams.flatMap((stream) => [...stream.names]));
  const all = [...names].map((name) => {
    let count = 0;
    let error = 0;
    streams.forEach((stream, index) => {
      const held = stream.held(name);
      count += held?.count ?? unheld[index] ?? 0;
      error += held?.error ?? unheld[index] ?? 0;
    });
    return { name, count, error };
  });
  // By what is certain, so that a name which only came in the place of many others is not taken for frequent.
  return all.sort((a, b) => b.count - b.error - (a.count - a.error) || b.count - a.count).slice(0, limit);
}
