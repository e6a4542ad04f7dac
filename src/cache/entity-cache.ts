import { isKnownNotWritten, type TransactionScope } from '../database/index.js';
import { CodecError } from '../errors.js';
import type { Clock } from './clock.js';
import { codec } from './codec.js';
import { freezeEntity } from './freeze.js';
import type { KeySpace } from './keys.js';
import type { EntryKey, FenceTargets, Fill, ModelScope, ReadOutcome, SharedStore } from './shared-store.js';
import type { CacheCounters } from './statistics.js';
import type { StoreGuard } from './store-guard.js';
import { TickBatcher } from './tick-batcher.js';

// A lease is given back by the fill; this is for a reader that dies. Longer than a slow load, so that two readers
// seldom load one key.
const LEASE_MS = 3_000;

// How long a reader waits for another's load before it makes its own, without filling.
const MAX_WAIT_MS = 1_000;
const MAX_POLL_MS = 50;

const FENCE_MARGIN_MS = 5_000;

/** What all entity caches of one process share. */
export interface EntityCacheContext {
  readonly store: SharedStore;
  readonly guard: StoreGuard;
  readonly keys: KeySpace;
  readonly counters: CacheCounters;
  readonly clock: Clock;
  /** How long a fence stands when its writer dies: longer than any write can take. */
  readonly fenceMs: number;
  /** A name that no other writer or reader has. */
  readonly nextToken: () => string;
}

/** What a write is about to change. */
export interface WriteEffects {
  /** Canonical ids of the entities of this cache's model. */
  readonly ids: readonly string[];
  /** Models of which any entity may change. */
  readonly models: readonly string[];
}

interface Lookup {
  readonly outcome: ReadOutcome;
  readonly guard: string;
  readonly token: string;
}

const BYPASS: Lookup = Object.freeze({ outcome: Object.freeze({ kind: 'fenced' }), guard: '', token: '' });

/**
 * Cache-aside for the entities of one model, by primary key. `SharedStore` says why what it answers is never older
 * than the last acknowledged write.
 */
export class EntityCache<Entity extends object> {
  readonly #context: EntityCacheContext;
  readonly #scope: ModelScope;
  readonly #ttlMs: number;
  readonly #lookups: TickBatcher<EntryKey, Lookup>;
  readonly #fills: TickBatcher<Fill, undefined>;
  /** Reads of this turn of the event loop, not sent yet. */
  #joinable = new Map<string, Promise<Entity | null>>();

  constructor(context: EntityCacheContext, model: string, ttlSeconds: number) {
    this.#context = context;
    this.#scope = context.keys.scope(model);
    this.#ttlMs = Math.round(ttlSeconds * 1000);
    this.#lookups = new TickBatcher((keys) => this.#sendLookups(keys));
    this.#fills = new TickBatcher((fills) => this.#sendFills(fills));
  }

  /** The entity with this canonical id: from the cache, else from `load`. Equal reads of one tick are one. */
  read(id: string, load: () => Promise<Entity | null>): Promise<Entity | null> {
    const joined = this.#joinable.get(id);
    if (joined !== undefined) return joined;
    const answer = this.#readAlone(id, load);
    this.#joinable.set(id, answer);
    return answer;
  }

  /**
   * Runs a write with fences standing before what it changes, and lifts them when its outcome is known: at its end, or,
   * inside a transaction, at the end of that. A write whose outcome is not known (connection lost, answer not waited
   * for) keeps them until they expire, since it may commit.
   */
  async write<T>(
    effects: WriteEffects,
    run: () => Promise<T>,
    transaction: TransactionScope | null = null,
  ): Promise<T> {
    const { guard, store, keys } = this.#context;
    const targets: FenceTargets = {
      keys: effects.ids.map((id) => keys.entry(this.#scope.model, id)),
      scopes: effects.models.map((model) => keys.scope(model)),
    };
    if (targets.keys.length === 0 && targets.scopes.length === 0) return run();

    const token = this.#context.nextToken();
    const fenceMs = this.#fenceMs(transaction);
    const fenced = await guard.deliverPatiently(() => store.fence(targets, token, fenceMs));
    const end = fenced.ok ? () => this.#lift(targets, token) : guard.beginUnfencedWrite();
    if (transaction !== null) {
      try {
        transaction.onOutcome((outcome) => (outcome === 'unknown' && fenced.ok ? undefined : end()));
      } catch (error) {
        // It has ended meanwhile and would never call back, so the fence, or the lack of one, ends here.
        await end();
        throw error;
      }
      return run();
    }
    try {
      const result = await run();
      await end();
      return result;
    } catch (error) {
      // Without a fence there is nothing to keep, and whatever became of the write, all is invalidated.
      if (!fenced.ok || isKnownNotWritten(error)) await end();
      throw error;
    }
  }

  /**
   * A transaction whose process was stopped can still commit when it goes on, until the server has ended it: after a
   * statement that may have begun at the deadline, and as long an idle time after that.
   */
  #fenceMs(transaction: TransactionScope | null): number {
    const { fenceMs } = this.#context;
    if (transaction === null) return fenceMs;
    const { remainingMs, lengthMs } = transaction.root;
    return Math.max(fenceMs, Math.ceil(remainingMs + 2 * lengthMs + FENCE_MARGIN_MS));
  }

  async #lift(targets: FenceTargets, token: string): Promise<void> {
    const { guard, store } = this.#context;
    const lifted = await guard.deliver(() => store.lift(targets, token));
    // A store that restarted lost the fence, and a reader may have filled what it read before the commit.
    if (!lifted.ok) await guard.beginUnfencedWrite()();
  }

