import type { Clock } from '../clock.js';
import type { Leadership } from './leadership.js';

// Intervals are lengthened or shortened by up to a tenth, so that tasks that began together do not stay together.
const JITTER = 0.1;
const MIN_PAUSE_MS = 10;
// How long the end of a run that was told to stop is waited for.
const STOP_MS = 5_000;

/** What a task has done in this process. */
export interface TaskState {
  /** Whether this process is the one that does it. */
  readonly isLeader: boolean;
  readonly isRunning: boolean;
  /** Times that it was done to its end, and times that it failed. */
  readonly runs: number;
  readonly failures: number;
  /** How long the last one took; null when there was none. */
  readonly lastMs: number | null;
  /** Why the last run, or the last attempt to lead, failed; null when nothing has since a run was done. */
  readonly lastError: string | null;
}

/**
 * Something that one process of the fleet does again and again: at once when it comes to lead, then at intervals from start to
 * start, though never twice at a time. It keeps no process alive.
 */
export class LedTask {
  readonly #leadership: Leadership;
  readonly #intervalMs: number;
  readonly #work: (signal: AbortSignal) => Promise<unknown>;
  readonly #onFailure: (error: unknown) => void;
  readonly #clock: Clock;
  readonly #random: () => number;
  #loop: object | null = null;
  #current: { readonly abort: AbortController; readonly end: Promise<void> } | null = null;
  #nextAt = Number.NEGATIVE_INFINITY;
  #leads = false;
  #runs = 0;
  #failures = 0;
  #lastMs: number | null = null;
  #lastError: string | null = null;

  /** @param work is told by the signal that this process does not lead any more, or stops */
  constructor(options: {
    readonly leadership: Leadership;
    readonly intervalMs: number;
    readonly work: (signal: AbortSignal) => Promise<unknown>;
    readonly onFailure: (error: unknown) => void;
    readonly clock: Clock;
    /** @default Math.random */
    readonly random?: () => number;
  }) {
    this.#leadership = options.leadership;
    this.#intervalMs = options.intervalMs;
    this.#work = options.work;
    this.#onFailure = options.onFailure;
    this.#clock = options.clock;
    this.#random = options.random ?? Math.random;
  }

  get state(): TaskState {
    return Object.freeze({
      isLeader: this.#leadership.isLeader,
      isRunning: this.#current !== null,
      runs: this.#runs,
      failures: this.#failures,
      lastMs: this.#lastMs,
      lastError: this.#lastError,
    });
  }

  start(): void {
    if (this.#loop === null) void this.#keepOn();
  }

  /** Ends a run that is under way, waits for it a while, and lets another process lead. Does not reject. */
  async stop(): Promise<void> {
    this.#loop = null;
    this.#leads = false;
    const current = this.#current;
    current?.abort.abort();
    if (current !== null) await Promise.race([current.end, this.#clock.rest(STOP_MS)]);
    await this.#giveUp();
  }

  async #keepOn(): Promise<void> {
    const loop = {};
    this.#loop = loop;
    // One that was stopped and started again has another loop, and this one ends.
    while (this.#loop === loop) {
      const leads = await this.#beat();
      if (this.#loop !== loop) {
        // It was stopped while it asked, and may have come to lead only then.
        if (this.#loop === null) await this.#giveUp();
        return;
      }
      this.#turn(leads);
      await this.#clock.rest(this.#pauseMs());
    }
  }

  async #beat(): Promise<boolean> {
    try {
      return await this.#leadership.beat();
    } catch (error) {
      // The store is away, of which its guard tells. What this process has, it has for as long as it lasts.
      this.#note(error);
      return this.#leadership.isLeader;
    }
  }

  async #giveUp(): Promise<void> {
    try {
      await this.#leadership.giveUp();
    } catch (error) {
      this.#note(error);
    }
  }

  #note(error: unknown): void {
    this.#lastError = error instanceof Error ? error.message : String(error);
  }

  #turn(leads: boolean): void {
    if (!leads) this.#current?.abort.abort();
    if (leads && !this.#leads) this.#nextAt = Number.NEGATIVE_INFINITY;
    this.#leads = leads;
    if (!leads || this.#current !== null || this.#clock.now() < this.#nextAt) return;
    this.#nextAt = this.#clock.now() + this.#intervalMs * this.#jittered();
    const abort = new AbortController();
    const current = { abort, end: this.#run(abort.signal) };
    this.#current = current;
    void current.end.then(() => {
      this.#current = null;
    });
  }

  async #run(signal: AbortSignal): Promise<void> {
    const startedAt = this.#clock.now();
    try {
      await this.#work(signal);
      this.#runs += 1;
      this.#lastError = null;
    } catch (error) {
      this.#failures += 1;
      this.#note(error);
      this.#onFailure(error);
    }
    this.#lastMs = this.#clock.now() - startedAt;
  }

  /** Until the next beat, or the next run where that comes first. A run that is overdue begins with a beat after the last. */
  #pauseMs(): number {
    const beatMs = this.#leadership.beatMs * (1 - JITTER * this.#random());
    const untilRunMs = this.#nextAt - this.#clock.now();
    const isBeatFirst = !this.#leads || untilRunMs > beatMs || (this.#current !== null && untilRunMs <= 0);
    return isBeatFirst ? beatMs : Math.max(MIN_PAUSE_MS, untilRunMs);
  }

  #jittered(): number {
    return 1 - JITTER + 2 * JITTER * this.#random();
  }
}
