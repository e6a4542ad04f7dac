import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'redis';
import { freePort } from './free-port.js';
import { type LocalRedis, startRedis } from './local-redis.js';

/** What kind of cluster to start. */
export interface LocalRedisClusterOptions {
  /** @default 3 */
  readonly masters?: number;
  /** Of each master. @default 0 */
  readonly replicas?: number;
  /** After how much silence a master counts as lost. @default 1_500 */
  readonly nodeTimeoutMs?: number;
  /** Masters without slots. @default 0 */
  readonly spares?: number;
}

const SLOTS = 16_384;
const START_MS = 20_000;
const MIGRATED_AT_ONCE = '100';

/** One server of a cluster, and what tests tell it. */
export class LocalClusterNode {
  readonly server: LocalRedis;
  readonly busPort: number;
  readonly id: string;
  readonly #client: ReturnType<typeof makeClient>;

  constructor(server: LocalRedis, busPort: number, id: string, client: ReturnType<typeof makeClient>) {
    this.server = server;
    this.busPort = busPort;
    this.id = id;
    this.#client = client;
  }

  /** Sends a command to this server, wherever the keys are that it names. */
  async tell(...command: string[]): Promise<unknown> {
    return this.#client.sendCommand(command);
  }

  async stop(): Promise<void> {
    this.#client.destroy();
    await this.server.stop();
  }
}

/** A Redis Cluster of one's own: processes on 127.0.0.1, and all slots among the masters. */
export class LocalRedisCluster {
  readonly masters: readonly LocalClusterNode[];
  readonly replicas: readonly LocalClusterNode[];
  readonly spares: readonly LocalClusterNode[];

  constructor(
    masters: readonly LocalClusterNode[],
    replicas: readonly LocalClusterNode[],
    spares: readonly LocalClusterNode[],
  ) {
    this.masters = masters;
    this.replicas = replicas;
    this.spares = spares;
  }

  get nodes(): readonly LocalClusterNode[] {
    return [...this.masters, ...this.replicas, ...this.spares];
  }

  /** The servers that a client may be told of. */
  get urls(): readonly string[] {
    return this.masters.map(({ server }) => server.url);
  }

  async slotOf(key: string): Promise<number> {
    return Number(await this.#any().tell('CLUSTER', 'KEYSLOT', key));
  }

  /** Who has a slot, as this server says. */
  async ownerOf(slot: number, said: LocalClusterNode = this.#any()): Promise<LocalClusterNode> {
    const ranges = (await said.tell('CLUSTER', 'SLOTS')) as [number, number, [string, number, string]][];
    const range = ranges.find(([first, last]) => first <= slot && slot <= last);
    const owner = this.nodes.find(({ id }) => id === range?.[2][2]);
    if (owner === undefined) throw new Error(`Nobody has slot ${slot}.`);
    return owner;
  }

  /** Who says of itself that it has a slot: for a moment after a move, others may say another one. */
  async #claimantOf(slot: number): Promise<LocalClusterNode> {
    const nodes = [...this.masters, ...this.spares];
    for (const deadline = performance.now() + START_MS; ; await delay(20)) {
      const claims = await Promise.all(
        nodes.map(async (node) => (await this.ownerOf(slot, node).catch(() => null)) === node),
      );
      const [claimant, ...more] = nodes.filter((_, place) => claims[place]);
      if (claimant !== undefined && more.length === 0) return claimant;
      if (performance.now() > deadline) throw new Error(`The masters do not agree who has slot ${slot}.`);
    }
  }

  /** Moves a slot with all that is in it. */
  async moveSlot(slot: number, to: LocalClusterNode): Promise<void> {
    const from = await this.#claimantOf(slot);
    if (from === to) return;
    await this.beginMove(slot, from, to);
    await this.moveKeys(slot, from, to);
    await this.endMove(slot, from, to);
  }

  /** From now on what is not on the one any more is asked of the other. */
  async beginMove(slot: number, from: LocalClusterNode, to: LocalClusterNode): Promise<void> {
    await to.tell('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', from.id);
    await from.tell('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', to.id);
  }

  /** Moves the keys of a slot that are on a server, or those among them that are named. */
  async moveKeys(
    slot: number,
    from: LocalClusterNode,
    to: LocalClusterNode,
    only?: readonly string[],
  ): Promise<void> {
    for (;;) {
      const keys =
        only ??
        ((await from.tell('CLUSTER', 'GETKEYSINSLOT', String(slot), MIGRATED_AT_ONCE)) as readonly string[]);
      if (keys.length === 0) return;
      await from.tell('MIGRATE', '127.0.0.1', String(to.server.port), '', '0', '5000', 'KEYS', ...keys);
      if (only !== undefined) return;
    }
  }

