import { setTimeout as delay } from 'node:timers/promises';
import type { Fleet } from './fleet/fleet.js';
import { NO_WRITE } from './judge/timeline.js';
import { timelinesOf } from './judge/timelines.js';
import type { Ledger } from './ledger.js';
import type { Sighting } from './messages.js';
import type { World } from './world.js';

/** A register that some process still sees otherwise than PostgreSQL has it. */
export interface StaleRegister {
  readonly register: number;
  readonly process: number;
  /** -1 where it could not be read. */
  readonly state: number;
  readonly expected: number;
}

export interface Quiescence {
  /** Whether every process saw everything as it is, in the end. */
  readonly isQuiet: boolean;
  /** How long that took, or was waited for. */
  readonly tookMs: number;
  /** What was still wrong in the end. */
  readonly stale: readonly StaleRegister[];
  /** Registers whose rows are not as the ledger says that they must be. */
  readonly adrift: readonly number[];
}

/** How long it may take until everything is as it is in PostgreSQL. */
export const QUIET_BUDGET_MS = 15_000;
const POLL_MS = 250;

/** After the load: has every process look at every register until all see what PostgreSQL has, or the time is up. */
export async function awaitQuiet(
  world: World,
  fleet: Fleet,
  ledger: Ledger,
  budgetMs = QUIET_BUDGET_MS,
): Promise<Quiescence> {
  const startedAt = performance.now();
  const expected = timelinesOf(world, await ledger.rows(), [], () => NO_WRITE).map(({ state }) => state);
  const { before, since } = await ledger.read();
  const adrift = timelinesOf(world, before, since, () => NO_WRITE).flatMap(({ state }, register) =>
    state === expected[register] ? [] : [register],
  );
  for (;;) {
    const stale = (
      await Promise.all(
        fleet.workers.map(async (worker, process) =>
          worker.isRunning ? wrong(await worker.look(), process, expected) : [],
        ),
      )
    ).flat();
    const tookMs = performance.now() - startedAt;
    if (stale.length === 0 || tookMs > budgetMs) {
      return { isQuiet: stale.length === 0, tookMs, stale, adrift };
    }
    await delay(POLL_MS);
  }
}

function wrong(
  sightings: readonly Sighting[],
  process: number,
  expectedStates: readonly number[],
): readonly StaleRegister[] {
  return sightings.flatMap(([register, state]) => {
    const expected = expectedStates[register] ?? Number.NaN;
    return state === expected ? [] : [{ register, process, state, expected }];
  });
}
