import { performance } from 'node:perf_hooks';
import type { KeySpace } from '../../keys.js';
import { announcedOf, unexpectedAnswer } from '../redis-answers.js';
import type { ScriptArgument } from '../redis-link.js';
import { ANNOUNCE, LEAVE, PULSE, type RedisScript } from '../scripts.js';
import type { Announced, Awaited, PulseReply, PulseRequest } from '../shared-store.js';
import { type ClusterListener, signed } from './cluster-listener.js';
import type { ClusterNode } from './cluster-node.js';
import type { Router, Served } from './router.js';
import { slotOf } from './slots.js';

// An empty registry is taken for one that was lost, so it outlives any silence of a fleet that comes back.
const REGISTRY_KEPT_MS = 3_600_000;

/**
 * The registry of the processes of a fleet, with which the announcements go: wherever its slot is, they are published there,
 * in one order, each with the name of the server.
 */
export class ClusterRegistry {
  readonly #router: Router;
  readonly #listener: ClusterListener;
  readonly #key: string;
  readonly #channel: string;
  readonly #process: string;
  readonly #slot: number;
  /** How long a process may answer from memory after it was entered; the usual time until one was. */
  #leaseMs = 1_000;
  /** Where it was when it was last sent to, and since when, as far as this process knows. */
  #node: ClusterNode | null = null;
  #runId = '';
  #since = Number.POSITIVE_INFINITY;

  constructor(router: Router, listener: ClusterListener, keys: KeySpace, process: string) {
    this.#router = router;
    this.#listener = listener;
    this.#key = keys.registry;
    this.#channel = keys.channel;
    this.#process = process;
    this.#slot = slotOf(keys.registry);
  }

  /** Null until something was sent to it. */
  get node(): ClusterNode | null {
    return this.#node;
  }

  async pulse(request: PulseRequest, wasUp: boolean): Promise<PulseReply> {
    this.#leaseMs = request.leaseMs;
    const answer = await this.#run(PULSE, ({ runId }) => [
      this.#process,
      request.strict ? 'S' : '-',
      String(request.leaseMs),
      request.channel,
      request.heartbeat === '' ? '' : signed(runId, request.heartbeat),
      String(request.maxGapMs),
      wasUp ? '1' : '0',
      String(REGISTRY_KEPT_MS),
    ]);
    if (!Array.isArray(answer) || !Array.isArray(answer[2])) throw unexpectedAnswer('pulse', answer);
    const nowMs = Number(answer[0]);
    const alive = (answer[2] as unknown[]).map(String).sort();
    return {
      upForMs: nowMs - Number(answer[1]),
      rank: alive.indexOf(this.#process),
      count: alive.length,
      nowMs,
    };
  }

  async announce(message: string): Promise<Announced> {
    const answer = await this.#run(ANNOUNCE, ({ runId }) => [this.#channel, signed(runId, message)]);
    const announced = announcedOf(answer, this.#process);
    const fields = Array.isArray(answer) ? (answer[2] as unknown) : null;
    if (announced === null || !Array.isArray(fields)) throw unexpectedAnswer('announce', answer);
    return this.#cautiously(announced, fields.map(String));
  }

  async leave(): Promise<void> {
    await this.#run(LEAVE, () => [this.#process]);
  }

  /**
   * Says what the registry cannot know. One that was made anew may lack processes that listen on another server still. And the
   * times in one that moved are of another clock, so that all in it may have a whole lease left.
   */
  #cautiously(announced: Announced, fields: readonly string[]): Announced {
    const isYoung = announced.registryAgeMs < this.#leaseMs;
    const isFirst = fields[fields.indexOf('up') + 1] === '0';
    const heard = isYoung && !isFirst ? Number.MAX_SAFE_INTEGER : announced.heard;
    if (performance.now() - this.#since > this.#leaseMs) return { ...announced, heard };
    const awaited: Awaited[] = [];
    for (let i = 0; i + 1 < fields.length; i += 2) {
      const process = fields[i] ?? '';
      if (process === this.#process || !fields[i + 1]?.startsWith('S')) continue;
      const { withinMs = 0 } = announced.awaited.find((one) => one.process === process) ?? {};
      awaited.push({ process, withinMs: Math.max(withinMs, this.#leaseMs) });
    }
    return { ...announced, heard, awaited };
  }

  async #run(script: RedisScript, args: (node: ClusterNode) => readonly ScriptArgument[]): Promise<unknown> {
    const served = await this.#router.runInSlot({ slot: this.#slot, script, keys: [this.#key], args });
    this.#note(served);
    return served.answer;
  }

  #note({ node }: Served): void {
    if (node !== this.#node || node.runId !== this.#runId) this.#since = performance.now();
    this.#node = node;
    this.#runId = node.runId;
    this.#listener.follow(node);
  }
}
