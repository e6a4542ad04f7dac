import { setTimeout as delay } from 'node:timers/promises';
import type { LocalPostgres } from '../../support/local-postgres.js';
import type { LocalRedis } from '../../support/local-redis.js';
import type { LocalRedisCluster } from '../../support/local-redis-cluster.js';
import type { RandomSource } from '../../support/random.js';
import type { TcpProxy } from '../../support/tcp-proxy.js';
import type { CheckClock } from '../clock.js';
import type { Fleet } from '../fleet/fleet.js';
import type { FaultKind, FaultWindow } from '../history.js';

/** What faults are done to, and with what. */
export interface Arena {
  readonly fleet: Fleet;
  /** The one, or one of the cluster. */
  readonly redis: LocalRedis;
  /** Null where there is one Redis. */
  readonly cluster: LocalRedisCluster | null;
  readonly postgres: LocalPostgres;
  /** The way of each process to Redis; empty where they reach it directly. */
  readonly proxies: readonly TcpProxy[];
  readonly random: RandomSource;
  readonly clock: CheckClock;
  /** How long the load lasts. */
  readonly seconds: number;
  /** Aborts when the load has ended: what is under way is then healed. */
  readonly healing: AbortSignal;
  /** Hears of each fault when it has ended. */
  readonly onFault: (fault: FaultWindow) => void;
}

/** Does something to a server or a process and heals it again. Tells the arena from when to when. */
export type Fault = (arena: Arena) => Promise<void>;

/** No single fault lasts longer than this share of the load. */
const LONGEST_SHARE = 0.25;

/** A duration by dice, between these bounds, or shorter in a short run. */
export function someMs({ random, seconds }: Arena, fromMs: number, toMs: number): number {
  const longest = seconds * 1_000 * LONGEST_SHARE;
  const [from, to] = [Math.min(fromMs, longest / 2), Math.min(toMs, longest)];
  return Math.round(from + random.next() * (to - from));
}

/** Waits, but not longer than the load lasts. */
export async function wait({ healing }: Arena, ms: number): Promise<void> {
  try {
    await delay(ms, undefined, { signal: healing });
  } catch (error) {
    if (!healing.aborted) throw error;
  }
}

/** Runs a fault from its beginning to its end, and tells of it however it ended. */
export async function during(
  { clock, onFault }: Arena,
  fault: { readonly kind: FaultKind; readonly detail: string; readonly process?: number },
  run: () => Promise<void>,
): Promise<void> {
  const begunAt = clock.now();
  try {
    await run();
  } finally {
    onFault({ process: null, ...fault, begunAt, endedAt: clock.now() });
  }
}