  async endMove(slot: number, from: LocalClusterNode, to: LocalClusterNode): Promise<void> {
    // The new owner first, so that the slot is never without one.
    for (const node of [to, from, ...this.masters.filter((other) => other !== to && other !== from)]) {
      await node.tell('CLUSTER', 'SETSLOT', String(slot), 'NODE', to.id);
    }
    await this.settled();
  }

  /**
   * Resolves when the masters answer everywhere, and know the same. Who takes the next slot over numbers its knowledge by what it has heard of; were
   * two to take the same number, they would not agree who has what.
   */
  async settled(): Promise<void> {
    await until(async () => {
      const infos = await Promise.all(this.masters.map((node) => node.tell('CLUSTER', 'INFO')));
      const epochs = infos.map((info) => /cluster_current_epoch:(\d+)/.exec(String(info))?.[1]);
      return infos.every((info) => String(info).includes('cluster_state:ok')) && new Set(epochs).size === 1;
    });
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.stop();
  }

  #any(): LocalClusterNode {
    const [first] = this.masters;
    if (first === undefined) throw new Error('A cluster has a master.');
    return first;
  }
}

/** Starts a cluster and resolves when it answers everywhere. */
export async function startRedisCluster(options: LocalRedisClusterOptions = {}): Promise<LocalRedisCluster> {
  const { masters = 3, replicas = 0, spares = 0, nodeTimeoutMs = 1_500 } = options;
  const started: LocalClusterNode[] = [];
  try {
    const all = masters * (1 + replicas) + spares;
    for (let n = 0; n < all; n += 1) started.push(await startNode(nodeTimeoutMs));
    const cluster = new LocalRedisCluster(
      started.slice(0, masters),
      started.slice(masters, masters * (1 + replicas)),
      started.slice(masters * (1 + replicas)),
    );
    await join(cluster);
    return cluster;
  } catch (error) {
    for (const node of started) await node.stop();
    throw error;
  }
}

async function startNode(nodeTimeoutMs: number): Promise<LocalClusterNode> {
  // By default it is the port and 10,000, which may be too high.
  const busPort = await freePort();
  const server = await startRedis({
    settings: {
      'cluster-enabled': 'yes',
      'cluster-node-timeout': String(nodeTimeoutMs),
      'cluster-port': String(busPort),
      'cluster-replica-validity-factor': '0',
      databases: '1',
      'repl-diskless-sync-delay': '0',
    },
  });
  const client = makeClient(server.url);
  // It goes down when a test wants it to; what is told it then fails.
  client.on('error', () => undefined);
  await client.connect();
  const id = String(await client.sendCommand(['CLUSTER', 'MYID']));
  return new LocalClusterNode(server, busPort, id, client);
}

function makeClient(url: string) {
  return createClient({ url, socket: { reconnectStrategy: 50 } });
}

async function join({ masters, replicas, nodes }: LocalRedisCluster): Promise<void> {
  const share = Math.ceil(SLOTS / masters.length);
  const [first] = nodes;
  for (const [n, node] of nodes.entries()) {
    await node.tell('CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1));
    const from = n * share;
    const last = Math.min(from + share, SLOTS) - 1;
    if (n < masters.length) await node.tell('CLUSTER', 'ADDSLOTSRANGE', String(from), String(last));
    if (n > 0) {
      await first?.tell('CLUSTER', 'MEET', '127.0.0.1', String(node.server.port), String(node.busPort));
    }
  }
  await until(async () => {
    const infos = await Promise.all(nodes.map((node) => node.tell('CLUSTER', 'INFO')));
    return infos.every(
      (info) =>
        String(info).includes('cluster_state:ok') &&
        String(info).includes(`cluster_known_nodes:${nodes.length}\r`),
    );
  });
  for (const [n, replica] of replicas.entries()) {
    const master = masters[n % masters.length];
    await replica.tell('CLUSTER', 'REPLICATE', master?.id ?? '');
  }
  await until(async () => {
    const infos = await Promise.all(replicas.map((node) => node.tell('INFO', 'replication')));
    return infos.every((info) => String(info).includes('master_link_status:up'));
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('The servers did not become a cluster in time.');
    await delay(20);
  }
}
