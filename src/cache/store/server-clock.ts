import { performance } from 'node:perf_hooks';

// The server's clock is known by an answer, which took some time.
const MARGIN_MS = 200;

/** The clock of a server, as far as this process knows it: by it a server refuses what comes too late. */
export class ServerClock {
  readonly #commandTimeoutMs: number;
  /** By how much it is ahead of `performance.now()`; null until it was heard of. */
  #aheadMs: number | null = null;

  /** @param commandTimeoutMs how long an answer is waited for */
  constructor(commandTimeoutMs: number) {
    this.#commandTimeoutMs = commandTimeoutMs;
  }

  /** The server has told its time. */
  heard(nowMs: number): void {
    this.#aheadMs = nowMs - performance.now();
  }

  /** When this process will have given a command up that it sends now, in the server's milliseconds; 0 where that is not known. */
  deadline(): string {
    if (this.#aheadMs === null) return '0';
    return String(Math.ceil(performance.now() + this.#aheadMs + this.#commandTimeoutMs + MARGIN_MS));
  }

  /** Notes where an error says that a command came too late: perhaps the server's clock was set, and it did not. */
  failed(error: unknown): void {
    if (error instanceof Error && error.message.startsWith('LATE')) this.#aheadMs = null;
  }
}
