import type { Clock } from '../clock.js';
import type { TimeLease } from '../fleet/time-lease.js';
import type { NearCache } from '../near/near-cache.js';
import type { StoreKind } from '../store/shared-store.js';
import type { StoreGuard } from '../store-guard.js';

/** What `healthCheck` of the cache saw on its way. */
export interface CacheHealthDetails {
  readonly store: StoreKind;
  /** Whether what the store holds is believed: not until an outage has settled. Until then reads go to the database. */
  readonly trusted: boolean;
  /** Whether this process may answer from its memory now; null without a near cache. */
  readonly leaseHeld: boolean | null;
  /** `open`: the store is passed by until a probe succeeds. */
  readonly breaker: 'closed' | 'open';
  /** Why the last round trip to the store failed; null when it did not. */
  readonly lastError: string | null;
}

export function healthDetails(parts: {
  readonly store: { readonly kind: StoreKind };
  readonly guard: StoreGuard;
  readonly trust: { readonly isTrusted: boolean };
  readonly near: NearCache | null;
  readonly lease: TimeLease;
  readonly clock: Clock;
}): CacheHealthDetails {
  const { store, guard, trust, near, lease, clock } = parts;
  return Object.freeze({
    store: store.kind,
    trusted: trust.isTrusted,
    leaseHeld: near === null ? null : lease.isHeld(clock.now()),
    breaker: guard.isReachable ? 'closed' : 'open',
    lastError: guard.lastError,
  });
}
