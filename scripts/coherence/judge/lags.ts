/** How late something was, over many times: how often, the longest, and the 99th percentile. */
export class Lags {
  #count = 0;
  #maxNs = 0;
  readonly #sample: number[] = [];

  add(ns: number): void {
    this.#count += 1;
    this.#maxNs = Math.max(this.#maxNs, ns);
    if (this.#sample.length < SAMPLE_SIZE) this.#sample.push(ns);
  }

  get count(): number {
    return this.#count;
  }

  get maxNs(): number {
    return this.#maxNs;
  }

  /** Of the first hundred thousand. */
  get p99Ns(): number {
    const sorted = Float64Array.from(this.#sample).sort();
    return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  }
}

const SAMPLE_SIZE = 100_000;
