import type { RedisConfig } from '../../config/index.js';
import { MAX_RECONNECT_DELAY_MS } from '../store/redis-connection.js';

/**
 * The times by which processes know of one another what they need to know. All follow from how long a process may take
 * to notice that Redis is away, or back:
 *
 * - A write goes on without a fence only when Redis has not answered this process for `unfencedAfterMs`, by probes sent from
 *   the beginning to the end of that time. So whoever shares the outage has no time lease left: they run for `leaseMs` from a
 *   heartbeat that Redis answered before.
 * - A process that Redis has not answered for `maxGapMs` knows that this may have happened, so it serves no hit until
 *   what was written meanwhile is invalidated. `maxGapMs` is the shorter by more than one answer may take, so whoever
 *   was reached by the same outage knows of it.
 * - For `settleMs` after an outage others may not have noticed that it is over, and still write without fences. So no hit
 *   is served before.
 */
export interface FleetTiming {
  /** Between two pulses of a process. */
  readonly pulseMs: number;
  /** How long a process may answer from memory after a heartbeat. */
  readonly leaseMs: number;
  /** By how much a process ends its lease early, for clocks that do not run at one speed. */
  readonly leaseMarginMs: number;
  readonly maxGapMs: number;
  readonly unfencedAfterMs: number;
  /** How old the knowledge that Redis is away may be for a write to go on without a fence. */
  readonly knowledgeMs: number;
  readonly settleMs: number;
}

const PULSE_MS = 200;
const LEASE_PULSES = 5;

/** @param pulseMs between two pulses of a process; all processes that share a store must have the same */
export function fleetTiming({
  commandTimeoutMs,
  connectTimeoutMs,
  pulseMs = PULSE_MS,
}: Pick<RedisConfig, 'commandTimeoutMs' | 'connectTimeoutMs'> & { readonly pulseMs?: number }): FleetTiming {
  const leaseMs = LEASE_PULSES * pulseMs;
  const maxGapMs = 2 * pulseMs + 50 + commandTimeoutMs;
  const settleMs = MAX_RECONNECT_DELAY_MS + connectTimeoutMs + commandTimeoutMs;
  return Object.freeze({
    pulseMs,
    leaseMs,
    leaseMarginMs: 50,
    maxGapMs,
    unfencedAfterMs: Math.max(leaseMs, maxGapMs + commandTimeoutMs + 50),
    knowledgeMs: settleMs - 100,
    settleMs,
  });
}
