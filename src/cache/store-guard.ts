import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
} from 'cockatiel';
import type { Logger } from '../config/index.js';
import { CacheUnavailableError } from '../errors.js';
import type { Clock } from './clock.js';
import type { FleetTiming } from './fleet/timing.js';
import type { CacheCounters } from './statistics.js';

/** What became of an operation on the store. */
export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

const FAILED: Attempt<never> = Object.freeze({ ok: false });

/** How often recovery looks whether it may probe; the breaker's own, jittered delay decides. */
const RECOVERY_TICK_MS = 20;
const POLL_MS = 5;
/** A write does not wait longer for a store of which nothing can be known: three seconds of a process that runs. */
const MAX_POLLS = 600;

/** What the guard is told of, and has done. */
export interface StoreGuardHooks {
  /** Resolves when the store answers. */
  ping(): Promise<void>;
  /** The store stopped answering. */
  onBroken(): void;
  /** The store answers again; runs before anything else goes through. What it sends, it sends by `attempt`. */
  onAnswering(attempt: <T>(operation: () => Promise<T>) => Promise<Attempt<T>>): Promise<void>;
}

/**
 * The one way to the shared cache. It bounds the time of each round trip; after one that failed, nothing goes through
 * until a probe of its own succeeds, so that a store that hangs costs one timeout and not one for each request. It
 * never rejects.
 */
