import { EntryCache } from '../../src/cache/entry-cache.js';
import type { EntryCodec } from '../../src/cache/entry-codec.js';
import { TimeLease } from '../../src/cache/fleet/time-lease.js';
import { fleetTiming } from '../../src/cache/fleet/timing.js';
import { KeySpace } from '../../src/cache/keys.js';
import { LoadGate } from '../../src/cache/load-gate.js';
import { NearCache } from '../../src/cache/near/near-cache.js';
import type { ReadContext } from '../../src/cache/read-context.js';
import { MostRead } from '../../src/cache/sampling/most-read.js';
import { type HitSampling, ReadSampling } from '../../src/cache/sampling/read-sampling.js';
import { type StalenessOptions, StalenessSampler } from '../../src/cache/sampling/staleness-sampler.js';
import { Latencies } from '../../src/cache/statistics/latencies.js';
import { type CacheCounters, newCounters } from '../../src/cache/statistics.js';
import { changeOf, type Scope, type SharedStore, type Targets } from '../../src/cache/store/shared-store.js';
import { StoreGuard } from '../../src/cache/store-guard.js';
import { silentLogger } from '../../src/config/index.js';
import { CodecError } from '../../src/errors.js';
import type { ManualClock } from './manual-clock.js';

export const TIMING = fleetTiming({ commandTimeoutMs: 250, connectTimeoutMs: 500 });
export const TTL_MS = 60_000;

/** A value that the codec of these tests refuses to write. */
export const UNWRITABLE = 'unwritable';

/** A value that breaks the codec of these tests. */
export const BREAKING = 'breaking';

/** Text, for entries that a test can read. */
const textCodec: EntryCodec = Object.freeze({
  encodeIfPossible: (value: unknown) => {
    if (value === BREAKING) throw new TypeError('It broke.');
    return value === UNWRITABLE ? null : new TextEncoder().encode(`text:${String(value)}`);
  },
  decode: (bytes: Uint8Array) => {
    const text = new TextDecoder().decode(bytes);
    if (!text.startsWith('text:')) throw new CodecError('No text.');
    return text.slice('text:'.length);
  },
  freeze: <T>(value: T) => value,
  weigh: (value: unknown) => String(value).length,
  rawLength: (bytes: Uint8Array) => bytes.length,
});

const keys = new KeySpace('test');
const things = { table: 'things', schema: null };

/** Looks closer at some hits, or at none. */
export function samplingOf(clock: ManualClock, options: StalenessOptions = { share: 0 }): ReadSampling {
  const parts = { codec: textCodec, clock, logger: silentLogger };
  return new ReadSampling(new MostRead(clock), new StalenessSampler(options, parts));
}

/** The scope of the entries of these tests, and their keys. */
export const scope: Scope = Object.freeze({
  guards: [keys.namespace, keys.rows(things)],
  absence: keys.absence(things),
  shape: 'shape--1',
  keyed: true,
});
export const keyOf = (id: string): string => keys.entity(things, id);
export const onKey = (id: string): Targets => ({ keys: [keyOf(id)], guards: [] });
export const onRows: Targets = { keys: [], guards: [keys.rows(things)] };
export const onAbsence: Targets = { keys: [], guards: [keys.absence(things)] };

/** One of the processes that share a store, with what it needs to read entries. */
export class CacheProcess {
  readonly counters: CacheCounters = newCounters();
  readonly lease = new TimeLease();
  readonly near: NearCache | null;
  readonly cache: EntryCache<string>;
  readonly trust: { isTrusted: boolean };
  readonly latencies = new Latencies();

  constructor(options: {
    readonly name: string;
    readonly store: SharedStore;
    readonly clock: ManualClock;
    /** @default true */
    readonly near?: boolean;
    readonly nearTtlMs?: number;
    readonly trust?: { isTrusted: boolean };
    readonly scope?: Scope;
    /** @default one that compares nothing */
    readonly sampling?: HitSampling;
  }) {
    const { name, store, clock } = options;
    this.near =
      options.near === false
        ? null
        : new NearCache(
            { maxEntries: 1_000, maxBytes: 1_000_000, ttlMs: options.nearTtlMs ?? TTL_MS },
            this.lease,
          );
    this.lease.extend(Number.POSITIVE_INFINITY);
    this.trust = options.trust ?? { isTrusted: true };
    let tokens = 0;
    const context: ReadContext = {
      store,
      guard: new StoreGuard({
        commandTimeoutMs: 250,
        timing: TIMING,
        counters: this.counters,
        logger: silentLogger,
        clock,
        hooks: { ping: () => store.ping(), onBroken: () => undefined, onAnswering: async () => undefined },
      }),
      trust: this.trust,
      near: this.near,
      lease: this.lease,
      codec: textCodec,
      counters: this.counters,
      latencies: this.latencies,
      sampling: options.sampling ?? samplingOf(clock),
      clock,
      gate: new LoadGate(),
      nextToken: () => {
        tokens += 1;
        return `${name}.${tokens}`;
      },
    };
    this.cache = new EntryCache(context, options.scope ?? scope, {
      ttlMs: TTL_MS,
      holdsBytes: false,
      sampled: { model: 'Thing', checkedAs: 'row', nameOf: (key) => key },
    });
  }

  /** Drops what an announcement names, as a process does that hears it. */
  hears({ keys: named, guards }: Targets): void {
    this.near?.drop(named, guards.map(changeOf));
  }
}

/** A load that must not happen. */
export const never = (): Promise<never> =>
  Promise.reject(new Error('This was to be answered without a load.'));

/** A load that the test ends. */
export class Load {
  /** How often it was called. */
  calls = 0;
  #end: ((value: string | null | Promise<never>) => void) | undefined;

  readonly run = (): Promise<string | null> => {
    this.calls += 1;
    return new Promise((resolve) => {
      this.#end = resolve;
    });
  };

  get isRunning(): boolean {
    return this.#end !== undefined;
  }

  end(value: string | null): void {
    if (this.#end === undefined) throw new Error('The load was not begun.');
    this.#end(value);
    this.#end = undefined;
  }

  fail(error: Error): void {
    if (this.#end === undefined) throw new Error('The load was not begun.');
    this.#end(Promise.reject(error));
    this.#end = undefined;
  }
}
