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
import type { CacheCounters } from './statistics.js';

/** What became of an operation on the store. */
export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

const FAILED: Attempt<never> = Object.freeze({ ok: false });

/** How often recovery looks whether it may probe; the breaker's own, growing delay decides. */
const RECOVERY_TICK_MS = 50;
/** How long after the beginning of an outage writes still wait for its end. */
const WRITE_PATIENCE_MS = 1_000;
const POLL_MS = 5;

/** What the guard needs to do to the store on its own account. */
export interface StoreRecovery {
  /** Resolves when the store answers. */
  ping(): Promise<void>;
  /** Invalidates everything in it. */
  invalidateAll(): Promise<void>;
}

/**
 * The one way to the shared cache. It bounds the time of each round trip; after one that failed, nothing goes through
 * until a probe of its own succeeds, so that a store that hangs costs one timeout and not one for each request. It
 * never rejects.
 *
 * It also keeps the account of writes whose fence could not be set. What such a write changed may still stand in the
 * store, so from before its commit until all was invalidated after it, no read goes through either.
 */
export class StoreGuard {
  readonly #breaker = circuitBreaker(handleAll, {
    breaker: new ConsecutiveBreaker(1),
    // Jittered, so that the processes of a fleet do not probe in step.
    halfOpenAfter: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1_000 }),
  });
  readonly #commandTimeoutMs: number;
  readonly #recovery: StoreRecovery;
  readonly #counters: CacheCounters;
  readonly #clock: Clock;
  #unfencedWrites = 0;
  /** Invalidations of everything that unfenced writes have called for, and how many of them were delivered. */
  #invalidationsOwed = 0;
  #invalidationsPaid = 0;
  #brokenSince: number | null = null;
  #recovering = false;
  #closed = false;
  #lastError: string | null = null;

  constructor(options: {
    readonly commandTimeoutMs: number;
    readonly recovery: StoreRecovery;
    readonly counters: CacheCounters;
    readonly logger: Logger;
    readonly clock: Clock;
  }) {
    this.#recovery = options.recovery;
    this.#counters = options.counters;
    this.#clock = options.clock;
    this.#commandTimeoutMs = options.commandTimeoutMs;
    this.#breaker.onBreak(() => {
      options.logger.warn({ reason: this.#lastError }, 'the cache is passed by until a probe succeeds');
      this.#brokenSince ??= this.#clock.now();
      this.#startRecovery();
    });
    this.#breaker.onReset(() => {
      options.logger.info('the cache answers again');
      this.#brokenSince = null;
    });
  }

  /** Why the last round trip failed; null when it did not. */
  get lastError(): string | null {
    return this.#lastError;
  }

  /** For reads and fills: fails at once while the store is away, or may hold what an unfenced write changed. */
  async attempt<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    const trusted = this.#unfencedWrites === 0 && this.#invalidationsPaid === this.#invalidationsOwed;
    return trusted ? this.deliver(operation) : FAILED;
  }

  /** For what makes the store safer, whatever it holds: fails at once only while the store is away. */
  async deliver<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    return this.#isReachable ? this.#execute(operation) : FAILED;
  }

  /**
   * For fences. A write without one would leave other processes with the old value, so it waits for a store that is away
   * to come back; not longer, though, than a second from the beginning of each outage.
   */
  async deliverPatiently<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    let attempt = await this.deliver(operation);
    const deadline = (this.#brokenSince ?? this.#clock.now()) + WRITE_PATIENCE_MS;
    while (!attempt.ok && !this.#closed && this.#clock.now() < deadline) {
      if (this.#isReachable) attempt = await this.deliver(operation);
      else await this.#clock.sleep(POLL_MS);
    }
    return attempt;
  }

  /**
   * A write goes on without a fence. Call the result when its outcome is known: it resolves when everything in the store
   * was invalidated, so that nobody else reads the old value after the acknowledgement, or at once while the store is
   * away.
   */
  beginUnfencedWrite(): () => Promise<void> {
    this.#unfencedWrites += 1;
    return async () => {
      this.#unfencedWrites -= 1;
      this.#invalidationsOwed += 1;
      const own = this.#invalidationsOwed;
      this.#startRecovery();
      while (this.#invalidationsPaid < own && this.#isReachable) await this.#clock.sleep(POLL_MS);
    };
  }

  close(): void {
    this.#closed = true;
  }

  get #isReachable(): boolean {
    return this.#breaker.state === CircuitState.Closed && !this.#closed;
  }

  async #execute<T>(operation: () => Promise<T>): Promise<Attempt<T>> {
    try {
      const value = await this.#breaker.execute(async () => {
        this.#counters.roundTrips += 1;
        try {
          return await this.#inTime(operation());
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

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const timed = await withinMs(this.#commandTimeoutMs, answer);
    if (timed.inTime) return timed.value;
    throw new CacheUnavailableError(`The cache gave no answer within ${this.#commandTimeoutMs} ms.`);
  }

  #startRecovery(): void {
    if (this.#recovering) return;
    this.#recovering = true;
    void this.#recover();
  }

  async #recover(): Promise<void> {
    while (!this.#closed && (!this.#isReachable || this.#invalidationsPaid < this.#invalidationsOwed)) {
      // While open, the breaker refuses all calls; its state turns on the first one after its delay.
      const owed = this.#invalidationsOwed;
      const invalidate = this.#invalidationsPaid < owed;
      const probe = await this.#execute(() =>
        invalidate ? this.#recovery.invalidateAll() : this.#recovery.ping(),
      );
      if (probe.ok) {
        this.#invalidationsPaid = owed;
        if (invalidate) this.#counters.epochChanges += 1;
      } else await this.#clock.sleep(RECOVERY_TICK_MS);
    }
    this.#recovering = false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
