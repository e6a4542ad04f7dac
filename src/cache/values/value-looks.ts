import { LRUCache } from 'lru-cache';
import { CodecError } from '../../errors.js';
import type { ReadContext } from '../read-context.js';
import { changeOf, type EntryKey, type Guard } from '../store/shared-store.js';
import { asLease, asValue, type GuardState, type LeaseRequest, type Place } from '../store/value-store.js';
import { TickBatcher } from '../tick-batcher.js';
import { decodeEntry, type EntryHeader, extraMsOf, guardsOf } from './value-entry.js';

/** A value that is there, and what it hangs on unchanged. */
export interface FoundValue {
  readonly id: string;
  readonly header: EntryHeader;
  /** As the codec wrote it. */
  readonly value: Uint8Array;
  /** How much longer it is fresh; negative where it is kept only for those who may take what is stale. */
  readonly freshMs: number;
}

/** What was asked of the store. */
export interface LookRequest {
  readonly key: EntryKey;
  readonly name: string;
  /** What the caller's value will hang on, if it fills: an entry that hangs on less is none for it. */
  readonly guards: readonly Guard[];
  /** What its rows look like, if it is computed from some: an entry of another shape is none for it. */
  readonly shape: string | undefined;
  /** Whether the caller will fill a place where nothing is. */
  readonly wantsLease: boolean;
  /** Called when it can no longer be joined. */
  readonly onSent: () => void;
}

/** What the store had to say. */
export type Seen =
  | { readonly kind: 'found'; readonly found: FoundValue; readonly states: GuardStates }
  /** Nothing, and the caller may fill it. */
  | { readonly kind: 'lease'; readonly token: string; readonly states: GuardStates }
  /** Nothing, and someone else is filling it. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'none' }
  /** A writer is at work on what it hangs on: nothing may be filled. */
  | { readonly kind: 'fenced' }
  /** The store was not asked: it is away, or may not be believed. */
  | { readonly kind: 'unasked' };

/** By what `changeOf` calls the guard. */
export type GuardStates = ReadonlyMap<string, GuardState>;

// A lease is given back by the fill; this is for a reader that dies. Longer than a slow load.
export const LEASE_MS = 3_000;
// Of keys whose entries hang on more than everything does: what they hung on last, so that it can be asked for at once.
const MAX_HINTS = 10_000;

const BUSY: Seen = Object.freeze({ kind: 'busy' });
const NONE: Seen = Object.freeze({ kind: 'none' });
const FENCED: Seen = Object.freeze({ kind: 'fenced' });
const UNASKED: Seen = Object.freeze({ kind: 'unasked' });

/**
 * Asks the store for values and judges what it says: those who ask in one turn of the event loop ask together. An entry is
 * valid while all that it hangs on has the versions that it was put with. The order in which entry and versions are read does
 * not matter: a change of a version is announced before the write that causes it is acknowledged, and no version comes twice.
 */
export class ValueLooks {
  readonly #context: ReadContext;
  readonly #batches: TickBatcher<LookRequest, Seen>;
  readonly #hints = new LRUCache<EntryKey, readonly Guard[]>({ max: MAX_HINTS });

  constructor(context: ReadContext) {
    this.#context = context;
    this.#batches = new TickBatcher((requests) => this.#lookAll(requests));
  }

  look(request: LookRequest): Promise<Seen> {
    return this.#batches.add(request);
  }

  /** As `look`, of many that go together. */
  lookMany(requests: readonly LookRequest[]): Promise<readonly Seen[]> {
    return requests.length === 0 ? Promise.resolve([]) : this.#lookAll(requests);
  }

  /** What the entry of this key hung on when it was last seen; null where it was not. */
  hintOf(key: EntryKey): readonly Guard[] | null {
    return this.#hints.get(key) ?? null;
  }

  /** Notes what the entry of this key hangs on from now on. */
  hint(key: EntryKey, guards: readonly Guard[]): void {
    this.#hints.set(key, guards);
  }

