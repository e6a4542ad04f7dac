import type { Clock } from '../clock.js';
import type { FleetTiming } from './timing.js';

/** Resolves to whether everything that was written around an outage has been invalidated. */
export type Drain = () => Promise<boolean>;

/**
 * Whether what the shared cache holds may be believed. It may while this process has been in touch with it without a
 * gap. After one, other processes may have written without fences, so first the outage must have settled, and then the
 * outbox been found empty once. `timing.ts` has the reasons.
 */
export class Trust {
  readonly #timing: FleetTiming;
  readonly #clock: Clock;
  readonly #drain: Drain;
  readonly #waiting = new Set<() => void>();
  #lastPulseAt = Number.NEGATIVE_INFINITY;
  #trustedSince = Number.POSITIVE_INFINITY;
  #trusted = false;
  /** Counts the gaps, so that a drain that began before one does not end it. */
  #gaps = 0;
  #draining = false;
  #onLost: () => void = () => undefined;

  constructor(timing: FleetTiming, clock: Clock, drain: Drain) {
    this.#timing = timing;
    this.#clock = clock;
    this.#drain = drain;
  }

  /** Judged at each use, so that a process that was stopped notices by itself. */
  get isTrusted(): boolean {
    if (!this.#trusted) return false;
    if (this.#clock.now() - this.#lastPulseAt <= this.#timing.maxGapMs) return true;
    this.lose();
    return false;
  }

  /** Since when it may be believed without a break; what was asked for before may be of a time when it could not. */
  get trustedSince(): number {
    return this.isTrusted ? this.#trustedSince : Number.POSITIVE_INFINITY;
  }

  /** Has someone told whenever trust is lost. */
  onLost(listener: () => void): void {
    this.#onLost = listener;
  }

  /** An outage was noticed. */
  lose(): void {
    this.#gaps += 1;
    if (!this.#trusted) return;
    this.#trusted = false;
    this.#onLost();
  }

  /** The store answered a pulse that was sent then. `upForMs`: how long it has been heard by any process without a gap. */
  pulsed(sentAt: number, upForMs: number): void {
    if (sentAt - this.#lastPulseAt > this.#timing.maxGapMs) this.lose();
    this.#lastPulseAt = sentAt;
    if (!this.#trusted && upForMs >= this.#timing.settleMs) void this.#regain();
  }

  /** Resolves when it may be believed, or when the time is over, to whether it may. */
  async gained(timeoutMs: number): Promise<boolean> {
    const until = this.#clock.now() + timeoutMs;
    // It may be lost again before this one runs.
    while (!this.isTrusted && this.#clock.now() < until) await this.#gain(until - this.#clock.now());
    return this.isTrusted;
  }

  #gain(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const gained = (): void => {
        cancel();
        resolve();
      };
      const cancel = this.#clock.after(timeoutMs, () => {
        this.#waiting.delete(gained);
        resolve();
      });
      this.#waiting.add(gained);
    });
  }

  async #regain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    const gaps = this.#gaps;
    try {
      const drained = await this.#drain();
      if (!drained || gaps !== this.#gaps) return;
      this.#trusted = true;
      this.#trustedSince = this.#clock.now();
      for (const gained of this.#waiting) gained();
      this.#waiting.clear();
    } finally {
      this.#draining = false;
    }
  }
}
