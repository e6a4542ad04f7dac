import { performance } from 'node:perf_hooks';
import { CacheUnavailableError } from '../../../errors.js';
import { systemClock } from '../../clock.js';
import { escapePattern } from '../link-runner.js';
import { unexpectedAnswer } from '../redis-answers.js';
import type { EachCall, EachRunner, ScriptArgument } from '../redis-link.js';
import { type RedisScript, SCAN } from '../scripts.js';
import type { ClusterNode } from './cluster-node.js';
import { hostOf, type Redirection, redirectionIn } from './redirection.js';
import type { SlotMap } from './slot-map.js';
import { slotOf } from './slots.js';
import type { Topology } from './topology.js';

/** Servers that send one another the same command do not agree yet who has the slot. */
const MAX_REDIRECTIONS = 6;
const UNSTABLE_PAUSE_MS = 3;
// As in link-runner.ts: a step takes a server less than half a millisecond.
const SCANNED_AT_ONCE = '500';
/** A walk through all keys begins anew when slots have moved meanwhile, but not for ever. */
const MAX_WALKS = 5;

/** A script whose keys are all in one slot. */
export interface SlotCall {
  readonly slot: number;
  readonly script: RedisScript;
  readonly keys: readonly string[];
  /** What it is given depends on who runs it. */
  readonly args: (node: ClusterNode) => readonly ScriptArgument[];
  /** Whether it may go to a server that was not admitted. @default false */
  readonly unadmitted?: boolean;
}

/** What a script answered, and where it ran. */
export interface Served {
  readonly answer: unknown;
  readonly node: ClusterNode;
}

/** Work for many keys in a cluster. */
export interface ClusterCall extends EachCall {
  /** The answer for items of several keys of which some are on their way to another server; else it is waited. */
  readonly whileMoving?: unknown;
}

/** It is not clear which server has the keys of a slot: some are on another already, or the servers do not agree. */
class UnstableSlotError extends CacheUnavailableError {}

/**
 * Sends scripts to the servers that have their keys, and follows slots that move. All parts of one call are sent at once,
 * so it costs one round trip to each server.
 */
export class Router implements EachRunner {
  readonly #topology: Topology;
  readonly #commandTimeoutMs: number;

  constructor(topology: Topology, commandTimeoutMs: number) {
    this.#topology = topology;
    this.#commandTimeoutMs = commandTimeoutMs;
  }

  /** @throws CacheUnavailableError when the server of the slot is away, or the slot moves for longer than a command may take */
  async runInSlot(call: SlotCall): Promise<Served> {
    const until = performance.now() + this.#commandTimeoutMs;
    for (;;) {
      try {
        return await this.#follow(call);
      } catch (error) {
        if (!(error instanceof UnstableSlotError) || performance.now() > until) throw error;
        await systemClock.sleep(UNSTABLE_PAUSE_MS);
      }
    }
  }

  async runEach(call: ClusterCall): Promise<readonly unknown[]> {
    const bySlot = new Map<number, number[]>();
    call.items.forEach(({ keys: [key = ''] }, place) => {
      const slot = slotOf(key);
      const places = bySlot.get(slot);
      if (places === undefined) bySlot.set(slot, [place]);
      else places.push(place);
    });
    const answers: unknown[] = new Array(call.items.length);
    await Promise.all(
      [...bySlot].map(async ([slot, places]) => {
        const part = await this.#runPart(call, slot, places);
        places.forEach((place, at) => {
          answers[place] = part[at];
        });
      }),
    );
    return answers;
  }

