import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
} from 'cockatiel';
import type { Logger } from '../config/index.js';
import { withinMs } from '../database/index.js';
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
/** A write does not wait longer for a store of which nothing can be known. */
const LONGEST_PATIENCE_MS = 3_000;

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
  /** When the first probe of this outage was sent that got no answer: before that, Redis may have answered others. */
  #awaySince: number | null = null;
  /** The latest moment of which it is known that the store did not answer. */
  #awayAsOf = Number.NEGATIVE_INFINITY;
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
  async attempt<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    if (!this.isReachable) return FAILED;
    this.#counters.roundTrips += 1;
    return this.#execute(operation);
  }

  /** An attempt that no request waits for: not counted among the round trips. */
  async attemptUnasked<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    return this.isReachable ? this.#execute(operation) : FAILED;
  }

  /**
   * For fences and their ends. What is done without them may leave other processes with an old value, so this waits for a
   * store that is away, until it has been away for so long that all who are reached by the same outage know of it.
   */
  async attemptPatiently<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    let attempt = await this.attempt(operation);
    const deadline = this.#clock.now() + LONGEST_PATIENCE_MS;
    while (!attempt.ok && !this.#closed && !this.#isKnownAway() && this.#clock.now() < deadline) {
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
    if (this.#awaySince === null) return false;
    const { unfencedAfterMs, knowledgeMs } = this.#timing;
    return (
      this.#awayAsOf >= this.#awaySince + unfencedAfterMs && this.#clock.now() - this.#awayAsOf <= knowledgeMs
    );
  }

  async #execute<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    const sentAt = this.#clock.now();
    try {
      const value = await this.#breaker.execute(async () => {
        try {
          return await this.#inTime(operation());
        } catch (error) {
          // Before the breaker hears of it, whose listener logs the reason.
          this.#lastError = messageOf(error);
          this.#awayAsOf = Math.max(this.#awayAsOf, awayAsOf(error) ?? sentAt);
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

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const timed = await withinMs(this.#commandTimeoutMs, answer);
    if (timed.inTime) return timed.value;
    throw new CacheUnavailableError(`The cache gave no answer within ${this.#commandTimeoutMs} ms.`);
  }

  /** Probes until the store answers. While open, the breaker refuses all calls; its state turns on the first after its delay. */
  async #recover(): Promise<void> {
    if (this.#recovering) return;
    this.#recovering = true;
    while (!this.#closed) {
      let sentAt: number | null = null;
      const probe = await this.#execute(() => {
        // Not reached while the breaker still waits.
        sentAt = this.#clock.now();
        return this.#hooks.ping();
      });
      if (!probe.ok) this.#awaySince ??= sentAt;
      else {
        this.#awaySince = null;
        await this.#hooks.onAnswering((operation) => this.#execute(operation));
        if (this.#breaker.state === CircuitState.Closed) break;
      }
      await this.#clock.rest(RECOVERY_TICK_MS);
    }
    this.#recovering = false;
    this.#awaySince = null;
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
