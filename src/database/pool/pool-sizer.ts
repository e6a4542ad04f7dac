import { InvalidArgumentError } from '../../errors.js';

/** The bounds of a pool's size, and how readily it moves between them. */
export interface PoolSizerOptions {
  /** Connections at least; 1 or more. */
  readonly min: number;
  /** Connections at most. */
  readonly max: number;
  /** Connections added or taken away at once. @default 1 */
  readonly step?: number;
  /** The pool is too small while callers wait this long at the 95th percentile and none is idle. @default 20 */
  readonly growAboveMs?: number;
  /** How many samples in a row must say so, that a single burst changes nothing. @default 2 */
  readonly growAfterSamples?: number;
  /** From one change to the next, so that its effect is seen first. @default 5_000 */
  readonly cooldownMs?: number;
  /** How long connections must go unused before one is taken away. @default 60_000 */
  readonly calmMs?: number;
  /** Share of the size that stays unused when the pool shrinks: room for the next burst. @default 0.25 */
  readonly spareShare?: number;
}

/** The pool at one moment. */
export interface PoolSample {
  readonly currentMax: number;
  /** Of those who asked for a connection since the last sample; null when nobody did. */
  readonly acquireP95Ms: number | null;
  /** Callers that wait now. */
  readonly waiting: number;
  readonly idle: number;
  readonly total: number;
  /** Monotonic, in milliseconds. */
  readonly now: number;
}

const LONGEST_CALM_MS = 3_600_000;

/**
 * Says how many connections a pool should have, from how long callers wait for one. Grows soon and shrinks late; a step at
 * a time. To shrink, connections must have gone unused all through a time of calm, and that time doubles with each shrink
 * that had to be undone: under a load that comes and goes the size settles at what the peaks need. Between what makes it
 * grow and what makes it shrink there is room, so a steady load finds one size.
 *
 * Pure: it changes nothing, and its time is that of the samples.
 */
export class PoolSizer {
  readonly #options: Required<PoolSizerOptions>;
  #calmNeededMs: number;
  #changedAt = Number.NEGATIVE_INFINITY;
  #shrankLast = false;
  #samplesShort = 0;
  #calmSince: number | null = null;
  /** Most connections in use at once since the calm began. */
  #peakInUse = 0;

  /** @throws InvalidArgumentError when the bounds are no bounds */
  constructor(options: PoolSizerOptions) {
    this.#options = {
      min: options.min,
      max: options.max,
      step: options.step ?? 1,
      growAboveMs: options.growAboveMs ?? 20,
      growAfterSamples: options.growAfterSamples ?? 2,
      cooldownMs: options.cooldownMs ?? 5_000,
      calmMs: options.calmMs ?? 60_000,
      spareShare: options.spareShare ?? 0.25,
    };
    const { min, max, step } = this.#options;
    if (!Number.isInteger(min) || !Number.isInteger(max) || min < 1 || max < min || !(step >= 1)) {
      throw new InvalidArgumentError(
        `A pool can be sized between whole numbers from 1 up, in steps of 1 or more; not between ${min} and ${max} in ` +
          `steps of ${step}.`,
        { context: { min, max, step } },
      );
    }
    this.#calmNeededMs = this.#options.calmMs;
  }

  /** The size that the pool should have from now on; `currentMax` when it is right as it is. */
  next(sample: PoolSample): number {
    const { min, max, step } = this.#options;
    const { currentMax, now } = sample;
    if (currentMax < min || currentMax > max) return Math.min(Math.max(currentMax, min), max);

    const short = this.#isShort(sample);
    this.#samplesShort = short ? this.#samplesShort + 1 : 0;
    this.#watchCalm(sample, short);
    if (now - this.#changedAt < this.#options.cooldownMs) return currentMax;

    if (this.#samplesShort >= this.#options.growAfterSamples && currentMax < max) {
      if (this.#shrankLast) this.#calmNeededMs = Math.min(this.#calmNeededMs * 2, LONGEST_CALM_MS);
      return this.#change(sample, Math.min(currentMax + step, max));
    }
    if (this.#maySpare(sample) && currentMax > min) {
      return this.#change(sample, Math.max(currentMax - step, min));
    }
    return currentMax;
  }

  /** Callers wait although every connection that may be open is in use. */
  #isShort({ currentMax, acquireP95Ms, waiting, idle, total }: PoolSample): boolean {
    const waits = (acquireP95Ms ?? 0) >= this.#options.growAboveMs || (acquireP95Ms === null && waiting > 0);
    return waits && idle === 0 && total >= currentMax;
  }

  #watchCalm({ waiting, idle, total, now }: PoolSample, short: boolean): void {
    if (short || waiting > 0) {
      this.#calmSince = null;
      return;
    }
    if (this.#calmSince === null) {
      this.#calmSince = now;
      this.#peakInUse = 0;
    }
    this.#peakInUse = Math.max(this.#peakInUse, total - idle);
  }

  /** The size after the step must still hold the peak and the share to spare. */
  #maySpare({ currentMax, now }: PoolSample): boolean {
    if (this.#calmSince === null || now - this.#calmSince < this.#calmNeededMs) return false;
    const after = currentMax - this.#options.step;
    return after - this.#peakInUse >= Math.max(1, Math.ceil(after * this.#options.spareShare));
  }

  #change(sample: PoolSample, to: number): number {
    this.#shrankLast = to < sample.currentMax;
    this.#changedAt = sample.now;
    this.#samplesShort = 0;
    return to;
  }
}
