import { LRUCache } from 'lru-cache';
import { copyMutable } from '../freeze.js';
import { type Flight, type NearScope, NOTHING } from '../near/near-cache.js';
import type { ReadContext } from '../read-context.js';
import type { SampledEntries } from '../sampling/read-sampling.js';
import { changeOf, type EntryKey, type Guard } from '../store/shared-store.js';

/** A read that set out, with what is needed to know whether what it brings may be remembered or shared. */
export interface Departure {
  readonly flight: Flight;
  readonly scope: NearScope;
  readonly generation: number;
}

interface Remembered {
  readonly value: unknown;
  /** Nothing keeps a reader from changing Bytes, so each gets its own. */
  readonly holdsBytes: boolean;
}

const MAX_SCOPES = 1_000;
// What is about to end is asked for again, so that someone computes it anew before.
const NEAR_SHARE = 10;

/** Named values in the memory of this process. */
export class ValueNear {
  readonly #context: ReadContext;
  readonly #sampled: SampledEntries | null;
  /** By the guards. One that is dropped loses what was remembered under it. */
  readonly #scopes: LRUCache<string, NearScope>;

  constructor(context: ReadContext, sampled: SampledEntries | null) {
    this.#context = context;
    this.#sampled = sampled;
    this.#scopes = new LRUCache({ max: MAX_SCOPES, dispose: (scope) => context.near?.release(scope) });
  }

  /** The value, a copy where it holds Bytes, and counts it as a hit; `NOTHING` where it is not remembered. */
  get(key: EntryKey, guards: readonly Guard[]): unknown {
    const { near, clock, counters, sampling } = this.#context;
    if (near === null) return NOTHING;
    const scope = this.#scopeOf(guards);
    const known = near.get(key, scope, scope, clock.now());
    if (known === NOTHING) return NOTHING;
    counters.nearHits += 1;
    sampling.countdown -= 1;
    if (sampling.countdown <= 0) sampling.draw(this.#sampled, key);
    const { value, holdsBytes } = known as Remembered;
    return holdsBytes ? copyMutable(value) : value;
  }

  /** A read sets out of what will hang on these guards; null without a near cache. Call `land` when it is back. */
  depart(key: EntryKey, guards: readonly Guard[]): Departure | null {
    const { near } = this.#context;
    if (near === null) return null;
    const scope = this.#scopeOf(guards);
    return { flight: near.depart(key), scope, generation: scope.generation };
  }

  land(key: EntryKey, departure: Departure | null): void {
    if (departure !== null) this.#context.near?.land(key, departure.flight);
  }

  /** Whether another may share what it brings: see "Joining" in docs/coherence.md. */
  isUnchanged(departure: Departure | null): boolean {
    const { near, lease, clock } = this.#context;
    return (
      departure !== null &&
      near !== null &&
      lease.isHeld(clock.now()) &&
      near.isUnchanged(departure.flight) &&
      departure.generation === departure.scope.generation
    );
  }

  /**
   * Remembers what a read brought, unless something changed since it set out, or it hangs on something else than it set out
   * for. Bytes in it must then be nobody's: give copies away, by `copyMutable`.
   *
   * @param freshMs how much longer it is fresh
   */
  keep(
    key: EntryKey,
    departure: Departure | null,
    guards: readonly Guard[],
    value: unknown,
    freshMs: number,
  ): void {
    const { near, clock, codec } = this.#context;
    if (near === null || departure === null || departure.scope !== this.#scopeOf(guards)) return;
    const { flight, scope, generation } = departure;
    if (!near.admits(key, flight)) return;
    const remembered: Remembered = { value, holdsBytes: copyMutable(value) !== value };
    const bytes = codec.weigh(value);
    near.put(key, flight, remembered, bytes, scope, generation, clock.now(), freshMs / NEAR_SHARE);
  }

  /** Forgets values that were changed here. */
  drop(keys: readonly EntryKey[]): void {
    this.#context.near?.drop(keys, []);
  }

  #scopeOf(guards: readonly Guard[]): NearScope {
    const name = guards.map(changeOf).join('\0');
    let scope = this.#scopes.get(name);
    if (scope === undefined) {
      scope = this.#context.near?.scope(guards) ?? { generation: 0 };
      this.#scopes.set(name, scope);
    }
    return scope;
  }
}
