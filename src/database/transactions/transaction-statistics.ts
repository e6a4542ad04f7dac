import { performance } from 'node:perf_hooks';
import type { TransactionScope } from './transaction-scope.js';

/** What has become of the transactions of one pool. */
export interface TransactionStatistics {
  /** Calls of `run` that began a transaction of their own; nested ones do not count. */
  readonly started: number;
  readonly committed: number;
  readonly rolledBack: number;
  /** COMMIT was sent and no answer came. */
  readonly outcomeUnknown: number;
  /** Attempts after the first. */
  readonly retried: number;
  readonly deadlocks: number;
  readonly serializationFailures: number;
  readonly timeouts: number;
  /** Those under way, oldest first. */
  readonly active: readonly { readonly name: string | null; readonly ageMs: number }[];
}

/** Counts them, and knows those under way. */
export class TransactionCounters {
  started = 0;
  committed = 0;
  rolledBack = 0;
  outcomeUnknown = 0;
  retried = 0;
  deadlocks = 0;
  serializationFailures = 0;
  timeouts = 0;
  readonly active = new Set<TransactionScope>();

  snapshot(): TransactionStatistics {
    const { active, ...counts } = this;
    const now = performance.now();
    return Object.freeze({
      ...counts,
      active: [...active].map(({ name, startedAt }) => ({ name, ageMs: Math.round(now - startedAt) })),
    });
  }
}
