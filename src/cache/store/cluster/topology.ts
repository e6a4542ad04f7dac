import { performance } from 'node:perf_hooks';
import type { RedisClusterConfig } from '../../../config/index.js';
import { withinMs } from '../../../database/index.js';
import { CacheUnavailableError } from '../../../errors.js';
import { systemClock } from '../../clock.js';
import { loadNodeRedis, makeClient } from '../redis-client.js';
import { CLUSTER_MAP } from '../scripts.js';
import type { ClusterNode } from './cluster-node.js';
import { SlotMap } from './slot-map.js';

/** A server that does not say within this time where the slots are is not waited for. */
const MAP_WITHIN_MS = 100;
/** A map may be asked for that often because of commands that went astray. */
const MIN_REFRESH_MS = 50;
/** A server that takes slots over may have no slot yet. It counts as one of the cluster for so long after it was sent to. */
const ASKED_KEPT_MS = 2_000;

/** The servers of a cluster that this process is connected to, and which slots they have. */
export class Topology {
  readonly #config: RedisClusterConfig;
  readonly #makeNode: (address: string) => ClusterNode;
  readonly #nodes = new Map<string, ClusterNode>();
  readonly #leaving = new Set<ClusterNode>();
  #map: SlotMap | null = null;
  #refreshing: Promise<SlotMap> | null = null;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(config: RedisClusterConfig, makeNode: (address: string) => ClusterNode) {
    this.#config = config;
    this.#makeNode = makeNode;
  }

  /** Null until a server has told. */
  get map(): SlotMap | null {
    return this.#map;
  }

  /** How long ago it was told. */
  get mapAgeMs(): number {
    return performance.now() - this.#refreshedAt;
  }

  /** The connection to a server, which is made where there is none. */
  node(address: string): ClusterNode {
    const known = this.#nodes.get(address);
    if (known !== undefined) return known;
    if (this.#closed) throw new CacheUnavailableError('The connection to the Redis Cluster was closed.');
    const node = this.#makeNode(address);
    this.#nodes.set(address, node);
    node.open();
    return node;
  }

  /** @throws CacheUnavailableError when no server has the slot, or none tells which */
  async ownerOf(slot: number): Promise<ClusterNode> {
    const address = (this.#map ?? (await this.refresh())).ownerOf(slot);
    if (address !== undefined) return this.node(address);
    this.refreshSoon();
    throw new CacheUnavailableError(`No server of the Redis Cluster has slot ${slot}.`);
  }

  /** All that a key may be on. */
  async inCharge(): Promise<readonly ClusterNode[]> {
    const { masters } = this.#map ?? (await this.refresh());
    const now = performance.now();
    const asked = [...this.#nodes.values()].filter(
      ({ address, askedAt }) => !masters.has(address) && now - askedAt < ASKED_KEPT_MS,
    );
    return [...[...masters].map((address) => this.node(address)), ...asked];
  }

  moved(slot: number, address: string): void {
    this.#map?.moved(slot, address);
    this.refreshSoon();
  }

  /**
   * Asks all servers where the slots are, and takes the newest answer: one that was cut off from the others may not know.
   *
   * @throws CacheUnavailableError when none answers
   */
  refresh(): Promise<SlotMap> {
    this.#refreshing ??= this.#learn().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /** The same, without waiting, and not too often. */
  refreshSoon(): void {
    if (this.#closed || this.#refreshing !== null || this.mapAgeMs < MIN_REFRESH_MS) return;
    // Where it fails, the next command that goes astray asks again.
    this.refresh().catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    for (const node of [...this.#nodes.values(), ...this.#leaving]) node.close();
    this.#nodes.clear();
    this.#leaving.clear();
  }

  async #learn(): Promise<SlotMap> {
    const told = await Promise.all([...this.#nodes.values()].map(mapOf));
    let newest: SlotMap | null = null;
    for (const map of told) if (map !== null && map.epoch >= (newest?.epoch ?? 0)) newest = map;
    const map = newest ?? (await this.#mapOfSeeds());
    this.#map = map;
    this.#refreshedAt = performance.now();
    for (const address of map.masters) this.node(address);
    this.#forgetOthers(map.masters);
    return map;
  }

  #forgetOthers(masters: ReadonlySet<string>): void {
    for (const [address, node] of this.#nodes) {
      if (masters.has(address) || performance.now() - node.askedAt < ASKED_KEPT_MS) continue;
      this.#nodes.delete(address);
      this.#leaving.add(node);
      // What was sent to it a moment ago is still answered, if only by telling who has the slot now.
      void systemClock.rest(this.#config.commandTimeoutMs).then(() => {
        this.#leaving.delete(node);
        node.close();
      });
    }
  }

  async #mapOfSeeds(): Promise<SlotMap> {
    const reasons: string[] = [];
    await loadNodeRedis();
    for (const url of this.#config.urls) {
      const client = makeClient({ ...this.#config, url }, { reconnects: false });
      // What it emits, `connect` rejects with.
      client.on('error', () => undefined);
      try {
        await client.connect();
        const asked = client.eval(CLUSTER_MAP.source, { keys: [], arguments: [] });
        const answer = await withinMs(this.#config.commandTimeoutMs, asked);
        if (answer.inTime) return new SlotMap(answer.value, new URL(url).hostname);
        reasons.push('no answer');
      } catch (error) {
        reasons.push(error instanceof Error ? error.message || error.name : String(error));
      } finally {
        if (client.isOpen) client.destroy();
      }
    }
    throw new CacheUnavailableError(
      `No server of the Redis Cluster tells where the slots are: ${reasons.join('; ')}. Are they servers of a cluster?`,
    );
  }
}

/** Null where it does not tell in time. */
async function mapOf(node: ClusterNode): Promise<SlotMap | null> {
  try {
    const told = await withinMs(MAP_WITHIN_MS, node.map());
    return told.inTime && told.value.masters.size > 0 ? told.value : null;
  } catch {
    // Away, or no longer of the cluster: the others are asked as well.
    return null;
  }
}
