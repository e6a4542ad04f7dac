import { newEpoch } from '../../epoch.js';
import type { ChannelListener, FleetChannel } from '../../fleet/fleet-channel.js';
import type { KeySpace } from '../../keys.js';
import { encodeChange, endOf } from '../announcement.js';
import { EACH_CLUSTER_CHANGE } from '../each-scripts.js';
import {
  type Announced,
  type EntryKey,
  type Fill,
  fencesOf,
  type PulseReply,
  type PulseRequest,
  type ReadReply,
  type Scope,
  type SharedStore,
  type Targets,
} from '../shared-store.js';
import { type StoreReport, storeReport, sumOfReports } from '../store-report.js';
import type { ValueStore } from '../value-store.js';
import { type ClusterListener, signed } from './cluster-listener.js';
import type { ClusterRegistry } from './cluster-registry.js';
import { ClusterValues } from './cluster-values.js';
import { EntryReader } from './entry-reader.js';
import type { Router } from './router.js';
import { slotOf } from './slots.js';
import type { Survey } from './survey.js';
import type { Topology } from './topology.js';

/** What the store stands on. */
export interface ClusterParts {
  readonly topology: Topology;
  readonly router: Router;
  readonly survey: Survey;
  readonly listener: ClusterListener;
  readonly registry: ClusterRegistry;
}

/**
 * The shared cache in a Redis Cluster. Scripts touch one slot only, so that what `RedisStore` does in one step is done in
 * several here, in an order that keeps the promises: versions and entries are read together (see `EntryReader`), fences stand
 * before they are announced, and what was fenced is taken away before its fence.
 */
export class ClusterStore implements SharedStore, FleetChannel {
  readonly kind = 'redis-cluster';
  readonly values: ValueStore;
  readonly #parts: ClusterParts;
  readonly #reader: EntryReader;
  readonly #registryKey: string;

  constructor(parts: ClusterParts, keys: KeySpace) {
    this.#parts = parts;
    this.#registryKey = keys.registry;
    this.#reader = new EntryReader(parts.router, parts.survey);
    const announce = (targets: Targets, token: string) =>
      parts.registry.announce(encodeChange(token, targets));
    this.values = new ClusterValues(parts.router, { announce }, parts.survey);
  }

  async connect(): Promise<void> {
    try {
      const nodes = await this.#parts.topology.inCharge();
      await Promise.all(nodes.map((node) => node.settled));
    } catch {
      // It is away: whatever is asked of it next looks again.
    }
  }

  async close(): Promise<void> {
    this.#parts.listener.close();
    this.#parts.topology.close();
  }

  ping(): Promise<void> {
    return this.#parts.survey.run();
  }

  read(scope: Scope, keys: readonly EntryKey[], token: string, leaseMs: number): Promise<ReadReply> {
    return this.#reader.read(scope, keys, token, leaseMs);
  }

  fill(scope: Scope, fills: readonly Fill[]): Promise<number> {
    return this.#reader.fill(scope, fills);
  }

  async fence(targets: Targets, token: string, fenceMs: number): Promise<Announced> {
    const { keys, guards } = targets;
    await this.#parts.router.runEach({
      script: EACH_CLUSTER_CHANGE,
      common: [String(fenceMs)],
      items: [
        // The fence first: where the steps come apart, nothing is filled after the entry was taken away.
        ...keys.flatMap((key) => [step(fencesOf(key), 'F', token), step(key, 'D')]),
        ...guards.flatMap(({ version, fences, rule = '' }) => [
          step(fences, 'F', rule + token),
          step(version, rule === '' ? 'V' : 'R', newEpoch(), rule),
        ]),
      ],
      inTime: true,
    });
    return this.#parts.registry.announce(encodeChange(token, targets));
  }

  async lift(targets: Targets, token: string): Promise<Announced | null> {
    const { keys, guards } = targets;
    const done = await this.#parts.router.runEach({
      script: EACH_CLUSTER_CHANGE,
      common: ['0'],
      items: [
        ...keys.flatMap((key) => [step(key, 'D'), step(fencesOf(key), 'U', token)]),
        ...guards.flatMap(({ version, fences, rule = '' }) => [
          step(version, rule === '' ? 'V' : 'R', newEpoch(), rule),
          step(fences, 'U', rule + token),
        ]),
      ],
    });
    if (done.every((answer) => answer === 1)) return null;
    return this.#parts.registry.announce(encodeChange(endOf(token), targets));
  }

  /**
   * Only who has heard of all servers says that it is alive. So a server that is away makes a gap in the registry as one
   * server alone does, though the registry may be on another.
   */
  async pulse(request: PulseRequest): Promise<PulseReply> {
    const { survey, topology, registry } = this.#parts;
    await survey.run();
    return registry.pulse(request, survey.takeWasUp(await topology.inCharge()));
  }

  leave(): Promise<void> {
    return this.#parts.registry.leave();
  }

  async inspect(): Promise<StoreReport> {
    const nodes = await this.#parts.topology.inCharge();
    return sumOfReports(await Promise.all(nodes.map((node) => storeReport(node))));
  }

  listen(channels: readonly string[], listener: ChannelListener): void {
    const { topology, listener: own } = this.#parts;
    own.listen(channels, listener);
    const owner = topology.map?.ownerOf(slotOf(this.#registryKey));
    if (owner !== undefined) own.follow(topology.node(owner));
  }

  async publish(channel: string, message: string): Promise<unknown> {
    const { registry, topology } = this.#parts;
    const node = registry.node ?? (await topology.ownerOf(slotOf(this.#registryKey)));
    return node.publish(channel, signed(node.runId, message));
  }
}

/** What `each-cluster-change.lua` does with one key. */
function step(key: string, what: 'D' | 'V' | 'R' | 'F' | 'U', value = '', rule = '') {
  return { keys: [key], args: [what, value, rule] };
}
