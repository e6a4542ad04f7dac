import { expect, test } from '@jest/globals';
import { newCounters } from '../../../../src/cache/statistics.js';
import { MemoryStore } from '../../../../src/cache/store/memory-store.js';
import { StoreGuard } from '../../../../src/cache/store-guard.js';
import { rightsOf } from '../../../../src/cache/warming/rights.js';
import { silentLogger } from '../../../../src/config/index.js';
import { TIMING } from '../../../support/cache-process.js';
import { ManualClock } from '../../../support/manual-clock.js';

test('a right is one claim at a time, and while the store is away it is not known whose', async () => {
  const clock = new ManualClock();
  const store = new MemoryStore({ clock });
  const counters = newCounters();
  const guard = new StoreGuard({
    commandTimeoutMs: 250,
    timing: TIMING,
    counters,
    logger: silentLogger,
    clock,
    hooks: { ping: () => store.ping(), onBroken: () => undefined, onAnswering: async () => undefined },
  });
  const rights = rightsOf(store, guard);
  expect(await rights.claim('{k}', 'one', 1_000)).toBe(true);
  expect(await rights.claim('{k}', 'two', 1_000)).toBe(false);
  expect(await rights.reclaim('{k}', 'two', 1_000)).toBe(false);
  expect(await rights.reclaim('{k}', 'one', 0)).toBe(true);
  expect(await rights.claim('{k}', 'two', 1_000)).toBe(true);
  // No request waits for it.
  expect(counters.roundTrips).toBe(0);
  guard.close();
  await expect(rights.reclaim('{k}', 'two', 1_000)).rejects.toMatchObject({ code: 'CACHE_UNAVAILABLE' });
});
