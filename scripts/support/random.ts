/** A source of random numbers that gives the same sequence for the same seed. */
export interface RandomSource {
  /** The next number, at least 0 and below 1. */
  next(): number;
  /** The next whole number, at least 0 and below `limit`. */
  nextInteger(limit: number): number;
}

/**
 * xoshiro128**, by David Blackman and Sebastiano Vigna: "Scrambled linear pseudorandom number generators", ACM
 * Transactions on Mathematical Software 47 (2021); reference code at https://prng.di.unimi.it/xoshiro128starstar.c.
 */
export class Xoshiro128 implements RandomSource {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Takes the four words of the state as they are; they must not all be zero. */
  constructor(a: number, b: number, c: number, d: number) {
    [this.#a, this.#b, this.#c, this.#d] = [a | 0, b | 0, c | 0, d | 0];
  }

  /** A generator whose state is spread from one number by SplitMix32, as the authors advise. */
  static fromSeed(seed: number): Xoshiro128 {
    let state = seed | 0;
    const word = () => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    return new Xoshiro128(word(), word(), word(), word());
  }

  /** The next 32 bits, as an unsigned number. */
  nextWord(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  next(): number {
    return this.nextWord() / 2 ** 32;
  }

  nextInteger(limit: number): number {
    return Math.floor(this.next() * limit);
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** A copy of the items in random order (Fisher and Yates, in Durstenfeld's form). */
export function shuffled<T>(items: readonly T[], random: RandomSource): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.nextInteger(last + 1);
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
