import { CodecError } from '../errors.js';
import { copyMutable } from './freeze.js';
import { type Flight, type NearScope, NOTHING } from './near/near-cache.js';
import type { ReadContext } from './read-context.js';
import type { SampledEntries } from './sampling/read-sampling.js';
import { BYPASS, type Lookup, SharedEntries } from './shared-entries.js';
import type { EntryKey, Scope, Versions } from './store/shared-store.js';

export type { ReadContext } from './read-context.js';

// How long a reader waits for another's load before it makes its own, without filling.
const MAX_WAIT_MS = 1_000;
const MAX_POLL_MS = 50;
// How long it is remembered that there is none: long enough for a burst of requests for what does not exist.
const ABSENT_TTL_MS = 30_000;
// What the shared cache gives may be at the end of its time. Kept in memory for no more than this part of it, an entry
// lives a tenth longer than it should, and not twice as long.
const HIT_TTL_SHARE = 10;

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
  readonly #sampled: SampledEntries | null;
  #isDisposed = false;
  readonly #shared: SharedEntries;
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
      /** What the entries are, for hits that are drawn to be looked at. @default they are not */
      readonly sampled?: SampledEntries;
    },
  ) {
    this.#context = context;
    this.#scope = scope;
    this.#ttlMs = options.ttlMs;
    this.#holdsBytes = options.holdsBytes;
    this.#sampled = options.sampled ?? null;
    const none: NearScope = { generation: 0 };
    this.#nearScope = context.near?.scope(scope.guards) ?? none;
    this.#nearAbsence =
      context.near?.scope(scope.absence === null ? scope.guards : [...scope.guards, scope.absence]) ?? none;
    this.#shared = new SharedEntries(context, scope, (keys) => this.#markSent(keys));
  }

  /**
   * The value under this key: from memory, from the shared cache, else from `load`. Null, or undefined where `load` gave
   * that: there is none.
   *
   * @param ttlMs how long it is kept; those who join a read of another go by that one's
   */
  read(key: EntryKey, load: () => Promise<Value | null>, ttlMs = this.#ttlMs): Promise<Value | null> {
    const { near, clock, counters, sampling } = this.#context;
    if (near !== null) {
      const known = near.get(key, this.#nearScope, this.#nearAbsence, clock.now());
      if (known !== NOTHING) {
        counters.nearHits += 1;
        sampling.countdown -= 1;
        if (sampling.countdown <= 0) this.#draw(key, known, load);
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
      this.#countDown(key, null, load);
      this.#keep(key, reading, null, reading.ttlMs / HIT_TTL_SHARE);
      return null;
    }
    if (outcome.kind === 'hit') {
      const value = this.#decode(key, outcome.value);
      if (value !== NOTHING) {
        counters.hits += 1;
        this.#countDown(key, value, load);
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
      const value = await this.#timed(load);
      return isNone(value) ? value : this.#context.codec.freeze(value);
    });
  }

  async #lookUp(key: EntryKey): Promise<Lookup> {
    const { clock, counters } = this.#context;
    let lookup = await this.#shared.lookUp(key);
    const deadline = clock.now() + MAX_WAIT_MS;
    for (let ceiling = 2; lookup.outcome.kind === 'busy' && clock.now() < deadline; ceiling *= 2) {
      counters.leaseWaits += 1;
      const own = this.#leading.get(key);
      await (own ?? clock.sleep(Math.random() * Math.min(ceiling, MAX_POLL_MS)));
      lookup = await this.#shared.lookUp(key);
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
      await this.#shared.fill({ key, token, versions, value, ttlMs });
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
    const { codec } = this.#context;
    let value: Value | null;
    try {
      value = await this.#timed(load);
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

  async #timed(load: () => Promise<Value | null>): Promise<Value | null> {
    const { counters, latencies, clock } = this.#context;
    counters.loads += 1;
    const startedAt = clock.now();
    const value = await load();
    latencies.loads.record(clock.now() - startedAt);
    return value;
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

  #markSent(keys: readonly EntryKey[]): void {
    for (const key of keys) {
      const reading = this.#readings.get(key);
      if (reading !== undefined) reading.sent = true;
    }
  }

  /** Notes a hit of the shared cache as one from memory. */
  #countDown(key: EntryKey, value: unknown, load: () => Promise<Value | null>): void {
    const { sampling } = this.#context;
    sampling.countdown -= 1;
    if (sampling.countdown <= 0) this.#draw(key, value, load);
  }

  /** A hit that was drawn, with the ways to look at it again: see `DrawnHit`. */
  #draw(key: EntryKey, value: unknown, load: () => Promise<Value | null>): void {
    this.#context.sampling.draw(this.#sampled, key, () => ({
      value,
      load,
      cached: () => this.#lookAgain(key, value),
      drop: () => this.drop(key),
    }));
  }

  async #lookAgain(key: EntryKey, value: unknown): Promise<unknown> {
    const { near, clock } = this.#context;
    const known = near === null ? NOTHING : near.get(key, this.#nearScope, this.#nearAbsence, clock.now());
    // Another object under the key was read anew, even where it says the same.
    if (known !== NOTHING) return known === value ? value : NOTHING;
    const outcome = await this.#shared.peek(key);
    if (outcome?.kind === 'hit') return this.#decode(key, outcome.value);
    return outcome?.kind === 'absent' ? null : NOTHING;
  }
}

/** A function that answers with nothing at all means null as well. */
function isNone<Value>(value: Value | null | undefined): value is null | undefined {
  return value === null || value === undefined;
}
