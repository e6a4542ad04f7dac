import { newEpoch } from '../epoch.js';
import type { KeySpace } from '../keys.js';
import { encodeChange, endOf } from './announcement.js';
import { LinkRunner } from './link-runner.js';
import { PlainReads, WORTH_IT } from './plain-reads.js';
import { announcedOf, unexpectedAnswer } from './redis-answers.js';
import type { RedisLink, ScriptArgument } from './redis-link.js';
import { ANNOUNCE, FENCE, FILL, LEAVE, LIFT, PULSE, READ, type RedisScript } from './scripts.js';
import { ServerClock } from './server-clock.js';
import {
  type Announced,
  BESIDE_ENTRY,
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
  type StoreKind,
  type Targets,
} from './shared-store.js';
import { type StoreReport, storeReport } from './store-report.js';
import type { ValueStore } from './value-store.js';
import { RedisValues } from './values/redis-values.js';

const FENCED: ReadOutcome = Object.freeze({ kind: 'fenced' });
const BUSY: ReadOutcome = Object.freeze({ kind: 'busy' });
const LEASE: ReadOutcome = Object.freeze({ kind: 'lease' });
const ABSENT: ReadOutcome = Object.freeze({ kind: 'absent' });

/** What stands in place of the length of an entry that is no value: see read.lua. */
const WITHOUT_VALUE: Readonly<Record<number, ReadOutcome>> = {
  [-1]: ABSENT,
  [-2]: FENCED,
  [-3]: BUSY,
  [-4]: LEASE,
};

// A version that nothing was filled under yet: longer than a lease, so that the lease's fill still finds it.
const NEW_VERSION_MS = 60_000;
// An empty registry is taken for one that was lost, so it outlives any silence of a fleet that comes back.
const REGISTRY_KEPT_MS = 3_600_000;

/** The shared cache in one Redis server: each operation is one script, and so one round trip, but for reads: see `PlainReads`. */
export class RedisStore implements SharedStore {
  readonly kind: StoreKind;
  readonly #link: RedisLink;
  readonly #keys: KeySpace;
  readonly #process: string;
  readonly #clock: ServerClock;
  readonly #plain: PlainReads;
  readonly values: ValueStore;

  /**
   * @param process the name of this process, which no other has
   * @param commandTimeoutMs how long an answer is waited for
   * @param kind what the link leads to
   * @param plainReadsFrom from which share of hits on entries are read without a script first
   */
  constructor(
    link: RedisLink,
    keys: KeySpace,
    process: string,
    commandTimeoutMs: number,
    kind: StoreKind = 'redis',
    plainReadsFrom = WORTH_IT,
  ) {
    this.kind = kind;
    this.#clock = new ServerClock(commandTimeoutMs);
    this.#link = link;
    this.#plain = new PlainReads(link, plainReadsFrom);
    this.#keys = keys;
    this.#process = process;
    this.values = new RedisValues(new LinkRunner(link, this.#clock), {
      announce: (targets, token) => this.#announce(targets, token),
      decode: (stored) => link.decodeValue?.(stored) ?? stored,
    });
  }

  connect(): Promise<void> {
    return this.#link.open();
  }

  async close(): Promise<void> {
    this.#link.close();
  }

  ping(): Promise<void> {
    return this.#link.ping();
  }

  async read(scope: Scope, keys: readonly EntryKey[], token: string, leaseMs: number): Promise<ReadReply> {
    const plain = this.#plain.areWorthIt(scope) ? await this.#plain.read(scope, keys) : null;
    if (plain === null) {
      const leased = await this.#readOrLease(scope, keys, token, leaseMs);
      this.#plain.note(scope, leased.outcomes);
      return leased;
    }
    const { versions, outcomes } = plain;
    this.#plain.note(scope, outcomes);
    const open = keys.filter((_, place) => outcomes[place] === null);
    if (open.length === 0) return { versions, outcomes: outcomes as readonly ReadOutcome[] };
    const leased = await this.#readOrLease(scope, open, token, leaseMs);
    let next = 0;
    const all = outcomes.map((outcome) => outcome ?? leased.outcomes[next++] ?? FENCED);
    return { versions: leased.versions, outcomes: all, roundTrips: 2 };
  }