  async *scan(beginning: string): AsyncIterable<readonly string[]> {
    const pattern = `${escapePattern(beginning)}*`;
    let before: SlotMap | null = null;
    for (let walk = 0; walk < MAX_WALKS; walk += 1) {
      const map = await this.#topology.refresh();
      if (before?.equals(map)) return;
      before = map;
      for (const node of await this.#topology.inCharge()) yield* scanned(node, pattern);
    }
  }

  /** The part of a call that is in one slot. */
  async #runPart(call: ClusterCall, slot: number, places: readonly number[]): Promise<readonly unknown[]> {
    const only = call.items[places[0] ?? 0];
    const separable = only?.keys.length === 1 && places.length > 1;
    if (!separable && call.whileMoving === undefined) return this.#runTogether(call, slot, places, true);
    try {
      return await this.#runTogether(call, slot, places, false);
    } catch (error) {
      if (!(error instanceof UnstableSlotError)) throw error;
      if (call.whileMoving !== undefined) return places.map(() => call.whileMoving);
    }
    // One key is always on one server. One after the other, since their order may matter.
    const answers: unknown[] = [];
    for (const place of places) answers.push(...(await this.#runTogether(call, slot, [place], true)));
    return answers;
  }

  async #runTogether(
    call: ClusterCall,
    slot: number,
    places: readonly number[],
    patiently: boolean,
  ): Promise<readonly unknown[]> {
    const items = places.map((place) => call.items[place] ?? NO_ITEM);
    const [first = NO_ITEM] = items;
    const shape = [first.keys.length, first.args.length, call.common.length].map(String);
    const rest = [...shape, ...call.common, ...items.flatMap((item) => item.args)];
    const inSlot: SlotCall = {
      slot,
      script: call.script,
      keys: items.flatMap((item) => item.keys),
      args: ({ clock }) => [call.inTime === true ? clock.deadline() : '0', ...rest],
    };
    const { answer } = await (patiently ? this.runInSlot(inSlot) : this.#follow(inSlot));
    if (!Array.isArray(answer) || answer.length !== items.length) throw unexpectedAnswer('each', answer);
    return answer;
  }

  /** Runs a script on whichever server turns out to have the slot. */
  async #follow(call: SlotCall): Promise<Served> {
    let node = await this.#topology.ownerOf(call.slot);
    let asking = false;
    for (let hops = 0; ; hops += 1) {
      try {
        return { answer: await runOn(node, call, asking), node };
      } catch (error) {
        const redirection = redirectionIn(error, hostOf(node.address));
        if (redirection === null) {
          // Where its server is away, another may have the slot soon.
          this.#topology.refreshSoon();
          throw error;
        }
        if (redirection.kind === 'unstable' || hops === MAX_REDIRECTIONS) throw unstable(call.slot, error);
        node = this.#next(redirection);
        asking = redirection.kind === 'ask';
      }
    }
  }

  #next(redirection: Exclude<Redirection, { kind: 'unstable' }>): ClusterNode {
    if (redirection.kind === 'moved') this.#topology.moved(redirection.slot, redirection.address);
    const node = this.#topology.node(redirection.address);
    if (redirection.kind === 'ask') node.askedAt = performance.now();
    return node;
  }
}

const NO_ITEM = Object.freeze({ keys: Object.freeze([]), args: Object.freeze([]) });

function unstable(slot: number, cause: unknown): UnstableSlotError {
  return new UnstableSlotError(
    `Slot ${slot} of the Redis Cluster has been on its way to another server for longer than a command may take.`,
    { cause, context: { slot } },
  );
}

async function runOn(node: ClusterNode, call: SlotCall, asking: boolean): Promise<unknown> {
  const { script, keys } = call;
  await (call.unadmitted === true ? node.greeted : node.settled);
  // Not before: they may name the server.
  const args = call.args(node);
  if (asking) return node.runAsking(script, keys, args);
  return call.unadmitted === true ? node.runUnadmitted(script, keys, args) : node.run(script, keys, args);
}

async function* scanned(node: ClusterNode, pattern: string): AsyncIterable<readonly string[]> {
  let cursor = '0';
  do {
    await node.settled;
    const answer = await node.run(SCAN, [], [cursor, pattern, SCANNED_AT_ONCE]);
    if (!Array.isArray(answer) || !Array.isArray(answer[1])) throw unexpectedAnswer('scan', answer);
    cursor = String(answer[0]);
    yield (answer[1] as unknown[]).map(String);
  } while (cursor !== '0');
}
