import { withinMs } from '../../../database/index.js';
import { CacheUnavailableError } from '../../../errors.js';
import { systemClock } from '../../clock.js';
import { newEpoch } from '../../epoch.js';
import type { KeySpace } from '../../keys.js';
import type { NewServer } from '../redis-connection.js';
import { CLUSTER_IDENTIFY } from '../scripts.js';
import type { ClusterNode, Who } from './cluster-node.js';
import type { Router } from './router.js';
import { slotOf } from './slots.js';
import type { Topology } from './topology.js';

/** Of so many servers, the last ones seen, it is known that what they hold is not from another time. */
const KNOWN_SERVERS = '100';
const ADMISSION_PAUSE_MS = 25;
/** Where the slots are is asked that often, even where nothing says that they have moved. */
const MAP_KEPT_MS = 1_000;
/** How often the map may turn out to be old in one survey. */
const MAX_ROUNDS = 4;

/**
 * Knows of all servers of a cluster that they answer, and that what they hold is not from another time. One that nobody has
 * seen before (restarted, promoted, or new) makes everything invalid that any of them holds, before it is asked for anything.
 */
export class Survey {
  readonly #topology: Topology;
  readonly #router: Router;
  readonly #keys: KeySpace;
  readonly #commandTimeoutMs: number;
  #admissions = 0;
  /** Whether this process was the first to see any server of this cluster. */
  #first = false;
  /** Whether it was the first to see one that came later than others. */
  #changed = false;

  constructor(topology: Topology, router: Router, keys: KeySpace, commandTimeoutMs: number) {
    this.#topology = topology;
    this.#router = router;
    this.#keys = keys;
    this.#commandTimeoutMs = commandTimeoutMs;
  }

  /**
   * How many servers have been admitted so far. What one of them says that was admitted during a read is to be read again: the
   * versions may have been read before everything became invalid.
   */
  get admissions(): number {
    return this.#admissions;
  }

  /**
   * Resolves when all servers have answered, and are those that this process knows.
   *
   * @throws CacheUnavailableError when one is away, or was not admitted
   */
  async run(): Promise<void> {
    if (this.#topology.mapAgeMs > MAP_KEPT_MS) await this.#topology.refresh();
    for (let round = 1; ; round += 1) {
      const nodes = await this.#topology.inCharge();
      const failed = await this.#lookAt(nodes);
      if (failed === null) return;
      // Perhaps another has taken its place already.
      await this.#topology.refresh();
      const unchanged = same(nodes, await this.#topology.inCharge());
      if (unchanged || round === MAX_ROUNDS) throw failed;
    }
  }

  /** True once: where nobody has seen this cluster before, or only it as it is now, and all servers were up for long. */
  takeWasUp(nodes: readonly ClusterNode[]): boolean {
    const wereUp = nodes.map((node) => node.takeWasUp());
    return wereUp.length > 0 && wereUp.every(Boolean) && !this.#changed;
  }

  /** Has a new connection used when its server is known to the cluster. */
  async admit(node: ClusterNode, { isCurrent }: NewServer): Promise<void> {
    while (isCurrent()) {
      try {
        const who = await node.who();
        // A replica is asked for nothing; it may be promoted.
        if (who.isMaster) {
          await this.#register(node, who);
          return;
        }
      } catch (error) {
        // Without the server of the registry nobody is admitted, and nothing is asked for anyway.
        if (!isCurrent()) throw error;
      }
      node.giveUp();
      await systemClock.rest(ADMISSION_PAUSE_MS);
    }
  }

  /** Null when all is well, else why not. */
  async #lookAt(nodes: readonly ClusterNode[]): Promise<Error | null> {
    try {
      const seen = await Promise.all(nodes.map((node) => this.#whoInTime(node)));
      const { map } = this.#topology;
      if (seen.some(({ epoch }) => epoch > (map?.epoch ?? 0))) await this.#topology.refresh();
      const now = await this.#topology.inCharge();
      return same(nodes, now) ? null : new CacheUnavailableError('The servers of the Redis Cluster change.');
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async #whoInTime(node: ClusterNode): Promise<Who> {
    await node.settled;
    const answer = await withinMs(
      this.#commandTimeoutMs,
      node.ping().then(() => node.who()),
    );
    if (!answer.inTime)
      throw new CacheUnavailableError(`The Redis at ${node.address} does not answer in time.`);
    const who = answer.value;
    if (!who.isMaster) throw new CacheUnavailableError(`The Redis at ${node.address} is a replica now.`);
    // A replica and a master again, without the connection having been lost.
    if (who.identity !== node.identity) await this.#register(node, who);
    return who;
  }

  async #register(node: ClusterNode, who: Who): Promise<void> {
    const { registry, identity, namespace } = this.#keys;
    const { answer } = await this.#router.runInSlot({
      slot: slotOf(registry),
      script: CLUSTER_IDENTIFY,
      keys: [`${identity}s`, namespace.version, registry],
      args: () => [who.identity, newEpoch(), KNOWN_SERVERS],
      unadmitted: true,
    });
    if (answer === 2) this.#first = true;
    else if (answer === 1 && !this.#first) this.#changed = true;
    node.identity = who.identity;
    this.#admissions += 1;
  }
}

function same(one: readonly ClusterNode[], other: readonly ClusterNode[]): boolean {
  return one.length === other.length && other.every((node) => one.includes(node));
}
