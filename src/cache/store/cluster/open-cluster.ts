import type { RedisClusterConfig } from '../../../config/index.js';
import type { RemoteStoreOpener } from '../remote-store.js';
import { ClusterListener } from './cluster-listener.js';
import { ClusterNode } from './cluster-node.js';
import { ClusterRegistry } from './cluster-registry.js';
import { ClusterStore } from './cluster-store.js';
import { Router } from './router.js';
import { Survey } from './survey.js';
import { Topology } from './topology.js';

/** A Redis Cluster. User, password and TLS of the first URL are those of all its servers. */
export function clusterOpener(cluster: RedisClusterConfig): RemoteStoreOpener {
  const { commandTimeoutMs, connectTimeoutMs } = cluster;
  const [url = ''] = cluster.urls;
  return ({ keys, process, logger }) => {
    const topology: Topology = new Topology(
      cluster,
      (address) =>
        new ClusterNode(address, { ...cluster, url }, keys, logger, (node, server) =>
          survey.admit(node, server),
        ),
    );
    const router = new Router(topology, commandTimeoutMs);
    const survey = new Survey(topology, router, keys, commandTimeoutMs);
    const listener = new ClusterListener(keys.channel);
    const registry = new ClusterRegistry(router, listener, keys, process);
    const store = new ClusterStore({ topology, router, survey, listener, registry }, keys);
    return { store, channel: store, commandTimeoutMs, connectTimeoutMs };
  };
}
