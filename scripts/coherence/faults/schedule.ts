import type { RandomSource } from '../../support/random.js';
import type { FaultKind } from '../history.js';
import { type Arena, type Fault, wait } from './arena.js';
import { kill, partition, restartPostgres, stop } from './process-faults.js';
import { evict, flushRedis, pauseRedis, restartRedis } from './redis-faults.js';
import { reshard } from './reshard.js';

export interface PlannedFault {
  readonly kind: FaultKind;
  /** When, from the beginning of the load. */
  readonly atMs: number;
}

/** How long it is from one fault to the next of its kind: times the kinds, so that there is calm between them too. */
const SECONDS_PER_KIND = 2.5;
const MIN_SECONDS = 5;
/** Faults come between these shares of the load. */
const [FIRST, LAST] = [0.05, 0.9];

/** Which faults come when, by dice. */
export function planFaults(
  kinds: readonly FaultKind[],
  seconds: number,
  random: RandomSource,
): readonly PlannedFault[] {
  const every = Math.max(MIN_SECONDS, SECONDS_PER_KIND * kinds.length);
  const each = Math.max(1, Math.round(seconds / every));
  const planned = kinds.flatMap((kind) =>
    Array.from({ length: each }, () => ({
      kind,
      atMs: Math.round((FIRST + random.next() * (LAST - FIRST)) * seconds * 1_000),
    })),
  );
  return planned.sort((a, b) => a.atMs - b.atMs);
}

/** Does the planned faults at their times; resolves when all are done and healed. */
export async function runFaults(arena: Arena, plan: readonly PlannedFault[]): Promise<void> {
  const faults: Readonly<Record<FaultKind, Fault>> = {
    kill,
    stop,
    'redis-restart': restartRedis(),
    'redis-pause': pauseRedis(),
    'redis-flush': flushRedis,
    partition: oneByOne(partition),
    'pg-restart': oneByOne(restartPostgres),
    evict: evict(),
    reshard,
  };
  // A server that is paused cannot be flushed: of two faults of Redis the second waits for the first.
  const redis = queue();
  await Promise.all(
    plan.map(async ({ kind, atMs }) => {
      await wait(arena, atMs);
      if (arena.healing.aborted) return;
      const fault = faults[kind];
      await (OF_REDIS.test(kind) ? redis(() => fault(arena)) : fault(arena));
    }),
  );
}

const OF_REDIS = /^(redis-|evict$|reshard$)/;

function oneByOne(fault: Fault): Fault {
  const inTurn = queue();
  return (arena) => inTurn(() => fault(arena));
}

function queue(): (run: () => Promise<void>) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const next = last.then(run);
    last = next.catch(() => undefined);
    return next;
  };
}
