import { withinMs } from '../../database/index.js';
import { CodecError, LoadTimeoutError } from '../../errors.js';
import { newEpoch } from '../epoch.js';
import { copyMutable } from '../freeze.js';
import { NOTHING } from '../near/near-cache.js';
import type { EntryKey, Guard } from '../store/shared-store.js';
import { asLease, asValue } from '../store/value-store.js';
import { keepAlive, MAX_LEASE_MS, pause } from './computing.js';
import type { ValueContext } from './value-context.js';
import { encodeEntry, extraMsOf, guardsOf, hangingOn } from './value-entry.js';
import { type FoundValue, type GuardStates, LEASE_MS, type Seen, type ValueLooks } from './value-looks.js';
import type { Departure, ValueNear } from './value-near.js';
import type { Keeping } from './value-options.js';
import type { Hold, ValueUpdater } from './value-updater.js';

/** A value that is asked for, and how to compute it. */
interface Asked<T> {
  readonly name: string;
  readonly key: EntryKey;
  readonly keeping: Keeping;
  readonly guards: readonly Guard[];
  readonly shape: string | undefined;
  readonly load: () => Promise<T>;
}

/** What came of a computation. */
interface Computed<T> {
  readonly value: T;
  /** Null for what is not kept. */
  readonly bytes: Uint8Array | null;
  /** What it hangs on, as that was before; null where the store was not asked. */
  readonly hold: Hold | null;
  readonly computeMs: number;
}

/** A read that is under way. */
interface Reading {
  readonly guards: readonly Guard[];
  readonly shape: string | undefined;
  readonly answer: Promise<unknown>;
  readonly departure: Departure | null;
  /** What the departure listens for. */
  readonly expected: readonly Guard[];
  /** What it found hangs on more than that, so that changes may have gone unheard: who joined it on its way reads again. */
  unheard: boolean;
  /** Until it is sent, anyone may join. */
  sent: boolean;
  /** It found a writer at work, or no store, so its answer is nobody else's. */
  alone: boolean;
}

/** The value from memory or the store, else computed: by one process, while the others wait for it. */
export class ValueLoader {
  readonly #context: ValueContext;
  readonly #looks: ValueLooks;
  readonly #near: ValueNear;
  readonly #writer: ValueUpdater;
  readonly #random: () => number;
  readonly #readings = new Map<EntryKey, Reading>();
  /** Values that this process computes under a lease, and when it will have put them. */
  readonly #leading = new Map<EntryKey, Promise<unknown>>();

  constructor(
    context: ValueContext,
    looks: ValueLooks,
    near: ValueNear,
    writer: ValueUpdater,
    random: () => number = Math.random,
  ) {
    this.#context = context;
    this.#looks = looks;
    this.#near = near;
    this.#writer = writer;
    this.#random = random;
  }

  /**
   * A null or undefined value is returned and not kept.
   *
   * @throws LoadTimeoutError when it takes longer than the caller waits, and nothing older may be answered
   * @throws whatever `load` throws, likewise
   */
  getOrLoad<T>(name: string, keeping: Keeping, load: () => Promise<T>): Promise<T> {
    const key = this.#context.names.key(name);
    const guards = this.#writer.guardsOf(keeping);
    const { models } = keeping;
    const shape = models.length === 0 ? undefined : this.#context.shapeOf(models);
    const known = this.#near.get(key, this.#expected(key, guards));
    if (known !== NOTHING) return Promise.resolve(known as T);
    const current = this.#readings.get(key);
    const asked = { name, key, keeping, guards, shape, load };
    // Bytes in it are each reader's own.
    if (current === undefined || !this.#mayJoin(current, guards, shape))
      return this.#begin(asked).then(copyMutable);
    const onItsWay = current.sent;
    return current.answer.then((value) =>
      // What it hangs on is known by now, and listened for.
      onItsWay && current.unheard ? this.getOrLoad(name, keeping, load) : copyMutable(value as T),
    );
  }

  /** What the value will probably hang on: what it hung on last, where that is all that is asked of it. */
  #expected(key: EntryKey, guards: readonly Guard[]): readonly Guard[] {
    const hint = this.#looks.hintOf(key);
    if (hint === null) return guards;
    return hasAll(hint, guards) ? hint : guards;
  }