export class StoreGuard {
  readonly #breaker = circuitBreaker(handleAll, {
    breaker: new ConsecutiveBreaker(1),
    // Jittered, so that the processes of a fleet do not probe in step; short, since writes wait for what a probe finds.
    halfOpenAfter: new ExponentialBackoff({ initialDelay: 50, maxDelay: 150 }),
  });
  readonly #commandTimeoutMs: number;
  readonly #timing: FleetTiming;
  readonly #hooks: StoreGuardHooks;
  readonly #counters: CacheCounters;
  readonly #clock: Clock;
  /**
   * Between which moments it is known that the store did not answer, by probes that followed one another without a gap: in a
   * gap, while this process was stopped, it may have answered others.
   */
  #away: { readonly since: number; asOf: number } | null = null;
  #recovering = false;
  #closed = false;
  #lastError: string | null = null;

  constructor(options: {
    readonly commandTimeoutMs: number;
    readonly timing: FleetTiming;
    readonly hooks: StoreGuardHooks;
    readonly counters: CacheCounters;
    readonly logger: Logger;
    readonly clock: Clock;
  }) {
    this.#hooks = options.hooks;
    this.#counters = options.counters;
    this.#clock = options.clock;
    this.#timing = options.timing;
    this.#commandTimeoutMs = options.commandTimeoutMs;
    this.#breaker.onBreak(() => {
      options.logger.warn({ reason: this.#lastError }, 'the cache is passed by until a probe succeeds');
      this.#hooks.onBroken();
      void this.#recover();
    });
    this.#breaker.onReset(() => options.logger.info('the cache answers again'));
  }

  /** Why the last round trip failed; null when it did not. */
  get lastError(): string | null {
    return this.#lastError;
  }

  /** Whether the last round trip succeeded, so that the next is tried. */
  get isReachable(): boolean {
    return this.#breaker.state === CircuitState.Closed && !this.#recovering && !this.#closed;
  }

  /** Fails at once while the store is away. */
  attempt<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    if (!this.isReachable) return Promise.resolve(FAILED);
    this.#counters.roundTrips += 1;
    return this.#run(operation);
  }

  /** An attempt that no request waits for: not counted among the round trips. */
  attemptUnasked<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    return this.isReachable ? this.#run(operation) : Promise.resolve(FAILED);
  }

  /**
   * For fences and their ends. What is done without them may leave other processes with an old value, so this waits for a
   * store that is away, until it has been away for so long that all who are reached by the same outage know of it.
   */
  async attemptPatiently<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    let attempt = await this.attempt(operation);
    // Counted, not timed: one that was stopped knows nothing of the time in between.
    for (
      let polls = 0;
      !attempt.ok && !this.#closed && !this.#isKnownAway() && polls < MAX_POLLS;
      polls += 1
    ) {
      if (this.isReachable) attempt = await this.attempt(operation);
      else await this.#clock.sleep(POLL_MS);
    }
    return attempt;
  }

  close(): void {
    this.#closed = true;
  }

  /** Whether the store was away for long, and was a moment ago. */
  #isKnownAway(): boolean {
    if (this.#away === null) return false;
    const { since, asOf } = this.#away;
    const { unfencedAfterMs, knowledgeMs } = this.#timing;
    return asOf >= since + unfencedAfterMs && this.#clock.now() - asOf <= knowledgeMs;
  }

  /** A probe that began then got no answer. */
  #noteAway(moment: number): void {
    const away = this.#away;
    const gap = away === null || moment - away.asOf > this.#timing.knowledgeMs;
    if (gap) this.#away = { since: moment, asOf: moment };
    else away.asOf = Math.max(away.asOf, moment);
  }

  /**
   * Runs it while the breaker is closed, which needs to hear of a failure only: the first one opens it, so that a success
   * changes nothing. Going through it would cost as much as all else that is done for a hit.
   */
  async #run<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    try {
      const value = await this.#inTime(operation());
      this.#lastError = null;
      return { ok: true, value };
    } catch (error) {
      if (this.#breaker.state === CircuitState.Closed) await this.#execute(() => Promise.reject(error));
      else this.#counters.errors += 1;
      return FAILED;
    }
  }

  /** Runs it through the breaker: for probes, and to tell of a failure. */
  async #execute<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    try {
      const value = await this.#breaker.execute(async () => {
        try {
          return await operation();
        } catch (error) {
          // Before the breaker hears of it, whose listener logs the reason.
          this.#lastError = messageOf(error);
          throw error;
        }
      });
      this.#lastError = null;
      return { ok: true, value };
    } catch (error) {
      // A call that the breaker refused was never made.
      if (!(error instanceof BrokenCircuitError)) this.#counters.errors += 1;
      return FAILED;
    }
  }

  #inTime<T>(answer: Promise<T>): Promise<T> {
    const timeoutMs = this.#commandTimeoutMs;
    return new Promise((resolve, reject) => {
      const late = (): void =>
        reject(new CacheUnavailableError(`The cache gave no answer within ${timeoutMs} ms.`));
      // Timers come first in a turn of the event loop and answers after them, so one more turn lets them in.
      const timer = setTimeout(() => setImmediate(late), timeoutMs);
      answer.then(
        (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        (error: unknown) => {
          clearTimeout(timer);
          reject(error);
        },
      );
    });
  }

  /** Probes until the store answers. While open, the breaker refuses all calls; its state turns on the first after its delay. */
  async #recover(): Promise<void> {
    if (this.#recovering) return;
    this.#recovering = true;
    while (!this.#closed) {
      const probe = await this.#execute(() => this.#probe());
      if (probe.ok) {
        this.#away = null;
        await this.#hooks.onAnswering((operation) => this.#execute(() => this.#inTime(operation())));
        if (this.#breaker.state === CircuitState.Closed) break;
      }
      await this.#clock.rest(RECOVERY_TICK_MS);
    }
    this.#recovering = false;
    this.#away = null;
  }

  async #probe(): Promise<void> {
    const sentAt = this.#clock.now();
    const answer = this.#hooks.ping();
    try {
      await this.#inTime(answer);
    } catch (error) {
      this.#noteAway(awayAsOf(error) ?? sentAt);
      throw error;
    }
  }
}

/** The store may know better than the time of the call since when it has been away. */
function awayAsOf(error: unknown): number | null {
  const { awayAsOf: known } = error instanceof CacheUnavailableError ? error.context : {};
  return typeof known === 'number' ? known : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
