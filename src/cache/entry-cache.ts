import { CodecError } from '../errors.js';
import { copyMutable } from './freeze.js';
import { type NearScope, NOTHING } from './near/near-cache.js';
import { PassingMap } from './passing-map.js';
import type { ReadContext } from './read-context.js';
import { isNone, Leading, type Load, Reading } from './reading.js';
import type { SampledEntries } from './sampling/read-sampling.js';
import { SharedEntries } from './shared-entries.js';
import type { EntryKey, Fill, ReadOutcome, Scope, Versions } from './store/shared-store.js';

// How long a reader waits for another's load before it makes its own, without filling.
const MAX_WAIT_MS = 1_000;
const MAX_POLL_MS = 50;
// How long it is remembered that there is none: long enough for a burst of requests for what does not exist.
const ABSENT_TTL_MS = 30_000;
// What the shared cache gives may be at the end of its time. Kept in memory for no more than this part of it, an entry
// lives a tenth longer than it should, and not twice as long.
const HIT_TTL_SHARE = 10;

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
  readonly #shared: SharedEntries<Reading<Value>>;
  /** Those to whom the answers that are being told give leases, and whose values are read together. */
  #leased: Reading<Value>[] = [];
  readonly #readings = new PassingMap<EntryKey, Reading<Value>>();
  /** Keys on which this process holds the lease. */
  readonly #leading = new PassingMap<EntryKey, { readonly token: string; readonly load: Leading }>();

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
    this.#shared = new SharedEntries(context, scope, {
      onAnswer: (reading, outcome, versions, token) => {
        try {
          this.#answered(reading, outcome, versions, token);
        } catch (error) {
          this.#fail(reading, error);
        }
      },
      onAllAnswered: (versions, token) => this.#loadLeased(versions, token),
      onUnstorable: (key) => context.near?.drop([key], []),
      onFilled: (fills) => this.#filled(fills),
    });
  }

  /**
   * The value under this key: from memory, from the shared cache, else from `load`. Null, or undefined where `load` gave
   * that: there is none.
   *
   * @param load reads it from the database; runs perhaps in the turn of another reader
   * @param id is given to `load`, so that no hit has to make a function
   * @param ttlMs how long it is kept; those who join a read of another go by that one's
   */
  read(key: EntryKey, load: Load<Value>, id = '', ttlMs = this.#ttlMs): Promise<Value | null> {
    return this.readNear(key, load, id) ?? this.readShared(key, load, id, ttlMs);
  }

  /** As `read`, past the near cache, which did not have it. */
  readShared(key: EntryKey, load: Load<Value>, id: string, ttlMs = this.#ttlMs): Promise<Value | null> {
    const current = this.#readings.get(key);
    const joined = current !== undefined && this.#mayJoin(current);
    const answer = joined ? current.answer : this.#begin(key, load, id, ttlMs);
    return this.#holdsBytes ? this.#ownOf(answer) : answer;
  }

  /** As `read`, where it can be answered from memory; null where it cannot. */
  readNear(key: EntryKey, load: Load<Value>, id: string): Promise<Value | null> | null {
    const { near, clock, counters, sampling } = this.#context;
    if (near === null) return null;
    const known = near.get(key, this.#nearScope, this.#nearAbsence, clock.now());
    if (known === NOTHING) return null;
    counters.nearHits += 1;
    sampling.countdown -= 1;
    if (sampling.countdown <= 0) this.#draw(key, known, load, id);
    return Promise.resolve(this.#own(known as Value | null));
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

  async #ownOf(answer: Promise<Value | null>): Promise<Value | null> {
    return this.#own(await answer);
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

  #begin(key: EntryKey, load: Load<Value>, id: string, ttlMs: number): Promise<Value | null> {
    const reading = new Reading(
      key,
      load,
      id,
      ttlMs,
      this.#context.near?.depart(key) ?? null,
      this.#nearScope.generation,
      this.#nearAbsence.generation,
    );
    this.#readings.set(key, reading);
    this.#shared.lookUp(reading);
    return reading.answer;
  }

  /** What the shared cache says of the key. Each way on ends in `#end` or `#fail`, some of them later. */
  #answered(reading: Reading<Value>, outcome: ReadOutcome, versions: Versions | null, token: string): void {
    const { counters } = this.#context;
    if (outcome.kind === 'hit') {
      const value = this.#decode(reading.key, outcome.value);
      if (value !== NOTHING) {
        this.#hit(reading, value as Value);
        return;
      }
    } else if (outcome.kind === 'absent') {
      counters.negativeHits += 1;
      this.#hit(reading, null);
      return;
    } else if (outcome.kind === 'busy' && this.#mayWait(reading)) {
      void this.#wait(reading);
      return;
    }
    if (versions === null) counters.bypasses += 1;
    else {
      counters.misses += 1;
      if (outcome.kind === 'fenced') counters.fenced += 1;
      if (outcome.kind === 'lease') {
        if (reading.load.all === undefined) void this.#loadOne(reading, versions, token);
        else this.#leased.push(reading);
        return;
      }
    }
    void this.#loadAlone(reading);
  }

  #hit(reading: Reading<Value>, value: Value | null): void {
    this.#context.counters.hits += 1;
    this.#countDown(reading, value);
    this.#keep(reading, value, reading.ttlMs / HIT_TTL_SHARE);
    this.#end(reading, value);
  }

  #end(reading: Reading<Value>, value: Value | null): void {
    this.#leave(reading);
    reading.resolve(value);
  }

  #fail(reading: Reading<Value>, error: unknown): void {
    this.#leave(reading);
    reading.reject(error);
  }

  #leave(reading: Reading<Value>): void {
    const { key, flight } = reading;
    if (this.#readings.get(key) === reading) this.#readings.delete(key);
    if (flight !== null) this.#context.near?.land(key, flight);
  }

  /** Whether it may look again for what another reader is loading. */
  #mayWait(reading: Reading<Value>): boolean {
    const now = this.#context.clock.now();
    if (reading.waitsUntil === 0) reading.waitsUntil = now + MAX_WAIT_MS;
    return now < reading.waitsUntil;
  }

  async #wait(reading: Reading<Value>): Promise<void> {
    const { counters, clock } = this.#context;
    counters.leaseWaits += 1;
    reading.polls += 1;
    const own = this.#leading.get(reading.key);
    const ceilingMs = Math.min(2 ** reading.polls, MAX_POLL_MS);
    await (own?.load.ended ?? clock.sleep(Math.random() * ceilingMs));
    this.#shared.lookUp(reading);
  }

  async #loadAlone(reading: Reading<Value>): Promise<void> {
    reading.alone = true;
    const { gate, codec } = this.#context;
    try {
      const loaded = await gate.load(reading.key, async () => {
        const value = await this.#timed(reading);
        return isNone(value) ? value : codec.freeze(value);
      });
      this.#end(reading, loaded);
    } catch (error) {
      this.#fail(reading, error);
    }
  }

  /** Has what was leased in one round trip read in another. */
  #loadLeased(versions: Versions | null, token: string): void {
    if (this.#leased.length === 0 || versions === null) return;
    const byLoad = new Map<Load<Value>, Reading<Value>[]>();
    for (const reading of this.#leased) {
      const together = byLoad.get(reading.load);
      if (together === undefined) byLoad.set(reading.load, [reading]);
      else together.push(reading);
    }
    this.#leased = [];
    for (const [load, readings] of byLoad) void this.#loadTogether(load, readings, versions, token);
  }

  async #loadTogether(
    load: Load<Value>,
    readings: readonly Reading<Value>[],
    versions: Versions,
    token: string,
  ): Promise<void> {
    const { counters, latencies, clock } = this.#context;
    for (const reading of readings) this.#lead(reading, versions, token);
    counters.loads += readings.length;
    const startedAt = clock.now();
    let values: readonly (Value | null)[];
    try {
      values = (await load.all?.(readings.map(({ id }) => id))) ?? [];
    } catch (error) {
      for (const reading of readings) this.#notLoaded(reading, versions, token, error);
      return;
    }
    const tookMs = clock.now() - startedAt;
    for (const [place, reading] of readings.entries()) {
      latencies.loads.record(tookMs);
      this.#loaded(reading, versions, token, values[place] ?? null);
    }
  }

  async #loadOne(reading: Reading<Value>, versions: Versions, token: string): Promise<void> {
    this.#lead(reading, versions, token);
    let value: Value | null;
    try {
      value = await this.#timed(reading);
    } catch (error) {
      this.#notLoaded(reading, versions, token, error);
      return;
    }
    this.#loaded(reading, versions, token, value);
  }

  #lead(reading: Reading<Value>, versions: Versions, token: string): void {
    // A writer is making rows appear, and has told everybody already: nothing more will tell that this one is there.
    if (this.#scope.absence !== null && versions.absence === '') reading.alone = true;
    // One whose time is over, which is not waited for any more.
    this.#leading.get(reading.key)?.load.end();
    this.#leading.set(reading.key, { token, load: new Leading() });
  }

  #notLoaded(reading: Reading<Value>, versions: Versions, token: string, error: unknown): void {
    this.#shared.fill({ key: reading.key, token, versions, value: null, ttlMs: 0 });
    this.#fail(reading, error);
  }

  #loaded(reading: Reading<Value>, versions: Versions, token: string, loaded: Value | null): void {
    const { codec } = this.#context;
    const { key, ttlMs } = reading;
    try {
      if (isNone(loaded)) {
        // While a writer may be about to make it appear, it is not remembered that there is none, here as little as there.
        const known = versions.absence !== '';
        const value = known ? 'absent' : null;
        this.#shared.fill({ key, token, versions, value, ttlMs: Math.min(ABSENT_TTL_MS, ttlMs) });
        if (known) this.#keep(reading, null, ttlMs);
        this.#end(reading, loaded);
        return;
      }
      const frozen = codec.freeze(loaded);
      // The reader need not wait until it is encoded.
      this.#shared.fillValue({ key, token, versions, value: frozen, ttlMs });
      this.#keep(reading, frozen, ttlMs);
      this.#end(reading, frozen);
    } catch (error) {
      this.#notLoaded(reading, versions, token, error);
    }
  }

  #filled(fills: readonly Fill[]): void {
    for (const { key, token } of fills) {
      const leading = this.#leading.get(key);
      // A later lease of this process may stand in its place.
      if (leading?.token !== token) continue;
      this.#leading.delete(key);
      leading.load.end();
    }
  }

  async #timed({ load, id }: Reading<Value>): Promise<Value | null> {
    const { counters, latencies, clock } = this.#context;
    counters.loads += 1;
    const startedAt = clock.now();
    const value = await load(id);
    latencies.loads.record(clock.now() - startedAt);
    return value;
  }

  /** Remembers a value in the near cache, unless something changed since the read set out. */
  #keep(reading: Reading<Value>, value: Value | null, ttlMs: number): void {
    const { near, clock, codec } = this.#context;
    const { key, flight } = reading;
    if (near === null || flight === null || !near.admits(key, flight)) return;
    const [scope, generation] =
      value === null ? [this.#nearAbsence, reading.absentGeneration] : [this.#nearScope, reading.generation];
    near.put(key, flight, value, codec.weigh(value), scope, generation, clock.now(), ttlMs);
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

  /** Notes a hit of the shared cache as one from memory. */
  #countDown({ key, load, id }: Reading<Value>, value: unknown): void {
    const { sampling } = this.#context;
    sampling.countdown -= 1;
    if (sampling.countdown <= 0) this.#draw(key, value, load, id);
  }

  /**
   * A hit that was drawn, with the ways to look at it again: see `DrawnHit`. By itself, since a method that makes a function
   * allocates what that holds on to at every call.
   */
  #draw(key: EntryKey, value: unknown, load: Load<Value>, id: string): void {
    this.#context.sampling.draw(this.#sampled, key, () => ({
      value,
      load: () => load(id),
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
