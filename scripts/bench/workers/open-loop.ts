import { LatencyRecorder } from '../../demo/latency-recorder.js';

/** What came of the requests of one run. */
export interface OpenLoopReport {
  /** Answers that came while requests were still becoming due, per second. */
  readonly achievedPerSecond: number;
  readonly due: number;
  /** Answered wrongly or with an error, or not at all. */
  readonly failures: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** The latest that a request was noticed to be due: how much of the latencies is the generator's own. */
  readonly noticedLateMs: number;
}

/**
 * Requests at a fixed rate, whether or not the earlier ones were answered, for as many clients as there are: who has one under
 * way takes no other. The latency of a request counts from the moment it was due, so that its wait for a free client is
 * part of it (Gil Tene's "coordinated omission" is what is left out otherwise).
 */
export class OpenLoop {
  readonly #ratePerSecond: number;
  readonly #startedMs: number;
  readonly #endsMs: number;
  readonly #latencies = new LatencyRecorder();
  #taken = 0;
  #answered = 0;
  #answeredInTime = 0;
  #failed = 0;
  #noticedLateMs = 0;
  #noticed = 0;
  #isGivenUp = false;

  constructor(ratePerSecond: number, durationMs: number, startedMs: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#startedMs = startedMs;
    this.#endsMs = startedMs + durationMs;
  }

  /** How many requests were due by then, sent or not. */
  dueBy(nowMs: number): number {
    const elapsedMs = Math.min(nowMs, this.#endsMs) - this.#startedMs;
    return Math.floor((Math.max(elapsedMs, 0) * this.#ratePerSecond) / 1_000);
  }

  /** Takes the one that has been due for longest; gives when it was due, or null where none is. */
  take(nowMs: number): number | null {
    const due = this.dueBy(nowMs);
    if (due > this.#noticed) {
      this.#noticedLateMs = Math.max(this.#noticedLateMs, nowMs - this.#dueAt(this.#noticed));
      this.#noticed = due;
    }
    if (this.#isGivenUp || this.#taken >= due) return null;
    this.#taken += 1;
    return this.#dueAt(this.#taken - 1);
  }

  /** Nothing is given out any more; what was due and is not answered has failed. */
  giveUp(): void {
    this.#isGivenUp = true;
  }

  /** Takes note of an answer. One that comes when it was given up comes too late. */
  answered(dueMs: number, nowMs: number, isRight: boolean): void {
    if (this.#isGivenUp) return;
    this.#answered += 1;
    if (nowMs <= this.#endsMs) this.#answeredInTime += 1;
    if (!isRight) this.#failed += 1;
    this.#latencies.recordMs(nowMs - dueMs);
  }

  /** Whether nothing more becomes due, and all was answered. */
  isDone(nowMs: number): boolean {
    return nowMs >= this.#endsMs && this.#answered === this.dueBy(nowMs);
  }

  report(): OpenLoopReport {
    const due = this.dueBy(this.#endsMs);
    return {
      achievedPerSecond: (this.#answeredInTime * 1_000) / (this.#endsMs - this.#startedMs),
      due,
      failures: this.#failed + (due - this.#answered),
      p50Ms: this.#latencies.percentileMs(50),
      p95Ms: this.#latencies.percentileMs(95),
      p99Ms: this.#latencies.percentileMs(99),
      noticedLateMs: this.#noticedLateMs,
    };
  }

  #dueAt(request: number): number {
    // The first is due when its interval has passed, as the last is.
    return this.#startedMs + ((request + 1) * 1_000) / this.#ratePerSecond;
  }
}
