import { expect, test } from '@jest/globals';
import { TimeLease } from '../../../../src/cache/fleet/time-lease.js';
import { NearCache } from '../../../../src/cache/near/near-cache.js';
import { healthDetails } from '../../../../src/cache/statistics/health-details.js';
import { newCounters } from '../../../../src/cache/statistics.js';
import { StoreGuard } from '../../../../src/cache/store-guard.js';
import { silentLogger } from '../../../../src/config/index.js';
import { TIMING } from '../../../support/cache-process.js';
import { ManualClock } from '../../../support/manual-clock.js';

test('the details of health say what is believed, what memory may answer, and what failed last', async () => {
  const clock = new ManualClock();
  const away = () => Promise.reject(new Error('connection refused'));
  const guard = new StoreGuard({
    commandTimeoutMs: 250,
    timing: TIMING,
    counters: newCounters(),
    logger: silentLogger,
    clock,
    hooks: { ping: away, onBroken: () => undefined, onAnswering: async () => undefined },
  });
  const lease = new TimeLease();
  lease.extend(1_000);
  const near = new NearCache({ maxEntries: 1, maxBytes: 1_000, ttlMs: 1_000 }, lease);
  const trust = { isTrusted: true };
  const details = (withNear = true) =>
    healthDetails({ store: { kind: 'redis' }, guard, trust, near: withNear ? near : null, lease, clock });

  const well = { store: 'redis', trusted: true, leaseHeld: true, breaker: 'closed', lastError: null };
  expect(details()).toEqual(well);
  expect(details(false)).toEqual({ ...well, leaseHeld: null });

  await guard.attempt(away);
  trust.isTrusted = false;
  await clock.advance(1_001);
  expect(details()).toEqual({
    store: 'redis',
    trusted: false,
    leaseHeld: false,
    breaker: 'open',
    lastError: 'connection refused',
  });
  guard.close();
});
