import { performance } from 'node:perf_hooks';
import { CacheUnavailableError } from '../../errors.js';
import { newEpoch } from '../epoch.js';
import type { KeySpace } from '../keys.js';
import { encodeChange, endOf } from './announcement.js';
import type { RedisConnection } from './redis-connection.js';
import { FENCE, FILL, LEAVE, LIFT, PULSE, READ, type RedisScript } from './scripts.js';
import {
  type Announced,
  type Awaited,
  type EntryKey,
  type Fill,
  fencesOf,
  type Guard,
  type PulseReply,
  type PulseRequest,
  type ReadOutcome,
  type ReadReply,
  type Scope,
  type SharedStore,
  type Targets,
} from './shared-store.js';

const FENCED: ReadOutcome = Object.freeze({ kind: 'fenced' });
const BUSY: ReadOutcome = Object.freeze({ kind: 'busy' });
const LEASE: ReadOutcome = Object.freeze({ kind: 'lease' });
const ABSENT: ReadOutcome = Object.freeze({ kind: 'absent' });

const VALUE = 'V'.charCodeAt(0);
const FENCE_MARK = 'F'.charCodeAt(0);
const BUSY_MARK = 'B'.charCodeAt(0);
const ABSENT_MARK = 'N'.charCodeAt(0);

// A version that nothing was filled under yet: longer than a lease, so that the lease's fill still finds it.
const NEW_VERSION_MS = 60_000;
// An empty registry is taken for one that was lost, so it outlives any silence of a fleet that comes back.
const REGISTRY_KEPT_MS = 3_600_000;
// The server's clock is known by a pulse, whose answer took some time.
const CLOCK_MARGIN_MS = 200;
const NO_PROCESS = new Set(['born', 'up', 'last']);

/** The shared cache in one Redis server: each operation is one script, and so one round trip. */
export class RedisStore implements SharedStore {
  readonly kind = 'redis';
  readonly #connection: RedisConnection;
  readonly #keys: KeySpace;
  readonly #process: string;
  readonly #commandTimeoutMs: number;
  /** By how much the server's clock is ahead of `performance.now()`; null until it was heard of. */
  #aheadMs: number | null = null;

  /**
   * @param process the name of this process, which no other has
   * @param commandTimeoutMs how long an answer is waited for
   */
  constructor(connection: RedisConnection, keys: KeySpace, process: string, commandTimeoutMs: number) {
    this.#commandTimeoutMs = commandTimeoutMs;
    this.#connection = connection;
    this.#keys = keys;
    this.#process = process;
  }

  connect(): Promise<void> {
    return this.#connection.open();
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  ping(): Promise<void> {
    return this.#connection.ping();
  }

  async read(scope: Scope, keys: readonly EntryKey[], token: string, leaseMs: number): Promise<ReadReply> {
    const { guards, absence, keyed, shape } = scope;
    const reply = await this.#runInTime(
      READ,
      [
        ...guards.map((guard) => guard.version),
        ...guards.slice(1).map((guard) => guard.fences),
        ...(absence === null ? [] : [absence.version, absence.fences]),
        ...(keyed ? keys.flatMap((key) => [key, fencesOf(key)]) : keys),
      ],
      [
        token,
        String(leaseMs),
        String(guards.length),
        absence === null ? '0' : '1',
        keyed ? '1' : '0',
        shape,
        String(NEW_VERSION_MS),
        ...guards.map(newEpoch),
        newEpoch(),
        ruleOf(guards),
        this.#deadline(),
      ],
    );
    if (!Array.isArray(reply) || reply.length !== keys.length + 2) throw unexpected('read', reply);
    const [prefix, missing, ...entries] = reply as [Buffer, Buffer, ...Buffer[]];
    const valueAt = 1 + prefix.length;
    return {
      versions: { prefix: prefix.toString(), absence: missing.toString() },
      outcomes: entries.map((entry) => outcomeOf(entry, valueAt)),
    };
  }