  #mayJoin(reading: Reading, guards: readonly Guard[], shape: string | undefined): boolean {
    // Its value hangs on all that this one's would hang on.
    if (shape !== reading.shape || !hasAll(reading.guards, guards)) return false;
    return !reading.sent || (!reading.alone && this.#near.isUnchanged(reading.departure));
  }

  #begin<T>(asked: Asked<T>): Promise<T> {
    const { key, guards } = asked;
    const expected = this.#expected(key, guards);
    const departure = this.#near.depart(key, expected);
    const answer = Promise.resolve().then(async () => {
      try {
        return await this.#read(asked, reading);
      } finally {
        if (this.#readings.get(key) === reading) this.#readings.delete(key);
        this.#near.land(key, departure);
      }
    });
    const { shape } = asked;
    const state = { unheard: false, sent: false, alone: false };
    const reading: Reading = { guards, shape, answer, departure, expected, ...state };
    this.#readings.set(key, reading);
    return answer;
  }

  async #read<T>(asked: Asked<T>, reading: Reading): Promise<T> {
    const { counters } = this.#context.read;
    const seen = await this.#look(asked, reading);
    if (seen.kind === 'found') {
      const value = this.#decode<T>(asked.key, seen.found);
      if (value !== NOTHING) return this.#answer(asked, reading, seen.found, seen.states, value as T);
    }
    if (seen.kind === 'unasked') counters.bypasses += 1;
    else {
      counters.misses += 1;
      if (seen.kind === 'fenced') counters.fenced += 1;
    }
    if (seen.kind === 'lease') return this.#loadUnderLease(asked, reading, seen.token, seen.states);
    reading.alone = true;
    return this.#inTime(asked, this.#loadAlone(asked));
  }

  /** What is found is answered, unless it is over its time; then who asks may have to compute it. */
  async #answer<T>(
    asked: Asked<T>,
    reading: Reading,
    found: FoundValue,
    states: GuardStates,
    value: T,
  ): Promise<T> {
    const { counters } = this.#context.read;
    const { freshMs, header } = found;
    reading.unheard = !hasAll(reading.expected, guardsOf(header));
    if (freshMs > 0) {
      counters.hits += 1;
      this.#near.keep(asked.key, reading.departure, guardsOf(header), value, freshMs);
      if (this.#isTimeToRefresh(found)) void this.#refreshQuietly(asked, found, states);
      return value;
    }
    if (-freshMs <= (header.staleMs ?? 0)) {
      counters.hits += 1;
      void this.#refreshQuietly(asked, found, states);
      return value;
    }
    counters.misses += 1;
    reading.alone = true;
    try {
      return await this.#inTime(asked, this.#refresh(asked, found, states));
    } catch (error) {
      if (-freshMs > (header.graceMs ?? 0)) throw error;
      this.#context.read.counters.graceHits += 1;
      return value;
    }
  }

  /**
   * Whether this reader should compute the value anew before its time is over, so that not all find it over at once: the more
   * likely the nearer the end, and the longer it takes to compute. Vattani, Chierichetti and Lowenstein: Optimal Probabilistic
   * Cache Stampede Prevention, VLDB 2015, with beta = 1.
   */
  #isTimeToRefresh({ freshMs, header: { computeMs } }: FoundValue): boolean {
    return computeMs !== undefined && freshMs <= -computeMs * Math.log(this.#random());
  }

  async #look<T>({ key, name, guards, shape, keeping }: Asked<T>, reading: Reading): Promise<Seen> {
    const { clock, counters } = this.#context.read;
    const onSent = (): void => {
      reading.sent = true;
    };
    const request = { key, name, guards, shape, wantsLease: true, onSent };
    const waitMs = keeping.loadTimeoutMs ?? MAX_LEASE_MS;
    let seen = await this.#looks.look(request);
    const since = clock.now();
    // While the lease stands, its holder is at work: one that has died loses it in seconds.
    for (let polls = 0; seen.kind === 'busy' && clock.now() - since < waitMs; polls += 1) {
      counters.leaseWaits += 1;
      await (this.#leading.get(key) ?? pause(this.#context.read, polls, since));
      seen = await this.#looks.look(request);
    }
    return seen;
  }

  #loadUnderLease<T>(asked: Asked<T>, reading: Reading, token: string, states: GuardStates): Promise<T> {
    const { key } = asked;
    let filled: (() => void) | undefined;
    const leading = new Promise<void>((resolve) => {
      filled = resolve;
    });
    this.#leading.set(key, leading);
    const loaded = this.#loadAndPut(asked, reading, asLease(token), states);
    const release = keepAlive(this.#context.read, key, token);
    const end = (): void => {
      release();
      if (this.#leading.get(key) === leading) this.#leading.delete(key);
      filled?.();
    };
    loaded.put.then(end, end);
    return this.#inTime(asked, loaded.value);
  }

  /** Computes it anew in the background, unless another does. That it failed is counted; the next reader tries again. */
  async #refreshQuietly<T>(asked: Asked<T>, found: FoundValue, states: GuardStates): Promise<void> {
    try {
      await this.#refreshIfFree(asked, found, states);
    } catch {
      this.#context.read.counters.refreshFailures += 1;
    }
  }

  /** Computes it anew; where another does, waits for that, and where it fails, tries in its turn. */
  async #refresh<T>(asked: Asked<T>, found: FoundValue, states: GuardStates): Promise<T> {
    const { key, name, guards, shape } = asked;
    const { clock } = this.#context.read;
    const onSent = (): void => undefined;
    const since = clock.now();
    for (let polls = 0; clock.now() - since < MAX_LEASE_MS; polls += 1) {
      const own = await this.#refreshIfFree(asked, found, states);
      if (own !== NOTHING) return own as T;
      await pause(this.#context.read, polls, since);
      const seen = await this.#looks.look({ key, name, guards, shape, wantsLease: false, onSent });
      if (seen.kind !== 'found') break;
      const value = seen.found.freshMs > 0 ? this.#decode<T>(key, seen.found) : NOTHING;
      if (value !== NOTHING) return value as T;
    }
    return this.#loadAlone(asked);
  }

  /** The new value, put in the place of the old one while that stands; `NOTHING` where another is at it. */
  async #refreshIfFree<T>(
    asked: Asked<T>,
    found: FoundValue,
    states: GuardStates,
  ): Promise<T | typeof NOTHING> {
    const { guard, store, nextToken } = this.#context.read;
    const right = this.#context.names.refresh(asked.name);
    const token = nextToken();
    const claimed = await guard.attempt(() => store.values.claim(right, token, LEASE_MS));
    if (!claimed.ok || !claimed.value) return NOTHING;
    const release = keepAlive(this.#context.read, right, token);
    try {
      const { value, put } = this.#loadAndPut(asked, null, asValue(found.id), states);
      const refreshed = await value;
      await put;
      return refreshed;
    } finally {
      release();
      void guard.attempt(() => store.values.reclaim(right, token, 0));
    }
  }

  /** @param over what must still be there */
  #loadAndPut<T>(
    asked: Asked<T>,
    reading: Reading | null,
    over: string,
    states: GuardStates,
  ): { readonly value: Promise<T>; readonly put: Promise<void> } {
    const computed = this.#compute(asked, states, over);
    const put = computed.then(
      (done) => this.#put(asked, over, done),
      () => undefined,
    );
    const value = computed.then(({ value: loaded, hold, bytes }) => {
      const frozen = this.#context.read.codec.freeze(loaded);
      if (reading !== null && hold !== null) reading.unheard = !hasAll(reading.expected, hold.guards);
      if (reading !== null && hold !== null && bytes !== null)
        this.#near.keep(asked.key, reading.departure, hold.guards, frozen, asked.keeping.ttlMs);
      return frozen;
    });
    return { value, put };
  }

  async #compute<T>(asked: Asked<T>, states: GuardStates, over: string): Promise<Computed<T>> {
    const { clock, counters, latencies, codec } = this.#context.read;
    // Before it is computed: what changes meanwhile makes it invalid.
    const hold = await this.#writer.hold(asked.name, asked.keeping, this.#covering(asked, states));
    counters.loads += 1;
    const startedAt = clock.now();
    try {
      const value = await asked.load();
      const isFenced = hold?.guards.some(({ version }) => hold.states.get(version)?.fenced === true) ?? true;
      const computeMs = clock.now() - startedAt;
      latencies.loads.record(computeMs);
      const bytes = isNothing(value) || isFenced ? null : codec.encodeIfPossible(value);
      return { value, bytes, hold, computeMs };
    } catch (error) {
      await this.#take(asked.key, over);
      throw error;
    }
  }

  /** The states where they are of all that a value of these options hangs on itself. */
  #covering<T>({ guards }: Asked<T>, states: GuardStates): GuardStates | null {
    return guards.every(({ version }) => states.has(version)) ? states : null;
  }

  async #put<T>(asked: Asked<T>, over: string, { bytes, hold, computeMs }: Computed<T>): Promise<void> {
    const { guard, store, counters, codec } = this.#context.read;
    const { name, key, keeping, shape } = asked;
    if (bytes === null || hold === null) return this.#take(key, over);
    counters.bytesWritten += bytes.byteLength;
    counters.rawBytesWritten += codec.rawLength(bytes);
    const header = {
      guards: hangingOn(hold.guards, hold.states),
      ...(this.#context.names.isHashed(name) && { name }),
      ...(shape !== undefined && { shape }),
      computeMs: Math.round(computeMs),
      ...(keeping.staleMs > 0 && { staleMs: keeping.staleMs }),
      ...(keeping.graceMs > 0 && { graceMs: keeping.graceMs }),
    };
    const ttlMs = keeping.ttlMs + extraMsOf(header);
    const put = { key, id: newEpoch(), bytes: encodeEntry(header, bytes), ttlMs, onlyOver: over };
    const done = await guard.attempt(() => store.values.put([put], hold.guards));
    if (!done.ok) return;
    if (done.value[0] === true) counters.fills += 1;
    else counters.fillsRefused += 1;
    this.#looks.hint(key, hold.guards);
    // The old one goes from this memory at once; from that of others with its time there, since nobody is told.
    if (!over.startsWith('L')) this.#near.drop([key]);
  }

  /** Gives a lease back; an old value is left where it is. */
  async #take(key: EntryKey, over: string): Promise<void> {
    if (!over.startsWith('L')) return;
    const { guard, store } = this.#context.read;
    const back = { key, id: '', bytes: null, ttlMs: 0, onlyOver: over };
    await guard.attempt(() => store.values.put([back], []));
  }

  #loadAlone<T>({ key, load }: Asked<T>): Promise<T> {
    const { gate, counters, codec } = this.#context.read;
    return gate.load(key, async () => {
      counters.loads += 1;
      return codec.freeze(await load());
    });
  }

  async #inTime<T>({ name, keeping: { loadTimeoutMs } }: Asked<T>, loading: Promise<T>): Promise<T> {
    if (loadTimeoutMs === null) return loading;
    const timed = await withinMs(loadTimeoutMs, loading);
    if (timed.inTime) return timed.value;
    throw new LoadTimeoutError(
      `The value "${name.slice(0, 80)}" was not computed within ${loadTimeoutMs} ms. It goes on, and is kept when it ends; give graceSeconds to be answered with an older one meanwhile.`,
      { context: { loadTimeoutMs } },
    );
  }

  #decode<T>(key: EntryKey, found: FoundValue): T | typeof NOTHING {
    const { codec, counters } = this.#context.read;
    try {
      return codec.decode(found.value) as T;
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      counters.corrupt += 1;
      this.#looks.discard(key, found);
      return NOTHING;
    }
  }
}

function hasAll(held: readonly Guard[], asked: readonly Guard[]): boolean {
  return asked.every(({ version }) => held.some((guard) => guard.version === version));
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