  async #readOrLease(
    scope: Scope,
    keys: readonly EntryKey[],
    token: string,
    leaseMs: number,
  ): Promise<ReadReply> {
    const { guards, absence, keyed, shape } = scope;
    const reply = await this.#runInTime(
      READ,
      [...guardKeysOf(scope), ...keys],
      [
        token,
        String(leaseMs),
        String(guards.length),
        absence === null ? '0' : '1',
        keyed ? BESIDE_ENTRY : '',
        shape,
        String(NEW_VERSION_MS),
        ...guards.map(newEpoch),
        newEpoch(),
        ruleOf(guards),
        this.#clock.deadline(),
      ],
    );
    if (!Array.isArray(reply) || !Array.isArray(reply[2]) || reply[2].length !== keys.length)
      throw unexpectedAnswer('read', reply);
    const [prefix, missing, lengths, values] = reply as [Buffer, Buffer, readonly number[], Buffer];
    return {
      versions: { prefix: prefix.toString(), absence: missing.toString() },
      outcomes: this.#outcomesOf(lengths, values, 1 + prefix.length),
    };
  }

  /** @param valueAt where in an entry its value begins */
  #outcomesOf(lengths: readonly number[], values: Buffer, valueAt: number): readonly ReadOutcome[] {
    let at = 0;
    return lengths.map((length) => {
      const without = WITHOUT_VALUE[length];
      if (without !== undefined) return without;
      const stored = values.subarray(at + valueAt, at + length);
      at += length;
      return { kind: 'hit', value: this.#link.decodeValue?.(stored) ?? stored };
    });
  }

  async fill(scope: Scope, fills: readonly Fill[]): Promise<number> {
    const stored = await Promise.all(byRead(fills).map((together) => this.#fill(scope, together)));
    return stored.reduce((sum, count) => sum + count, 0);
  }

  async #fill(scope: Scope, fills: readonly Fill[]): Promise<number> {
    const [first] = fills;
    if (first === undefined) return 0;
    const { guards, absence, shape } = scope;
    let lengths = '';
    const values: ScriptArgument[] = [];
    for (const { value, ttlMs } of fills) {
      let length = value === null ? -2 : -1;
      if (value !== null && value !== 'absent') {
        const stored = this.#link.encodeValue?.(value) ?? value;
        values.push(stored);
        length = stored.length;
      }
      lengths += `${ttlMs} ${length} `;
    }
    const reply = await this.#link.run(
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
        first.token,
        first.versions.prefix,
        first.versions.absence,
        joined(values),
        lengths,
      ],
    );
    if (typeof reply !== 'number') throw unexpectedAnswer('fill', reply);
    return reply;
  }

  async fence(targets: Targets, token: string, fenceMs: number): Promise<Announced> {
    const reply = await this.#runInTime(FENCE, this.#targetKeys(targets), [
      token,
      String(fenceMs),
      String(targets.keys.length),
      this.#keys.channel,
      encodeChange(token, targets),
      this.#clock.deadline(),
      ...targets.guards.map(newEpoch),
      ruleOf(targets.guards),
    ]);
    const announced = announcedOf(reply, this.#process);
    if (announced === null) throw unexpectedAnswer('fence', reply);
    return announced;
  }

  async lift(targets: Targets, token: string): Promise<Announced | null> {
    const reply = await this.#link.run(LIFT, this.#targetKeys(targets), [
      token,
      String(targets.keys.length),
      this.#keys.channel,
      encodeChange(endOf(token), targets),
      ...targets.guards.map(newEpoch),
      ruleOf(targets.guards),
    ]);
    return announcedOf(reply, this.#process);
  }

  async pulse(request: PulseRequest): Promise<PulseReply> {
    const reply = await this.#link.run(
      PULSE,
      [this.#keys.registry],
      [
        this.#process,
        request.strict ? 'S' : '-',
        String(request.leaseMs),
        request.channel,
        request.heartbeat,
        String(request.maxGapMs),
        this.#link.takeServerWasUp() ? '1' : '0',
        String(REGISTRY_KEPT_MS),
      ],
    );
    if (!Array.isArray(reply) || !Array.isArray(reply[2])) throw unexpectedAnswer('pulse', reply);
    const nowMs = Number(reply[0]);
    this.#clock.heard(nowMs);
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
      return await this.#link.run(script, keys, args);
    } catch (error) {
      this.#clock.failed(error);
      throw error;
    }
  }

  async leave(): Promise<void> {
    await this.#link.run(LEAVE, [this.#keys.registry], [this.#process]);
  }

  #targetKeys({ keys, guards }: Targets): string[] {
    return [
      this.#keys.registry,
      ...keys.flatMap((key) => [key, fencesOf(key)]),
      ...guards.flatMap((guard) => [guard.version, guard.fences]),
    ];
  }

  inspect(): Promise<StoreReport> {
    return storeReport(this.#link);
  }

  async #announce(targets: Targets, token: string): Promise<Announced> {
    const reply = await this.#link.run(
      ANNOUNCE,
      [this.#keys.registry],
      [this.#keys.channel, encodeChange(token, targets)],
    );
    const announced = announcedOf(reply, this.#process);
    if (announced === null) throw unexpectedAnswer('announce', reply);
    return announced;
  }
}

/** What one read leased, with one token and one state of the guards, can be filled together, and mostly is. */
function byRead(fills: readonly Fill[]): readonly (readonly Fill[])[] {
  const groups: Fill[][] = [];
  for (const fill of fills) {
    const group = groups.findLast(
      ([first]) => first?.token === fill.token && first.versions === fill.versions,
    );
    if (group === undefined) groups.push([fill]);
    else group.push(fill);
  }
  return groups;
}

/** One argument of all: the client sends each that is bytes with a write of its own. */
function joined(values: readonly ScriptArgument[]): ScriptArgument {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return only;
  const texts = values.filter((value) => typeof value === 'string');
  return texts.length > 0 ? texts.join('') : Buffer.concat(values as readonly Uint8Array[]);
}

const guardKeys = new WeakMap<Scope, readonly string[]>();

/** The keys that every read of a scope names before its entries. */
function guardKeysOf(scope: Scope): readonly string[] {
  let keys = guardKeys.get(scope);
  if (keys === undefined) {
    const { guards, absence } = scope;
    keys = [
      ...guards.map((guard) => guard.version),
      ...guards.slice(1).map((guard) => guard.fences),
      ...(absence === null ? [] : [absence.version, absence.fences]),
    ];
    guardKeys.set(scope, keys);
  }
  return keys;
}

/** The rule by which changes of the last guard are told apart, or none. */
function ruleOf(guards: readonly Guard[]): string {
  return guards.at(-1)?.rule ?? '';
}