  async fill(scope: Scope, fills: readonly Fill[]): Promise<number> {
    const { guards, absence, shape } = scope;
    const reply = await this.#connection.run(
      FILL,
      [
        ...guards.map((guard) => guard.version),
        ...(absence === null ? [] : [absence.version]),
        ...fills.map((fill) => fill.key),
      ],
      [
        String(guards.length),
        absence === null ? '0' : '1',
        shape,
        ruleOf(guards),
        ...fills.flatMap(({ token, versions, value, ttlMs }) => [
          token,
          versions.prefix,
          value === null ? '' : value === 'absent' ? 'N' : 'V',
          String(ttlMs),
          value === null ? '' : value === 'absent' ? versions.absence : value,
        ]),
      ],
    );
    if (typeof reply !== 'number') throw unexpected('fill', reply);
    return reply;
  }

  async fence(targets: Targets, token: string, fenceMs: number): Promise<Announced> {
    const reply = await this.#runInTime(FENCE, this.#targetKeys(targets), [
      token,
      String(fenceMs),
      String(targets.keys.length),
      this.#keys.channel,
      encodeChange(token, targets),
      this.#deadline(),
      ...targets.guards.map(newEpoch),
      ruleOf(targets.guards),
    ]);
    const announced = this.#announced(reply);
    if (announced === null) throw unexpected('fence', reply);
    return announced;
  }

  async lift(targets: Targets, token: string): Promise<Announced | null> {
    const reply = await this.#connection.run(LIFT, this.#targetKeys(targets), [
      token,
      String(targets.keys.length),
      this.#keys.channel,
      encodeChange(endOf(token), targets),
      ...targets.guards.map(newEpoch),
      ruleOf(targets.guards),
    ]);
    return this.#announced(reply);
  }

  async pulse(request: PulseRequest): Promise<PulseReply> {
    const reply = await this.#connection.run(
      PULSE,
      [this.#keys.registry],
      [
        this.#process,
        request.strict ? 'S' : '-',
        String(request.leaseMs),
        request.channel,
        request.heartbeat,
        String(request.maxGapMs),
        this.#connection.takeServerWasUp() ? '1' : '0',
        String(REGISTRY_KEPT_MS),
      ],
    );
    if (!Array.isArray(reply) || !Array.isArray(reply[2])) throw unexpected('pulse', reply);
    const nowMs = Number(reply[0]);
    this.#aheadMs = nowMs - performance.now();
    const alive = (reply[2] as unknown[]).map(String).sort();
    return {
      upForMs: nowMs - Number(reply[1]),
      rank: alive.indexOf(this.#process),
      count: alive.length,
      nowMs,
    };
  }

  /** Runs a script that refuses to come late. */
  async #runInTime(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await this.#connection.run(script, keys, args);
    } catch (error) {
      // Perhaps the server's clock was set, and this is not late at all: the next pulse will tell.
      if (error instanceof Error && error.message.startsWith('LATE')) this.#aheadMs = null;
      throw error;
    }
  }

  /** When this process will have given a command up that it sends now, on the server's clock. */
  #deadline(): string {
    if (this.#aheadMs === null) return '0';
    return String(Math.ceil(performance.now() + this.#aheadMs + this.#commandTimeoutMs + CLOCK_MARGIN_MS));
  }

  async leave(): Promise<void> {
    await this.#connection.run(LEAVE, [this.#keys.registry], [this.#process]);
  }

  #targetKeys({ keys, guards }: Targets): string[] {
    return [
      this.#keys.registry,
      ...keys.flatMap((key) => [key, fencesOf(key)]),
      ...guards.flatMap((guard) => [guard.version, guard.fences]),
    ];
  }

  /** Null for an empty reply: there was nothing to announce. */
  #announced(reply: unknown): Announced | null {
    if (!Array.isArray(reply)) throw unexpected('fence or lift', reply);
    if (reply.length === 0) return null;
    const [heard, time, registry] = reply as [number, Buffer, Buffer[]];
    const now = Number(time);
    const awaited: Awaited[] = [];
    let born = now;
    for (let i = 0; i + 1 < registry.length; i += 2) {
      const name = String(registry[i]);
      const state = String(registry[i + 1]);
      if (name === 'born') born = Number(state);
      if (NO_PROCESS.has(name) || name === this.#process || !state.startsWith('S')) continue;
      const withinMs = Number(state.slice(1)) - now;
      if (withinMs > 0) awaited.push({ process: name, withinMs });
    }
    return { awaited, heard, registryAgeMs: now - born };
  }
}

/** The rule by which changes of the last guard are told apart, or none. */
function ruleOf(guards: readonly Guard[]): string {
  return guards.at(-1)?.rule ?? '';
}

function outcomeOf(entry: Buffer, valueAt: number): ReadOutcome {
  switch (entry[0]) {
    case VALUE:
      return { kind: 'hit', value: entry.subarray(valueAt) };
    case FENCE_MARK:
      return FENCED;
    case BUSY_MARK:
      return BUSY;
    case ABSENT_MARK:
      return ABSENT;
    default:
      return LEASE;
  }
}

function unexpected(operation: string, reply: unknown): CacheUnavailableError {
  return new CacheUnavailableError(`Redis gave no usable answer to "${operation}". Is it Redis 7 or later?`, {
    context: { operation, replyType: Array.isArray(reply) ? `array of ${reply.length}` : typeof reply },
  });
}
