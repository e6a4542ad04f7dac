/**
 * The one clock of a check: the machine's monotonic clock, which all its processes share, in nanoseconds since the
 * check began. As a float it is exact to the nanosecond for a hundred days.
 */
export class CheckClock {
  readonly #base: bigint;

  /** @param base what `process.hrtime.bigint()` said when the check began, in whichever process */
  constructor(base: bigint) {
    this.#base = base;
  }

  now(): number {
    return Number(process.hrtime.bigint() - this.#base);
  }
}

export const NS_PER_MS = 1e6;
