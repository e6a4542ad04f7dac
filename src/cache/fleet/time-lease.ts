/**
 * The right of this process to answer from its memory. It is extended by a heartbeat that came back through the channel
 * of the announcements, so whoever holds it has seen every announcement that was made before. Judged by a monotonic
 * clock at each use: a process that was stopped finds it run out.
 */
export class TimeLease {
  #until = Number.NEGATIVE_INFINITY;
  #era = 0;
  #connected = false;

  /** A lease that never runs out, for a store that no other process sees. */
  static forever(): TimeLease {
    const lease = new TimeLease();
    lease.extend(Number.POSITIVE_INFINITY);
    return lease;
  }

  isHeld(now: number): boolean {
    return now < this.#until;
  }

  /**
   * Which unbroken stretch of announcements this is; null while some may be missed. What was asked for in one and is
   * answered in another may miss a change.
   */
  get era(): number | null {
    return this.#connected ? this.#era : null;
  }

  /** A heartbeat came back: the channel is whole, and the lease holds until then. */
  extend(until: number): void {
    if (!this.#connected) {
      this.#connected = true;
      this.#era += 1;
    }
    if (until > this.#until) this.#until = until;
  }

  /** The channel is whole, but no lease follows from it. */
  confirm(): void {
    this.extend(Number.NEGATIVE_INFINITY);
  }

  /** Announcements may be missing from now on. */
  lose(): void {
    this.#connected = false;
    this.#until = Number.NEGATIVE_INFINITY;
  }
}
