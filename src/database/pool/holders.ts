import type { PoolClient } from 'pg';
import type { Logger } from '../../config/index.js';

/** Who holds a connection. */
export interface Holder {
  readonly heldMs: number;
  /** What it was taken for, where it was said: the name of a transaction. */
  readonly label: string | null;
  /** The stack that took it, where the leak threshold is on. */
  readonly takenAt: string | null;
}

interface Hold {
  readonly client: PoolClient;
  readonly since: number;
  readonly label: string | null;
  readonly stack: string | null;
  readonly timer: NodeJS.Timeout | null;
}

/**
 * Keeps account of the connections that are in use. With a leak threshold, each taking captures its stack, and one that
 * lasts longer is logged once; without, it costs an entry of a set.
 */
export class Holders {
  readonly #holds = new Set<Hold>();
  readonly #leakThresholdMs: number;
  readonly #logger: Logger;
  readonly #now: () => number;
  #leaks = 0;

  constructor(options: {
    readonly leakThresholdMs: number;
    readonly logger: Logger;
    readonly now: () => number;
  }) {
    this.#leakThresholdMs = options.leakThresholdMs;
    this.#logger = options.logger;
    this.#now = options.now;
  }

  get size(): number {
    return this.#holds.size;
  }

  /** How many were reported as held too long. */
  get leaks(): number {
    return this.#leaks;
  }

  /** Notes that a connection was taken. Call the result when it is given back; it gives how long it was held. */
  taken(client: PoolClient, label: string | null, stack: string | null): () => number {
    const hold: Hold = {
      client,
      since: this.#now(),
      label,
      stack,
      timer: this.#leakThresholdMs > 0 ? this.#watch(label, stack) : null,
    };
    this.#holds.add(hold);
    return () => {
      if (hold.timer !== null) clearTimeout(hold.timer);
      this.#holds.delete(hold);
      return this.#now() - hold.since;
    };
  }

  /** Those who have held theirs the longest. */
  longest(count: number): readonly Holder[] {
    const now = this.#now();
    return [...this.#holds]
      .sort((a, b) => a.since - b.since)
      .slice(0, count)
      .map(({ since, label, stack }) => ({ heldMs: Math.round(now - since), label, takenAt: stack }));
  }

  /** The connections that are in use. */
  clients(): readonly PoolClient[] {
    return [...this.#holds].map((hold) => hold.client);
  }

  #watch(label: string | null, stack: string | null): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#leaks += 1;
      this.#logger.warn(
        { heldMs: this.#leakThresholdMs, label, takenAt: stack },
        'a connection is held longer than the leak threshold; give it back, or raise DB_LEAK_THRESHOLD',
      );
    }, this.#leakThresholdMs);
    timer.unref();
    return timer;
  }
}

/** The stack of the caller, without the frames of this library's pool and of pg's. */
export function captureStack(): string {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, captureStack);
  const frames = (holder.stack ?? '').split('\n').slice(1);
  return frames
    .map((frame) => frame.trim())
    .filter((frame) => !/[/\\](pg-pool|pg)[/\\]|held-pool|node:internal/.test(frame))
    .join('\n');
}
