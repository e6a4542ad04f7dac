import type { Config, Logger } from '../../config/index.js';
import type { SchemaMetadata } from '../../database/index.js';
import type { Clock } from '../clock.js';
import type { Fleet } from '../fleet/fleet.js';
import type { KeySpace } from '../keys.js';
import type { ModelCacheContext } from '../model-cache.js';
import type { NearCache } from '../near/near-cache.js';
import type { ChangeLog } from '../relay.js';
import type { Latencies } from '../statistics/latencies.js';
import type { CacheCounters } from '../statistics.js';
import type { SharedStore } from '../store/shared-store.js';
import type { StoreGuard } from '../store-guard.js';
import type { NamedValues } from '../values/named-values.js';
import type { Values } from '../values/values.js';
import type { Writer } from '../writer.js';

/** The parts of a cache, as they hang together. */
export interface CacheParts {
  readonly store: SharedStore;
  readonly guard: StoreGuard;
  readonly keys: KeySpace;
  readonly near: NearCache | null;
  readonly writer: Writer;
  /** Null where no other process sees the store. */
  readonly fleet: Fleet | null;
  readonly models: ModelCacheContext;
  readonly values: Values;
  readonly sessions: NamedValues;
  serving(timeoutMs: number): Promise<boolean>;
  /** Asks the database for nothing more on its own account. */
  rest(): void;
  stop(): Promise<void>;
}

/** What a cache is built of. */
export interface Materials {
  readonly config: Config;
  readonly logger: Logger;
  readonly metadata: SchemaMetadata;
  readonly outbox: ChangeLog;
  readonly counters: CacheCounters;
  readonly latencies: Latencies;
  readonly clock: Clock;
  /** Takes the place of the store that the configuration asks for; see `TOKENS.sharedStore`. */
  readonly store?: SharedStore;
}