  /** How guards are; null where the store was not asked. */
  async states(guards: readonly Guard[]): Promise<GuardStates | null> {
    const states = new Map<string, GuardState>();
    return (await this.#addStates(states, guards)) ? states : null;
  }

  /** What entries say of themselves, valid or not; null for those that are not there, or where the store was not asked. */
  async headersOf(keys: readonly EntryKey[]): Promise<readonly (EntryHeader | null)[]> {
    const { guard, store } = this.#context;
    const reply = await guard.attempt(() => store.values.look(keys, [], null));
    if (!reply.ok) return keys.map(() => null);
    return reply.value.places.map((place) => {
      if (place.kind !== 'value') return null;
      try {
        return decodeEntry(place.bytes).header;
      } catch (error) {
        if (error instanceof CodecError) return null;
        throw error;
      }
    });
  }

  /** Gives a lease back that will not be filled. Not waited for: it ends by itself. */
  giveBack(key: EntryKey, token: string): void {
    const { guard, store } = this.#context;
    const back = { key, id: '', bytes: null, ttlMs: 0, onlyOver: asLease(token) };
    void guard.attempt(() => store.values.put([back], []));
  }

  /** Takes a value away that cannot be read, unless another has come. */
  discard(key: EntryKey, { id }: FoundValue): void {
    const { guard, store } = this.#context;
    const gone = { key, id: '', bytes: null, ttlMs: 0, onlyOver: asValue(id) };
    void guard.attempt(() => store.values.put([gone], []));
  }

  async #lookAll(requests: readonly LookRequest[]): Promise<readonly Seen[]> {
    for (const { onSent } of requests) onSent();
    if (!this.#context.trust.isTrusted) return requests.map(() => UNASKED);
    const lease: LeaseRequest = { token: this.#context.nextToken(), leaseMs: LEASE_MS };
    const seen = new Map<LookRequest, Seen>();
    const states = new Map<string, GuardState>();
    const leasing = requests.filter(({ wantsLease }) => wantsLease);
    const looking = requests.filter(({ wantsLease }) => !wantsLease);
    await Promise.all([
      this.#lookTogether(leasing, lease, states, seen),
      this.#lookTogether(looking, null, states, seen),
    ]);
    return requests.map((request) => seen.get(request) ?? UNASKED);
  }

  async #lookTogether(
    requests: readonly LookRequest[],
    lease: LeaseRequest | null,
    states: Map<string, GuardState>,
    seen: Map<LookRequest, Seen>,
  ): Promise<void> {
    if (requests.length === 0) return;
    const { guard, store, clock, latencies } = this.#context;
    const guards = this.#guardsOfAll(requests);
    const sentAt = clock.now();
    const reply = await guard.attempt(() =>
      store.values.look(
        requests.map(({ key }) => key),
        guards,
        lease,
      ),
    );
    latencies.sharedReads.record(clock.now() - sentAt);
    if (!reply.ok) return;
    reply.value.guards.forEach((state, index) => {
      states.set(changeOf(guards[index] as Guard), state);
    });
    const found = requests.map((request, index) =>
      this.#foundIn(request, reply.value.places[index] as Place),
    );
    const more = found.filter((one) => one !== null && !isKnown(one.header, states));
    if (
      !(await this.#addStates(
        states,
        more.flatMap((one) => (one === null ? [] : guardsOf(one.header))),
      ))
    )
      return;
    await this.#judge(
      requests.map((request, index) => ({
        request,
        place: reply.value.places[index] as Place,
        found: found[index] ?? null,
      })),
      lease,
      states,
      seen,
    );
  }

  /** What the entries of these will hang on, and probably do. Most ask for the same few. */
  #guardsOfAll(requests: readonly LookRequest[]): readonly Guard[] {
    const lists = new Set<readonly Guard[]>();
    for (const { key, guards } of requests) {
      lists.add(guards);
      const hint = this.#hints.get(key);
      if (hint !== undefined) lists.add(hint);
    }
    return distinct([...lists].flat());
  }

  async #judge(
    looked: readonly { request: LookRequest; place: Place; found: FoundValue | null }[],
    lease: LeaseRequest | null,
    states: GuardStates,
    seen: Map<LookRequest, Seen>,
  ): Promise<void> {
    const invalid: { readonly request: LookRequest; readonly onlyOver: string }[] = [];
    for (const { request, place, found } of looked) {
      const fenced = request.guards.some((guard) => states.get(changeOf(guard))?.fenced === true);
      if (found !== null && isValid(found, states) && (lease === null || isFor(found, request))) {
        seen.set(request, { kind: 'found', found, states });
      } else if (lease === null) seen.set(request, NONE);
      else if (fenced) {
        if (place.kind === 'lease') this.giveBack(request.key, lease.token);
        seen.set(request, FENCED);
      } else if (place.kind === 'value') {
        invalid.push({ request, onlyOver: asValue(place.id) });
      } else seen.set(request, place.kind === 'lease' ? { kind: 'lease', token: lease.token, states } : BUSY);
    }
    if (invalid.length === 0 || lease === null) return;
    const { guard, store } = this.#context;
    const places = await guard.attempt(() =>
      store.values.replace(
        invalid.map(({ request, onlyOver }) => ({ key: request.key, onlyOver })),
        lease,
      ),
    );
    if (!places.ok) return;
    invalid.forEach(({ request }, index) => {
      // Where another value has come meanwhile, the next look judges it.
      const isLeased = places.value[index]?.kind === 'lease';
      seen.set(request, isLeased ? { kind: 'lease', token: lease.token, states } : BUSY);
    });
  }

  /** False where the store was not asked. */
  async #addStates(states: Map<string, GuardState>, guards: readonly Guard[]): Promise<boolean> {
    const missing = distinct(guards).filter((one) => !states.has(changeOf(one)));
    if (missing.length === 0) return true;
    const { guard, store } = this.#context;
    const reply = await guard.attempt(() => store.values.look([], missing, null));
    if (!reply.ok) return false;
    reply.value.guards.forEach((state, index) => {
      states.set(changeOf(missing[index] as Guard), state);
    });
    return true;
  }

  /** The entry in a place; null where there is none that can be read, or it is of another name with the same hash. */
  #foundIn({ key, name, guards }: LookRequest, place: Place): FoundValue | null {
    if (place.kind !== 'value') return null;
    try {
      const { header, value } = decodeEntry(place.bytes);
      this.#context.counters.bytesRead += value.byteLength;
      if (header.name !== undefined && header.name !== name) return null;
      if (header.guards.length !== guards.length) this.#hints.set(key, guardsOf(header));
      return { id: place.id, header, value, freshMs: place.ttlMs - extraMsOf(header) };
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.#context.counters.corrupt += 1;
      return null;
    }
  }
}

function isKnown({ guards }: EntryHeader, states: GuardStates): boolean {
  return guards.every(([version, , rule]) => states.has(rule === undefined ? version : `${version}|${rule}`));
}

function isValid({ header }: FoundValue, states: GuardStates): boolean {
  return header.guards.every(([version, current, rule]) => {
    const state = states.get(rule === undefined ? version : `${version}|${rule}`);
    return state !== undefined && !state.fenced && state.version === current;
  });
}

function isFor({ header }: FoundValue, { guards, shape }: LookRequest): boolean {
  if (shape !== undefined && header.shape !== shape) return false;
  const held = new Set(header.guards.map(([version]) => version));
  return guards.every(({ version }) => held.has(version));
}

function distinct(guards: readonly Guard[]): readonly Guard[] {
  return [...new Map(guards.map((guard) => [changeOf(guard), guard])).values()];
}
