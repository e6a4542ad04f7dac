import { expect } from '@jest/globals';
import { KeySpace } from '../../src/cache/keys.js';
import type { Scope } from '../../src/cache/store/shared-store.js';
import { eventually } from './eventually.js';
import {
  type LocalRedisCluster,
  type LocalRedisClusterOptions,
  type OpenClusterStore,
  openClusterStore,
  startRedisCluster,
} from './redis-cluster.js';
import { sharedRedis } from './servers.js';

export const LONG_MS = 60_000;
export const IDS: readonly string[] = Array.from({ length: 10 }, (_, n) => String(n));

const users = { table: 'users', schema: null };

/** A cluster of the test's own, the keys of one test, and the processes that use them. */
export class ClusterBench {
  readonly cluster: LocalRedisCluster;
  keys = new KeySpace(sharedRedis().keyPrefix);
  readonly #opened: OpenClusterStore[] = [];

  constructor(cluster: LocalRedisCluster) {
    this.cluster = cluster;
  }

  static async start(options: LocalRedisClusterOptions = {}): Promise<ClusterBench> {
    // Where none is to take the place of another, no server is given up because a busy machine stopped it.
    const nodeTimeoutMs = (options.replicas ?? 0) > 0 ? {} : { nodeTimeoutMs: 60_000 };
    return new ClusterBench(await startRedisCluster({ ...nodeTimeoutMs, ...options }));
  }

  /** Ends the processes; the next ones have other keys. */
  async renew(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map(({ store }) => store.close()));
    this.keys = new KeySpace(sharedRedis().keyPrefix);
  }

  async stop(): Promise<void> {
    await this.renew();
    await this.cluster.stop();
  }

  get scope(): Scope {
    // One object for all processes, as one process has one.
    if (this.#scope?.guards[0] !== this.keys.namespace) {
      this.#scope = {
        guards: [this.keys.namespace, this.keys.rows(users)],
        absence: this.keys.absence(users),
        shape: 'shape--1',
        keyed: true,
      };
    }
    return this.#scope;
  }
  #scope: Scope | null = null;

  get rows() {
    return this.keys.rows(users);
  }

  keyOf(id: string): string {
    return this.keys.entity(users, id);
  }

  on(...ids: readonly string[]) {
    return { keys: ids.map((id) => this.keyOf(id)), guards: [] };
  }

  async join(name: string): Promise<OpenClusterStore> {
    const process = await openClusterStore(this.cluster, this.keys, name);
    this.#opened.push(process);
    return process;
  }

  /** Takes the leases and fills them. */
  async put({ store }: Pick<OpenClusterStore, 'store'>, ids: readonly string[], value = 1): Promise<void> {
    const { versions, outcomes } = await store.read(this.scope, this.on(...ids).keys, 'putter', LONG_MS);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['lease']));
    expect(await store.fill(this.scope, this.fills(ids, 'putter', versions, value))).toBe(ids.length);
  }

  fills(
    ids: readonly string[],
    token: string,
    versions: { readonly prefix: string; readonly absence: string },
    value = 1,
  ) {
    return ids.map((id) => ({
      key: this.keyOf(id),
      token,
      versions,
      value: Uint8Array.of(value),
      ttlMs: LONG_MS,
    }));
  }

  async look({ store }: OpenClusterStore, ids: readonly string[] = IDS): Promise<readonly string[]> {
    const { outcomes } = await store.read(this.scope, this.on(...ids).keys, 'looker', LONG_MS);
    return outcomes.map(({ kind }) => kind);
  }

  /** All that reads give until two have been answered, of which the first may have been put off. */
  async seenUntilAnswered(
    process: OpenClusterStore,
    ids: readonly string[] = IDS,
  ): Promise<ReadonlySet<string>> {
    const seen = new Set<string>();
    for (let answered = 0; answered < 2; answered += 1) {
      const kinds = await eventually(
        () => this.look(process, ids).catch(() => []),
        (given) => given.length > 0,
        20_000,
      );
      for (const kind of kinds) seen.add(kind);
    }
    return seen;
  }

  pulse({ store }: Pick<OpenClusterStore, 'store'>, heartbeat = '') {
    const { channel } = this.keys;
    return store.pulse({ strict: true, leaseMs: LONG_MS, channel, heartbeat, maxGapMs: LONG_MS });
  }
}
