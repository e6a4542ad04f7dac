/**
 * The highest version known by a moment, where knowledge comes in the order of time: of each version that is higher than
 * all before it, when it became known and what made it known.
 */
export class Steps<Reason> {
  readonly #times: number[] = [];
  readonly #versions: number[] = [];
  readonly #reasons: Reason[] = [];

  /** @param time not before that of the last call */
  push(time: number, version: number, reason: Reason): void {
    if (version <= (this.#versions.at(-1) ?? 0)) return;
    this.#times.push(time);
    this.#versions.push(version);
    this.#reasons.push(reason);
  }

  /** The highest version known before this moment, and why; null where that is only how it all began. */
  before(
    moment: number,
  ): { readonly version: number; readonly reason: Reason; readonly time: number } | null {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] ?? Number.POSITIVE_INFINITY) < moment) low = middle + 1;
      else high = middle;
    }
    const at = low - 1;
    const [time, version] = [this.#times[at], this.#versions[at]];
    if (time === undefined || version === undefined) return null;
    return { time, version, reason: this.#reasons[at] as Reason };
  }

  /** Only the version, without an object: this is asked millions of times. 0 where nothing was known. */
  versionBefore(moment: number): number {
    const last = this.#times.length - 1;
    // Mostly it is the newest.
    if (last < 0 || (this.#times[last] ?? 0) < moment) return this.#versions[last] ?? 0;
    return this.before(moment)?.version ?? 0;
  }
}
