/** How far apart snapshots are at least; a window is longer than its name says by no more than this. */
export const SNAPSHOT_EVERY_MS = 10_000;

const MINUTE_MS = 60_000;
const LONGEST_MS = 15 * MINUTE_MS;
// One more, for the one before the longest window begins, and one for the first.
const SLOTS = LONGEST_MS / SNAPSHOT_EVERY_MS + 2;
const FIELDS = 3;

/** Reads answered from memory or the shared cache, of those that asked it, 0 to 1; null while nothing was asked. */
export interface HitRates {
  readonly lastMinute: number | null;
  readonly last5Minutes: number | null;
  readonly last15Minutes: number | null;
}

/**
 * Two counters as they were over the last quarter of an hour, in a ring of snapshots. Reads only count: the snapshots are
 * taken from outside, and where nobody takes one for long, a window reaches back to the last.
 */
export class HitRateWindows {
  /** When, answered and asked, for each slot. */
  readonly #ring = new Float64Array(SLOTS * FIELDS);
  #taken = 0;

  /** @param now the time when both counters were 0 */
  constructor(now: number) {
    this.#put(now, 0, 0);
  }

  /** Remembers the counters, unless it did a moment ago. */
  note(now: number, answered: number, asked: number): void {
    if (now - this.#at(this.#taken - 1) >= SNAPSHOT_EVERY_MS) this.#put(now, answered, asked);
  }

  rates(now: number, answered: number, asked: number): HitRates {
    const rate = (windowMs: number): number | null => {
      const slot = this.#slotBefore(now - windowMs);
      const newlyAsked = asked - this.#field(slot, 2);
      return newlyAsked === 0 ? null : (answered - this.#field(slot, 1)) / newlyAsked;
    };
    return Object.freeze({
      lastMinute: rate(MINUTE_MS),
      last5Minutes: rate(5 * MINUTE_MS),
      last15Minutes: rate(LONGEST_MS),
    });
  }

  /** The last snapshot that was taken by then, else the first that there is. */
  #slotBefore(moment: number): number {
    const first = Math.max(0, this.#taken - SLOTS);
    let slot = this.#taken - 1;
    while (slot > first && this.#at(slot) > moment) slot -= 1;
    return slot;
  }

  #put(now: number, answered: number, asked: number): void {
    this.#ring.set([now, answered, asked], (this.#taken % SLOTS) * FIELDS);
    this.#taken += 1;
  }

  #at(slot: number): number {
    return this.#field(slot, 0);
  }

  #field(slot: number, field: number): number {
    return this.#ring[(slot % SLOTS) * FIELDS + field] ?? 0;
  }
}
