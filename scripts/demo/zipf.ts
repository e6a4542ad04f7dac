import type { RandomSource } from '../support/random.js';

/**
 * A sampler of ranks 0 to `count - 1` by Zipf's law: the chance of rank k is proportional to 1 / (k + 1)^skew.
 *
 * It inverts the distribution function by binary search in a table (Luc Devroye, "Non-Uniform Random Variate
 * Generation", 1986, section III.2): exact for every skew, O(log count) per sample, eight bytes per rank. A skew of
 * 0.99 is the usual one for key-value stores (Brian Cooper and others, "Benchmarking Cloud Serving Systems with
 * YCSB", SoCC 2010).
 */
export class ZipfSampler {
  readonly #cumulative: Float64Array;
  readonly #random: RandomSource;

  constructor(count: number, skew: number, random: RandomSource) {
    if (!Number.isInteger(count) || count < 1) {
      throw new RangeError(`A Zipf distribution needs at least one rank, not ${count}.`);
    }
    this.#random = random;
    this.#cumulative = new Float64Array(count);
    let sum = 0;
    for (let rank = 0; rank < count; rank++) {
      sum += (rank + 1) ** -skew;
      this.#cumulative[rank] = sum;
    }
  }

  /** The chance that a sample is this rank. */
  probability(rank: number): number {
    return (
      (this.#cumulativeAt(rank) - this.#cumulativeAt(rank - 1)) /
      this.#cumulativeAt(this.#cumulative.length - 1)
    );
  }

  next(): number {
    let low = 0;
    let high = this.#cumulative.length - 1;
    const target = this.#random.next() * this.#cumulativeAt(high);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#cumulativeAt(middle) > target) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  #cumulativeAt(rank: number): number {
    return this.#cumulative[rank] ?? 0;
  }
}
