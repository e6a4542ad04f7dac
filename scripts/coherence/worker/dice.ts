import type { RandomSource } from '../../support/random.js';

/** How long all processes keep an eye on the same few rows. */
const FOCUS_NS = 200e6;
/** How much of what they do goes to those. */
const FOCUS_SHARE = 0.5;

/**
 * What a process goes by when it chooses. Half of its choices are left to chance; the other half falls on the same
 * rows in all processes, others every fifth of a second: a race is lost in a millisecond, and where reads and writes are
 * spread over all rows, few reads come just then.
 */
export class Dice {
  readonly #random: RandomSource;
  readonly #now: () => number;
  readonly #seed: number;

  /**
   * @param now a clock that all processes share, in nanoseconds
   * @param seed the same in all processes
   */
  constructor(random: RandomSource, now: () => number, seed: number) {
    this.#random = random;
    this.#now = now;
    this.#seed = seed;
  }

  /** The next number, at least 0 and below 1. */
  next(): number {
    return this.#random.next();
  }

  /** One of these: any, or the one that all look at now. */
  oneOf<T>(items: readonly T[]): T {
    const place =
      this.#random.next() < FOCUS_SHARE
        ? this.#focus() % items.length
        : this.#random.nextInteger(items.length);
    return items[place] as T;
  }

  /** One of these, each as likely as its weight says. */
  weighted<T>(items: readonly T[], weightOf: (item: T) => number): T {
    let left = this.#random.next() * items.reduce((sum, item) => sum + weightOf(item), 0);
    for (const item of items) {
      left -= weightOf(item);
      if (left < 0) return item;
    }
    return items[items.length - 1] as T;
  }

  #focus(): number {
    const period = Math.floor(this.#now() / FOCUS_NS) + this.#seed;
    const mixed = Math.imul(period ^ (period >>> 16), 0x45d9f3b);
    return (mixed ^ (mixed >>> 13)) >>> 0;
  }
}
