import type { Logger } from '../../config/index.js';
import type { FleetChannel } from '../fleet/fleet-channel.js';
import type { KeySpace } from '../keys.js';
import type { SharedStore } from './shared-store.js';

/** A store that other processes see too, with what the fleet has to know of it. */
export interface RemoteStore {
  readonly store: SharedStore;
  /** How its processes hear of one another; null where it offers none, so that there are no near caches. */
  readonly channel: FleetChannel | null;
  /** How long one command may take before the cache is passed by. */
  readonly commandTimeoutMs: number;
  /** How long one attempt to connect may take. */
  readonly connectTimeoutMs: number;
  /** How often this process says that it is alive. @default 200 */
  readonly pulseMs?: number;
}

/** Makes the store of this process, and connects to nothing. `process` is a name that no other process has. */
export type RemoteStoreOpener = (options: {
  readonly keys: KeySpace;
  readonly process: string;
  readonly logger: Logger;
}) => RemoteStore;
