import { newEpoch } from '../../epoch.js';
import {
  EACH_CLAIM,
  EACH_COUNT,
  EACH_EXPIRE,
  EACH_GUARD,
  EACH_KEEP,
  EACH_LOOK,
  EACH_MEMBERS,
  EACH_PUT,
  EACH_REMOVE,
  EACH_REPLACE,
  EACH_TIME,
} from '../each-scripts.js';
import { unexpectedAnswer } from '../redis-answers.js';
import type { EachRunner } from '../redis-link.js';
import type { RedisScript } from '../scripts.js';
import type { Announced, EntryKey, Guard, Targets } from '../shared-store.js';
import {
  asLease,
  asValue,
  type GuardState,
  type LeaseRequest,
  type Place,
  type Put,
  VALUE_ID_LENGTH,
  type ValueStore,
} from '../value-store.js';

const LEASE: Place = Object.freeze({ kind: 'lease' });
const BUSY: Place = Object.freeze({ kind: 'busy' });
const NONE: Place = Object.freeze({ kind: 'none' });

const LEASE_MARK = 'L'.charCodeAt(0);
const BUSY_MARK = 'B'.charCodeAt(0);

// As in redis-store.ts: longer than any lease.
const NEW_VERSION_MS = 60_000;
// How much longer a guard is kept than what hangs on it; one that went too early would only cost hits.
const KEPT_LONGER_MS = 60_000;

/** What values need of a Redis besides scripts for many keys. */
export interface ValuePublisher {
  announce(targets: Targets, token: string): Promise<Announced>;
  /** Undoes what the way to the server does to bytes. @default nothing */
  decode?(bytes: Buffer): Uint8Array;
}

/** Values, counters and sets in Redis, on one server or many. */
export class RedisValues implements ValueStore {
  readonly #runner: EachRunner;
  readonly #publisher: ValuePublisher;

  constructor(runner: EachRunner, publisher: ValuePublisher) {
    this.#runner = runner;
    this.#publisher = publisher;
  }

