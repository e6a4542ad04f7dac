import type { Logger } from '../config/index.js';
import type { OutboxChange } from '../database/index.js';
import type { Clock } from './clock.js';
import type { Turn } from './fleet/fleet.js';
import type { Targets } from './store/shared-store.js';

/** How often the fleet looks for changes, all its processes taken together: well within the 250 ms that are promised. */
const FLEET_INTERVAL_MS = 100;
const BATCH = 500;
/** How often it is looked whether an outbox has been installed meanwhile. */
const NOT_INSTALLED_PAUSE_MS = 10_000;
const DRAIN_TIMEOUT_MS = 5_000;
const DRAIN_POLL_MS = 20;

/** Where changes by other writers are recorded: see `Outbox`. */
export interface ChangeLog {
  isInstalled(): Promise<boolean>;
  take(
    deliver: (changes: readonly OutboxChange[]) => Promise<void>,
    options: { readonly limit: number },
  ): Promise<number>;
  now(): Promise<string>;
  isDrainedUpTo(moment: string, options: { readonly openTransactions: boolean }): Promise<boolean>;
}

/** What the relay needs of the cache. */
export interface RelayCache {
  /** What these changes invalidate. */
  targetsOf(changes: readonly OutboxChange[]): Targets;
  /** Resolves to whether the shared cache has confirmed it. */
  invalidate(targets: Targets): Promise<boolean>;
  /** Whether the shared cache answers; without it there is nothing to deliver to. */
  readonly isReachable: boolean;
}

/** Thrown to have a batch kept: the shared cache did not confirm it. */
class NotDelivered extends Error {}

/**
 * Invalidates what other writers have changed: takes the changes that the triggers recorded, and forgets them only when
 * the shared cache has confirmed. The processes of a fleet take turns, so that together they look at a steady rate and
 * the end of one delays nothing by more than its turn.
 */
export class Relay {
  readonly #outbox: ChangeLog;
  readonly #cache: RelayCache;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #turn: Turn | null = null;
  #turnAt = 0;
  #closed = false;
  #failing = false;
  #running = false;

  constructor(outbox: ChangeLog, cache: RelayCache, clock: Clock, logger: Logger) {
    this.#outbox = outbox;
    this.#cache = cache;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Called with each pulse. */
  turn(turn: Turn): void {
    this.#turn = turn;
    this.#turnAt = this.#clock.now();
    if (!this.#running) {
      this.#running = true;
      void this.#run();
    }
  }

  stop(): void {
    this.#closed = true;
  }

  /**
   * Delivers all that was recorded before now, or waits until others have. Resolves to false where that took too long, or
   * the database or the cache is away.
   */
  async drain(): Promise<boolean> {
    try {
      if (!(await this.#outbox.isInstalled())) return true;
      const moment = await this.#outbox.now();
      const deadline = this.#clock.now() + DRAIN_TIMEOUT_MS;
      while (!this.#closed && this.#clock.now() < deadline) {
        // Not those that are still open: a repository invalidates before it acknowledges, and others are promised 250 ms.
        if (await this.#outbox.isDrainedUpTo(moment, { openTransactions: false })) return true;
        // Rows that another relay holds are not taken, only waited for.
        if ((await this.#take()) === 0) await this.#clock.sleep(DRAIN_POLL_MS);
      }
      return false;
    } catch (error) {
      this.#report(error);
      return false;
    }
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      await this.#clock.rest(this.#untilTurn());
      if (this.#closed) return;
      if (!this.#cache.isReachable) continue;
      try {
        if (!(await this.#outbox.isInstalled())) {
          await this.#clock.rest(NOT_INSTALLED_PAUSE_MS);
          continue;
        }
        while ((await this.#take()) === BATCH && !this.#closed);
        this.#failing = false;
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #take(): Promise<number> {
    return this.#outbox.take(
      async (changes) => {
        if (!(await this.#cache.invalidate(this.#cache.targetsOf(changes)))) throw new NotDelivered();
      },
      { limit: BATCH },
    );
  }

  /** Each process has a slot of the common time; the slots of all are `FLEET_INTERVAL_MS` apart. */
  #untilTurn(): number {
    if (this.#turn === null) return FLEET_INTERVAL_MS;
    const { rank, count, nowMs } = this.#turn;
    const round = Math.max(1, count) * FLEET_INTERVAL_MS;
    const now = nowMs + this.#clock.now() - this.#turnAt;
    const phase = (now - Math.max(0, rank) * FLEET_INTERVAL_MS) % round;
    return round - phase;
  }

  #report(error: unknown): void {
    if (error instanceof NotDelivered || this.#failing || this.#closed) return;
    this.#failing = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#logger.warn({ reason }, 'changes by other writers cannot be read from the outbox; trying again');
  }
}
