import { CodecError } from '../errors.js';
import type { Clock } from './clock.js';
import type { EntryCodec } from './entry-codec.js';
import type { TimeLease } from './fleet/time-lease.js';
import { copyMutable } from './freeze.js';
import type { LoadGate } from './load-gate.js';
import { type Flight, type NearCache, type NearScope, NOTHING } from './near/near-cache.js';
import type { CacheCounters } from './statistics.js';
import type {
  EntryKey,
  Fill,
  ReadOutcome,
  ReadReply,
  Scope,
  SharedStore,
  Versions,
} from './store/shared-store.js';
import type { StoreGuard } from './store-guard.js';
import { TickBatcher } from './tick-batcher.js';

// A lease is given back by the fill; this is for a reader that dies. Longer than a slow load, so that two readers
// seldom load one key.
const LEASE_MS = 3_000;
// How long a reader waits for another's load before it makes its own, without filling.
const MAX_WAIT_MS = 1_000;
const MAX_POLL_MS = 50;
const GIVE_BACK_PAUSE_MS = 50;
// How long it is remembered that there is none: long enough for a burst of requests for what does not exist.
const ABSENT_TTL_MS = 30_000;
// What the shared cache gives may be at the end of its time. Kept in memory for no more than this part of it, an entry
// lives a tenth longer than it should, and not twice as long.
const HIT_TTL_SHARE = 10;

/** What all caches of one process share. */
export interface ReadContext {
  readonly store: SharedStore;
  readonly guard: StoreGuard;
  /** Whether what the store holds may be believed. */
  readonly trust: { readonly isTrusted: boolean };
  readonly near: NearCache | null;
  readonly lease: TimeLease;
  readonly codec: EntryCodec;
  readonly counters: CacheCounters;
  readonly clock: Clock;
  readonly gate: LoadGate;
  readonly nextToken: () => string;
}

interface Lookup {
  readonly outcome: ReadOutcome;
  readonly versions: Versions;
  readonly token: string;
}

/** A read that is under way, with what is needed to decide whether another may share it. */
interface Reading<Value> {
  readonly answer: Promise<Value | null>;
  readonly flight: Flight | null;
  readonly generation: number;
  readonly absentGeneration: number;
  readonly ttlMs: number;
  /** Until it is sent, anyone may join. */
  sent: boolean;
  /** It found a writer at work, or no store, so its answer is nobody else's. */
  alone: boolean;
}

const NO_VERSIONS: Versions = Object.freeze({ prefix: '', absence: '' });
const BYPASS: Lookup = Object.freeze({
  outcome: Object.freeze({ kind: 'fenced' }),
  versions: NO_VERSIONS,
  token: '',
});

/**
 * Cache-aside for the entries of one scope: near cache, shared cache, load. `SharedStore` and `TimeLease` say why what it
 * answers is never older than the last acknowledged write.
 */
export class EntryCache<Value> {
  readonly #context: ReadContext;
  readonly #scope: Scope;
  readonly #ttlMs: number;
  readonly #holdsBytes: boolean;
  readonly #nearScope: NearScope;
  readonly #nearAbsence: NearScope;
  #isDisposed = false;
  readonly #lookups: TickBatcher<EntryKey, Lookup>;
  readonly #fills: TickBatcher<Fill, undefined>;
  readonly #readings = new Map<EntryKey, Reading<Value>>();
  /** Keys on which this process holds the lease, and when it will have filled them. */
  readonly #leading = new Map<EntryKey, Promise<unknown>>();

  constructor(
    context: ReadContext,
    scope: Scope,
    options: {
      readonly ttlMs: number;
      /** Whether a Uint8Array may be in a value: nothing keeps a reader from changing it, so each gets its own. */
      readonly holdsBytes: boolean;
    },
  ) {
    this.#context = context;
    this.#scope = scope;
    this.#ttlMs = options.ttlMs;
    this.#holdsBytes = options.holdsBytes;
    const none: NearScope = { generation: 0 };
    this.#nearScope = context.near?.scope(scope.guards) ?? none;
    this.#nearAbsence =
      context.near?.scope(scope.absence === null ? scope.guards : [...scope.guards, scope.absence]) ?? none;
    this.#lookups = new TickBatcher((keys) => this.#sendLookups(keys));
    this.#fills = new TickBatcher((fills) => this.#sendFills(fills));
  }

