/** What one rule has done since it was registered. */
export interface RuleStatistics {
  readonly event: string;
  /** How often its event came. */
  readonly times: number;
  /** Names, tags and dependents that it named, and keys that its patterns found, once the store had confirmed them. */
  readonly invalidated: number;
  /** How often it threw, or the store did not confirm all of it. */
  readonly failures: number;
  readonly totalMs: number;
  /** Null before the first time. */
  readonly lastTookMs: number | null;
  /** The message of the last failure; null when there was none. */
  readonly lastError: string | null;
}

/** Counts what a rule does. */
export class RuleCounters {
  readonly event: string;
  #times = 0;
  #invalidated = 0;
  #failures = 0;
  #totalMs = 0;
  #lastTookMs: number | null = null;
  #lastError: string | null = null;

  constructor(event: string) {
    this.event = event;
  }

  add(tookMs: number, invalidated: number, error: string | null): void {
    this.#times += 1;
    this.#invalidated += invalidated;
    this.#totalMs += tookMs;
    this.#lastTookMs = tookMs;
    if (error === null) return;
    this.#failures += 1;
    this.#lastError = error;
  }

  get statistics(): RuleStatistics {
    return Object.freeze({
      event: this.event,
      times: this.#times,
      invalidated: this.#invalidated,
      failures: this.#failures,
      totalMs: this.#totalMs,
      lastTookMs: this.#lastTookMs,
      lastError: this.#lastError,
    });
  }
}
