import { NS_PER_MS } from '../clock.js';
import type { Failure, FaultKind, FaultWindow } from '../history.js';

/** Faults that an application cannot be spared: a process or PostgreSQL itself is away, or holds locks and sleeps. */
const MAY_FAIL: ReadonlySet<FaultKind> = new Set(['kill', 'stop', 'pg-restart']);
/** How long afterwards, until broken connections are noticed and timers that slept have rung. */
const AFTERWARDS_MS = 5_000;

export interface JudgedFailures {
  /** Those that no fault explains: a failure of the cache must not fail a request. */
  readonly unexplained: readonly Failure[];
  readonly explained: readonly Failure[];
}

/** Tells failures that a fault explains from those that none does. */
export function judgeFailures(failures: readonly Failure[], faults: readonly FaultWindow[]): JudgedFailures {
  const explaining = faults.filter(({ kind }) => MAY_FAIL.has(kind));
  const isExplained = (failure: Failure): boolean =>
    failure.code !== OWN_WRITE_NOT_SEEN &&
    explaining.some(
      ({ begunAt, endedAt }) =>
        failure.begunAt <= endedAt + AFTERWARDS_MS * NS_PER_MS && failure.endedAt >= begunAt,
    );
  return {
    unexplained: failures.filter((failure) => !isExplained(failure)),
    explained: failures.filter(isExplained),
  };
}

/** A transaction did not see what it had written itself, which nothing explains. */
export const OWN_WRITE_NOT_SEEN = 'OWN_WRITE_NOT_SEEN';