  /**
   * The value under this key: from memory, from the shared cache, else from `load`. Null, or undefined where `load` gave
   * that: there is none.
   *
   * @param ttlMs how long it is kept; those who join a read of another go by that one's
   */
  read(key: EntryKey, load: () => Promise<Value | null>, ttlMs = this.#ttlMs): Promise<Value | null> {
    const { near, clock, counters } = this.#context;
    if (near !== null) {
      const known = near.get(key, this.#nearScope, this.#nearAbsence, clock.now());
      if (known !== NOTHING) {
        counters.nearHits += 1;
        return Promise.resolve(this.#own(known as Value | null));
      }
    }
    const current = this.#readings.get(key);
    const joined = current !== undefined && this.#mayJoin(current);
    const answer = joined ? current.answer : this.#begin(key, load, ttlMs);
    return this.#holdsBytes ? answer.then((value) => this.#own(value)) : answer;
  }

  /** Invalidates one entry, when what it holds turned out not to be what it stands for. */
  async drop(key: EntryKey): Promise<void> {
    const { guard, store, nextToken, near } = this.#context;
    near?.drop([key], []);
    // Nobody holds a fence of this token, so this only deletes.
    await guard.attempt(() => store.lift({ keys: [key], guards: [] }, nextToken()));
  }

  /** Remembers nothing in the near cache from now on. Reads that are under way, and later ones, are answered all the same. */
  dispose(): void {
    const { near } = this.#context;
    if (near === null || this.#isDisposed) return;
    this.#isDisposed = true;
    near.release(this.#nearScope);
    near.release(this.#nearAbsence);
  }

  #own(value: Value | null): Value | null {
    return this.#holdsBytes ? copyMutable(value) : value;
  }

  /** See "Joining" in docs/coherence.md: what is sent may be shared only while nothing can have changed unnoticed. */
  #mayJoin(reading: Reading<Value>): boolean {
    if (!reading.sent) return true;
    const { near, lease, clock } = this.#context;
    return (
      !reading.alone &&
      near !== null &&
      reading.flight !== null &&
      lease.isHeld(clock.now()) &&
      near.isUnchanged(reading.flight) &&
      reading.generation === this.#nearScope.generation &&
      reading.absentGeneration === this.#nearAbsence.generation
    );
  }

  #begin(key: EntryKey, load: () => Promise<Value | null>, ttlMs: number): Promise<Value | null> {
    const { near } = this.#context;
    const flight = near?.depart(key) ?? null;
    const reading: Reading<Value> = {
      flight,
      generation: this.#nearScope.generation,
      absentGeneration: this.#nearAbsence.generation,
      ttlMs,
      sent: false,
      alone: false,
      answer: Promise.resolve().then(async () => {
        try {
          return await this.#readAlone(key, reading, load);
        } finally {
          if (this.#readings.get(key) === reading) this.#readings.delete(key);
          if (flight !== null) near?.land(key, flight);
        }
      }),
    };
    this.#readings.set(key, reading);
    return reading.answer;
  }

  async #readAlone(
    key: EntryKey,
    reading: Reading<Value>,
    load: () => Promise<Value | null>,
  ): Promise<Value | null> {
    const { counters } = this.#context;
    const lookup = await this.#lookUp(key);
    const { outcome } = lookup;
    if (outcome.kind === 'absent') {
      counters.hits += 1;
      counters.negativeHits += 1;
      this.#keep(key, reading, null, reading.ttlMs / HIT_TTL_SHARE);
      return null;
    }
    if (outcome.kind === 'hit') {
      const value = this.#decode(key, outcome.value);
      if (value !== NOTHING) {
        counters.hits += 1;
        this.#keep(key, reading, value as Value, reading.ttlMs / HIT_TTL_SHARE);
        return value as Value;
      }
    }
    if (lookup === BYPASS) counters.bypasses += 1;
    else {
      counters.misses += 1;
      if (outcome.kind === 'fenced') counters.fenced += 1;
    }
    if (outcome.kind === 'lease') {
      // A writer is making rows appear, and has told everybody already: nothing more will tell that this one is there.
      if (this.#scope.absence !== null && lookup.versions.absence === '') reading.alone = true;
      return this.#loadAndFill(key, reading, lookup, load);
    }
    reading.alone = true;
    return this.#context.gate.load(key, async () => {
      counters.loads += 1;
      const value = await load();
      return isNone(value) ? value : this.#context.codec.freeze(value);
    });
  }

  async #lookUp(key: EntryKey): Promise<Lookup> {
    const { clock, counters } = this.#context;
    let lookup = await this.#lookups.add(key);
    const deadline = clock.now() + MAX_WAIT_MS;
    for (let ceiling = 2; lookup.outcome.kind === 'busy' && clock.now() < deadline; ceiling *= 2) {
      counters.leaseWaits += 1;
      const own = this.#leading.get(key);
      await (own ?? clock.sleep(Math.random() * Math.min(ceiling, MAX_POLL_MS)));
      lookup = await this.#lookups.add(key);
    }
    return lookup;
  }