  async #readAlone(id: string, load: () => Promise<Entity | null>): Promise<Entity | null> {
    const key = this.#context.keys.entry(this.#scope.model, id);
    const lookup = await this.#lookUp(key);
    if (lookup.outcome.kind === 'hit') {
      const entity = this.#decode(key, lookup.outcome.value);
      if (entity !== null) {
        this.#context.counters.hits += 1;
        return entity;
      }
    }
    return this.#loadAndFill(key, lookup, load);
  }

  async #lookUp(key: EntryKey): Promise<Lookup> {
    const { clock, counters } = this.#context;
    let lookup = await this.#lookups.add(key);
    const deadline = clock.now() + MAX_WAIT_MS;
    for (let ceiling = 2; lookup.outcome.kind === 'busy' && clock.now() < deadline; ceiling *= 2) {
      counters.leaseWaits += 1;
      await clock.sleep(Math.random() * Math.min(ceiling, MAX_POLL_MS));
      lookup = await this.#lookups.add(key);
    }
    return lookup;
  }

  async #loadAndFill(
    key: EntryKey,
    lookup: Lookup,
    load: () => Promise<Entity | null>,
  ): Promise<Entity | null> {
    const { counters } = this.#context;
    if (lookup === BYPASS) counters.bypasses += 1;
    else {
      counters.misses += 1;
      if (lookup.outcome.kind === 'fenced') counters.fenced += 1;
    }
    counters.loads += 1;
    if (lookup.outcome.kind !== 'lease') return frozen(await load());

    const fill = { key, token: lookup.token, guard: lookup.guard, ttlMs: this.#ttlMs };
    let value: Uint8Array | null = null;
    try {
      const entity = await load();
      if (entity !== null) value = codec.encode(entity);
      return frozen(entity);
    } finally {
      // Not awaited: a later read on this connection comes after it, and nothing else depends on it.
      void this.#fills.add({ ...fill, value });
    }
  }

  #decode(key: EntryKey, bytes: Uint8Array): Entity | null {
    try {
      return freezeEntity(codec.decode(bytes)) as Entity;
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      const { counters, guard, store, nextToken } = this.#context;
      counters.corrupt += 1;
      // Nobody holds a fence of this token, so this only deletes.
      void guard.attempt(() => store.lift({ keys: [key], scopes: [] }, nextToken()));
      return null;
    }
  }

  async #sendLookups(keys: readonly EntryKey[]): Promise<readonly Lookup[]> {
    this.#joinable = new Map();
    const { guard, store, nextToken } = this.#context;
    const token = nextToken();
    const reply = await guard.attempt(() => store.read(this.#scope, keys, token, LEASE_MS));
    if (!reply.ok) return keys.map(() => BYPASS);
    return reply.value.outcomes.map((outcome) => ({ outcome, guard: reply.value.guard, token }));
  }

  async #sendFills(fills: readonly Fill[]): Promise<readonly undefined[]> {
    const { guard, store, counters } = this.#context;
    const stored = await guard.attempt(() => store.fill(this.#scope, fills));
    if (stored.ok) {
      counters.fills += stored.value;
      counters.fillsRefused += fills.length - stored.value;
    }
    return fills.map(() => undefined);
  }
}

function frozen<Entity extends object>(entity: Entity | null): Entity | null {
  return entity === null ? null : freezeEntity(entity);
}
