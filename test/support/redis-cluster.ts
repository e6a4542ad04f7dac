import { createClient } from 'redis';
import type { LocalRedisCluster } from '../../scripts/support/local-redis-cluster.js';
import type { FleetChannel } from '../../src/cache/fleet/fleet-channel.js';
import type { KeySpace } from '../../src/cache/keys.js';
import { clusterOpener } from '../../src/cache/store/cluster/open-cluster.js';
import type { SharedStore } from '../../src/cache/store/shared-store.js';
import { silentLogger } from '../../src/config/index.js';
import { COMMAND_PATIENCE_MS } from './patience.js';

export {
  type LocalClusterNode,
  LocalRedisCluster,
  type LocalRedisClusterOptions,
  startRedisCluster,
} from '../../scripts/support/local-redis-cluster.js';

export const CLUSTER_SETTINGS = {
  maxRetries: 3,
  connectTimeoutMs: 2_000,
  commandTimeoutMs: COMMAND_PATIENCE_MS,
};

/** A store over a cluster, as one process has it. */
export interface OpenClusterStore {
  readonly store: SharedStore;
  readonly channel: FleetChannel;
}

/** Opens a store over connections of its own. */
export async function openClusterStore(
  cluster: LocalRedisCluster,
  keys: KeySpace,
  process: string,
): Promise<OpenClusterStore> {
  const open = clusterOpener({ ...CLUSTER_SETTINGS, urls: cluster.urls });
  const { store, channel } = open({ keys, process, logger: silentLogger });
  if (channel === null) throw new Error('A cluster has a channel.');
  await store.connect();
  return { store, channel };
}

/** Runs a command on the server that has the key. */
export async function tellOwner(
  cluster: LocalRedisCluster,
  key: string,
  ...command: string[]
): Promise<unknown> {
  const owner = await cluster.ownerOf(await cluster.slotOf(key));
  return owner.tell(...command);
}

/** A plain client of one of the servers, by whose clock a test waits. */
export async function openTimeKeeper(cluster: LocalRedisCluster) {
  const client = createClient({ url: cluster.urls[0] ?? '' });
  await client.connect();
  return client;
}