  #loadAndFill(
    key: EntryKey,
    reading: Reading<Value>,
    lookup: Lookup,
    load: () => Promise<Value | null>,
  ): Promise<Value | null> {
    const { token, versions } = lookup;
    let filled: (() => void) | undefined;
    const leading = new Promise<void>((resolve) => {
      filled = resolve;
    });
    this.#leading.set(key, leading);
    const fill = async (value: Uint8Array | 'absent' | null, ttlMs: number): Promise<void> => {
      await this.#fills.add({ key, token, versions, value, ttlMs });
      if (this.#leading.get(key) === leading) this.#leading.delete(key);
      filled?.();
    };
    // The fill is not awaited: a later read on this connection comes after it, and nothing else depends on it.
    return this.#loadUnderLease(key, reading, load, versions, (value, ttlMs) => void fill(value, ttlMs));
  }

  async #loadUnderLease(
    key: EntryKey,
    reading: Reading<Value>,
    load: () => Promise<Value | null>,
    versions: Versions,
    fill: (value: Uint8Array | 'absent' | null, ttlMs: number) => void,
  ): Promise<Value | null> {
    const { codec, counters } = this.#context;
    counters.loads += 1;
    let value: Value | null;
    try {
      value = await load();
    } catch (error) {
      fill(null, 0);
      throw error;
    }
    if (isNone(value)) {
      // While a writer may be about to make it appear, it is not remembered that there is none, here as little as there.
      const lasting = versions.absence !== '';
      fill(lasting ? 'absent' : null, Math.min(ABSENT_TTL_MS, reading.ttlMs));
      if (lasting) this.#keep(key, reading, null, reading.ttlMs);
      return value;
    }
    const bytes = codec.encodeIfPossible(value);
    fill(bytes, reading.ttlMs);
    const frozen = codec.freeze(value);
    if (bytes !== null) this.#keep(key, reading, frozen, reading.ttlMs);
    return frozen;
  }

  /** Remembers a value in the near cache, unless something changed since the read set out. */
  #keep(key: EntryKey, reading: Reading<Value>, value: Value | null, ttlMs: number): void {
    const { near, clock, codec } = this.#context;
    if (near === null || reading.flight === null) return;
    const [scope, generation] =
      value === null ? [this.#nearAbsence, reading.absentGeneration] : [this.#nearScope, reading.generation];
    near.put(key, reading.flight, value, codec.weigh(value), scope, generation, clock.now(), ttlMs);
  }

  #decode(key: EntryKey, bytes: Uint8Array): Value | typeof NOTHING {
    const { codec, counters } = this.#context;
    try {
      return codec.decode(bytes) as Value;
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      counters.corrupt += 1;
      void this.drop(key);
      return NOTHING;
    }
  }

  async #sendLookups(keys: readonly EntryKey[]): Promise<readonly Lookup[]> {
    for (const key of keys) {
      const reading = this.#readings.get(key);
      if (reading !== undefined) reading.sent = true;
    }
    const { guard, store, trust, nextToken } = this.#context;
    if (!trust.isTrusted) return keys.map(() => BYPASS);
    const token = nextToken();
    let waiting = true;
    const reply = await guard.attempt(async () => {
      const answer = await store.read(this.#scope, keys, token, LEASE_MS);
      if (!waiting) void this.#giveBack(keys, answer, token);
      return answer;
    });
    waiting = false;
    if (!reply.ok) return keys.map(() => BYPASS);
    const { outcomes, versions } = reply.value;
    return outcomes.map((outcome) => ({ outcome, versions, token }));
  }

  /** A store that hung answers in the end, and leases keys to readers who have long been to the database. */
  async #giveBack(
    keys: readonly EntryKey[],
    { outcomes, versions }: ReadReply,
    token: string,
  ): Promise<void> {
    const leased = keys.filter((_, index) => outcomes[index]?.kind === 'lease');
    if (leased.length === 0) return;
    const { guard, store, clock } = this.#context;
    const fills = leased.map((key): Fill => ({ key, token, versions, value: null, ttlMs: 0 }));
    const until = clock.now() + LEASE_MS;
    while (!(await guard.attemptUnasked(() => store.fill(this.#scope, fills))).ok && clock.now() < until) {
      await clock.rest(GIVE_BACK_PAUSE_MS);
    }
  }

  async #sendFills(fills: readonly Fill[]): Promise<readonly undefined[]> {
    const { counters } = this.#context;
    const values = fills.filter((fill) => fill.value !== null);
    const returned = fills.filter((fill) => fill.value === null);
    const [stored] = await Promise.all([this.#fill(values), this.#fill(returned)]);
    if (stored !== null) {
      counters.fills += stored;
      counters.fillsRefused += values.length - stored;
    }
    return fills.map(() => undefined);
  }

  /** How many were stored or given back; null where the store was not asked. */
  async #fill(fills: readonly Fill[]): Promise<number | null> {
    const { guard, store, trust } = this.#context;
    if (fills.length === 0 || !trust.isTrusted) return null;
    const stored = await guard.attempt(() => store.fill(this.#scope, fills));
    return stored.ok ? stored.value : null;
  }
}

/** A function that answers with nothing at all means null as well. */
function isNone<Value>(value: Value | null | undefined): value is null | undefined {
  return value === null || value === undefined;
}
