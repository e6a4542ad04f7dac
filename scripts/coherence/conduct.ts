import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Xoshiro128 } from '../support/random.js';
import type { CheckArguments } from './arguments.js';
import { CheckClock } from './clock.js';
import { planFaults, runFaults } from './faults/schedule.js';
import type { Fleet } from './fleet/fleet.js';
import type { FaultWindow } from './history.js';
import type { CheckServers } from './servers.js';

/** Has the fleet work for as long as was asked, with faults meanwhile; heals them, and lets the last operations end. */
export async function conductLoad(
  fleet: Fleet,
  servers: CheckServers,
  options: CheckArguments,
  events: { readonly onFault: (fault: FaultWindow) => void; readonly signal: AbortSignal },
): Promise<readonly FaultWindow[]> {
  const { seconds, seed } = options;
  const random = Xoshiro128.fromSeed(seed);
  const plan = planFaults(options.faults, seconds, random);
  const faults: FaultWindow[] = [];
  const healing = new AbortController();
  setMaxListeners(0, healing.signal);
  const heal = (): void => healing.abort();
  events.signal.addEventListener('abort', heal);
  const clockBase = process.hrtime.bigint();
  try {
    fleet.go(clockBase);
    const faulting = runFaults(
      {
        ...servers,
        fleet,
        random,
        clock: new CheckClock(clockBase),
        seconds,
        healing: healing.signal,
        onFault: (fault) => {
          faults.push(fault);
          events.onFault(fault);
        },
      },
      plan,
    );
    // A fault that could not be done ends the check at once.
    await Promise.race([
      delay(seconds * 1_000, undefined, { signal: events.signal }),
      neverResolved(faulting),
    ]);
    heal();
    await faulting;
    await fleet.stopLoad();
    return faults;
  } finally {
    heal();
    events.signal.removeEventListener('abort', heal);
  }
}

function neverResolved(promise: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    promise.catch(reject);
  });
}
