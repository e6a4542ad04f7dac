import { setTimeout as delay } from 'node:timers/promises';
import type { DomainRepositoryFactory } from '../library.js';

const AT_ONCE = 500;
const PATIENCE_MS = 15_000;
/** A near cache that lost its time lease, because the machine was busy, has it back with one of the next heartbeats. */
const PAUSE_MS = 100;

/** Reads these users until all of them come from the cache: from the shared one, or from memory where that is on. */
export async function warmUsers(factory: DomainRepositoryFactory, ids: readonly string[]): Promise<void> {
  const users = factory.getUserRepository();
  // What is not there is read the first time, and found the second.
  let wasRead = false;
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const before = factory.getCacheStatistics();
    for (let first = 0; first < ids.length; first += AT_ONCE) {
      await users.findByIds(ids.slice(first, first + AT_ONCE));
    }
    const { near, nearHits, hits } = factory.getCacheStatistics();
    const answered = near === null ? hits - before.hits : nearHits - before.nearHits;
    if (answered >= ids.length) return;
    if (wasRead) await delay(PAUSE_MS);
    wasRead = true;
  }
  throw new Error(`${ids.length} users were read for ${PATIENCE_MS} ms, and are not all in the cache.`);
}

/** How many reads this tier answered since: it is told by them that what was measured is what was meant. */
export function hitsSince(
  factory: DomainRepositoryFactory,
  tier: 'nearHits' | 'hits',
  before: Readonly<Record<'nearHits' | 'hits', number>>,
): number {
  return factory.getCacheStatistics()[tier] - before[tier];
}