  async look(
    keys: readonly EntryKey[],
    guards: readonly Guard[],
    lease: LeaseRequest | null,
  ): Promise<{ readonly places: readonly Place[]; readonly guards: readonly GuardState[] }> {
    const [places, states] = await Promise.all([
      this.#runner.runEach({
        script: EACH_LOOK,
        common: [lease?.token ?? '', String(lease?.leaseMs ?? 0)],
        items: keys.map((key) => ({ keys: [key], args: [] })),
        inTime: lease !== null,
      }),
      this.#runner.runEach({
        script: EACH_GUARD,
        common: [String(NEW_VERSION_MS)],
        items: guards.map(({ version, fences, rule = '' }) => ({
          keys: [version, fences],
          args: [newEpoch(), rule],
        })),
      }),
    ]);
    return { places: places.map((place) => this.#placeOf(place)), guards: states.map(guardStateOf) };
  }

  async replace(
    invalid: readonly { readonly key: EntryKey; readonly onlyOver: string }[],
    { token, leaseMs }: LeaseRequest,
  ): Promise<readonly Place[]> {
    const places = await this.#runner.runEach({
      script: EACH_REPLACE,
      common: [token, String(leaseMs)],
      items: invalid.map(({ key, onlyOver }) => ({ keys: [key], args: [onlyOver] })),
      inTime: true,
    });
    return places.map((place) => this.#placeOf(place));
  }

  async put(puts: readonly Put[], guards: readonly Guard[]): Promise<readonly boolean[]> {
    const longest = Math.max(0, ...puts.map(({ bytes, ttlMs }) => (bytes === null ? 0 : ttlMs)));
    const kept = longest === 0 ? [] : guards;
    const [done] = await Promise.all([
      this.#runner.runEach({
        script: EACH_PUT,
        common: [],
        items: puts.map(({ key, id, bytes, ttlMs, onlyOver }) => ({
          keys: [key],
          args: [onlyOver ?? '', bytes === null ? '' : asValue(id), wholeMs(ttlMs), bytes ?? ''],
        })),
      }),
      this.#keep(kept, longest),
    ]);
    return done.map(isOne);
  }

  async expire(
    entries: readonly { readonly key: EntryKey; readonly ttlMs: number }[],
    guards: readonly Guard[] = [],
  ): Promise<readonly boolean[]> {
    const [done] = await Promise.all([
      this.#runner.runEach({
        script: EACH_EXPIRE,
        common: [],
        items: entries.map(({ key, ttlMs }) => ({ keys: [key], args: [wholeMs(ttlMs)] })),
      }),
      this.#keep(guards, Math.max(0, ...entries.map(({ ttlMs }) => ttlMs))),
    ]);
    return done.map(isOne);
  }

  /** Keeps guards at least as long as what hangs on them. */
  #keep(guards: readonly Guard[], longestMs: number): Promise<unknown> {
    return this.#runner.runEach({
      script: EACH_KEEP,
      common: [wholeMs(longestMs + KEPT_LONGER_MS)],
      items: guards.map(({ version }) => ({ keys: [version], args: [] })),
    });
  }

  claim(key: EntryKey, token: string, ttlMs: number): Promise<boolean> {
    return this.#one(EACH_CLAIM, key, [asLease(token), wholeMs(ttlMs), '0']).then(isOne);
  }

  reclaim(key: EntryKey, token: string, ttlMs: number): Promise<boolean> {
    return this.#one(EACH_CLAIM, key, [asLease(token), wholeMs(ttlMs), '1']).then(isOne);
  }

  announce(targets: Targets, token: string): Promise<Announced> {
    return this.#publisher.announce(targets, token);
  }

  count(key: EntryKey, by: number, ttlMs: number | null): Promise<number> {
    return this.#one(EACH_COUNT, key, [String(by), ttlMs === null ? '' : wholeMs(ttlMs)]).then((sum) =>
      Number(String(sum)),
    );
  }

  addMembers(key: EntryKey, members: readonly string[], ttlMs: number | null): Promise<number> {
    return this.#membersBy('SADD', key, members, ttlMs).then(Number);
  }

  removeMembers(key: EntryKey, members: readonly string[]): Promise<number> {
    return this.#membersBy('SREM', key, members, null).then(Number);
  }

  async members(key: EntryKey): Promise<readonly string[]> {
    const all = await this.#membersBy('SMEMBERS', key, [], null);
    // RESP3 may give a set its own type.
    if (Array.isArray(all)) return all.map(String);
    if (all instanceof Set) return [...all].map(String);
    throw unexpectedAnswer('members', all);
  }

  async timesLeft(keys: readonly EntryKey[]): Promise<readonly (number | null)[]> {
    const times = await this.#runner.runEach({
      script: EACH_TIME,
      common: [],
      items: keys.map((key) => ({ keys: [key], args: [] })),
    });
    return times.map((time) => (time === -2 ? null : time === -1 ? Number.POSITIVE_INFINITY : Number(time)));
  }

  async remove(keys: readonly EntryKey[]): Promise<number> {
    const removed = await this.#runner.runEach({
      script: EACH_REMOVE,
      common: [],
      items: keys.map((key) => ({ keys: [key], args: [] })),
    });
    return removed.filter(isOne).length;
  }

  scan(beginning: string): AsyncIterable<readonly EntryKey[]> {
    return this.#runner.scan(beginning);
  }

  #membersBy(
    command: 'SADD' | 'SREM' | 'SMEMBERS',
    key: EntryKey,
    members: readonly string[],
    ttlMs: number | null,
  ): Promise<unknown> {
    const common = [command, ttlMs === null ? '' : wholeMs(ttlMs), ...members];
    return this.#runner
      .runEach({ script: EACH_MEMBERS, common, items: [{ keys: [key], args: [] }] })
      .then(([answer]) => answer);
  }

  #one(script: RedisScript, key: EntryKey, args: readonly string[]): Promise<unknown> {
    return this.#runner
      .runEach({ script, common: [], items: [{ keys: [key], args }] })
      .then(([answer]) => answer);
  }

  #placeOf(answer: unknown): Place {
    if (Array.isArray(answer) && Buffer.isBuffer(answer[0])) {
      const [stored] = answer;
      const ttlMs = Number(answer[1]);
      const put = stored.subarray(1 + VALUE_ID_LENGTH);
      const bytes = this.#publisher.decode?.(put) ?? put;
      const id = stored.toString('latin1', 1, 1 + VALUE_ID_LENGTH);
      return { kind: 'value', id, bytes, ttlMs: ttlMs < 0 ? Number.POSITIVE_INFINITY : ttlMs };
    }
    if (!Buffer.isBuffer(answer)) throw unexpectedAnswer('look', answer);
    if (answer[0] === LEASE_MARK) return LEASE;
    return answer[0] === BUSY_MARK ? BUSY : NONE;
  }
}

function guardStateOf(answer: unknown): GuardState {
  if (!Array.isArray(answer)) throw unexpectedAnswer('guard', answer);
  return { version: String(answer[0]), fenced: answer[1] === 1 };
}

function isOne(answer: unknown): boolean {
  return answer === 1;
}

/** A time as Redis takes it. */
function wholeMs(ms: number): string {
  return String(Math.max(0, Math.round(ms)));
}
