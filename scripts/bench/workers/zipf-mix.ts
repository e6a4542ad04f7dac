import { ZipfSampler } from '../../demo/zipf.js';
import { Xoshiro128 } from '../../support/random.js';

/** What one request of the mix is. */
export interface MixedRequest {
  readonly isUpdate: boolean;
  /** Index of the user it is about. */
  readonly index: number;
}

/** What a mix is made of. */
export interface MixOptions {
  readonly rows: number;
  readonly skew: number;
  /** Of the requests, 0 to 1. */
  readonly updateShare: number;
}

/** That of the benchmark: as workload B of YCSB. */
export const MIX: MixOptions = Object.freeze({ rows: 100_000, skew: 0.99, updateShare: 0.05 });

/** Prime, and no factor of any number of rows that is in use, so that different ranks are different rows. */
const STRIDE = 7_919;

/**
 * Requests by Zipf's law, some of them updates: the same sequence for the same seed. The rows most asked for lie scattered in the
 * table, as they do in life, not side by side on one page.
 */
export class ZipfMix {
  readonly #rows: number;
  readonly #updateShare: number;
  readonly #random: Xoshiro128;
  readonly #ranks: ZipfSampler;

  constructor(seed: number, { rows, skew, updateShare }: MixOptions = MIX) {
    if (rows % STRIDE === 0) throw new RangeError(`${rows} is a multiple of ${STRIDE}.`);
    this.#rows = rows;
    this.#updateShare = updateShare;
    this.#random = Xoshiro128.fromSeed(seed);
    this.#ranks = new ZipfSampler(rows, skew, this.#random);
  }

  next(): MixedRequest {
    const isUpdate = this.#random.next() < this.#updateShare;
    return { isUpdate, index: rowOfRank(this.#ranks.next(), this.#rows) };
  }
}

/** The row that has this rank among those asked for. */
export function rowOfRank(rank: number, rows: number): number {
  return (rank * STRIDE) % rows;
}
