import type { Clock } from './clock.js';
import type { EntryCodec } from './entry-codec.js';
import type { TimeLease } from './fleet/time-lease.js';
import type { LoadGate } from './load-gate.js';
import type { NearCache } from './near/near-cache.js';
import type { HitSampling } from './sampling/read-sampling.js';
import type { Latencies } from './statistics/latencies.js';
import type { CacheCounters } from './statistics.js';
import type { SharedStore } from './store/shared-store.js';
import type { StoreGuard } from './store-guard.js';

/** What all caches of one process share. */
export interface ReadContext {
  readonly store: SharedStore;
  readonly guard: StoreGuard;
  /** Whether what the store holds may be believed. */
  readonly trust: { readonly isTrusted: boolean };
  readonly near: NearCache | null;
  readonly lease: TimeLease;
  readonly codec: EntryCodec;
  readonly counters: CacheCounters;
  readonly latencies: Latencies;
  readonly sampling: HitSampling;
  readonly clock: Clock;
  readonly gate: LoadGate;
  readonly nextToken: () => string;
}
