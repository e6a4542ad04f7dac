import { randomBytes } from 'node:crypto';
import type { Config, Logger, RedisConfig } from '../config/index.js';
import type { SchemaMetadata } from '../database/index.js';
import type { Clock } from './clock.js';
import { Debts } from './debts.js';
import { entryCodec } from './entry-codec.js';
import { Acknowledgements } from './fleet/acknowledgements.js';
import { Fleet } from './fleet/fleet.js';
import { TimeLease } from './fleet/time-lease.js';
import { fleetTiming } from './fleet/timing.js';
import { Trust } from './fleet/trust.js';
import { KeySpace } from './keys.js';
import { LoadGate } from './load-gate.js';
import type { ModelCacheContext } from './model-cache.js';
import { NearCache } from './near/near-cache.js';
import { type ChangeLog, Relay } from './relay.js';
import type { CacheCounters } from './statistics.js';
import { MemoryStore } from './store/memory-store.js';
import { RedisConnection } from './store/redis-connection.js';
import { RedisStore } from './store/redis-store.js';
import type { SharedStore } from './store/shared-store.js';
import { StoreGuard } from './store-guard.js';
import { TargetFinder } from './targets.js';
import { Writer } from './writer.js';

const MIN_FENCE_MS = 15_000;
/** What follows from them is of no consequence where no other process sees the store. */
const NO_REDIS = { commandTimeoutMs: 250, connectTimeoutMs: 500 };
const SERVING_POLL_MS = 5;

/** The parts of a cache, as they hang together. */
export interface CacheParts {
  readonly store: SharedStore;
  readonly guard: StoreGuard;
  readonly keys: KeySpace;
  readonly near: NearCache | null;
  readonly writer: Writer;
  /** Null where no other process sees the store. */
  readonly fleet: Fleet | null;
  readonly models: ModelCacheContext;
  serving(timeoutMs: number): Promise<boolean>;
  /** Asks the database for nothing more on its own account. */
  rest(): void;
  stop(): Promise<void>;
}

interface Materials {
  readonly config: Config;
  readonly logger: Logger;
  readonly metadata: SchemaMetadata;
  readonly outbox: ChangeLog;
  readonly counters: CacheCounters;
  readonly clock: Clock;
  /** Takes the place of the store that the configuration asks for; see `TOKENS.sharedStore`. */
  readonly store?: SharedStore;
}

/** Builds the cache that the configuration asks for; null for none. Connects to nothing. */
export function wireCache(materials: Materials): CacheParts | null {
  const { config, logger } = materials;
  if (!config.cache.enabled) return null;
  if (materials.store !== undefined) return inProcess(materials, materials.store);
  if (config.redis !== null && config.cache.sharedEnabled) return overRedis(materials, config.redis);
  // Never by default: a second process that writes would leave this one's memory stale.
  if (config.cache.localEnabled === true) return inProcess(materials, null);
  logger.info(
    'no shared cache: every read goes to PostgreSQL. Set REDIS_URL, or ENABLE_LOCAL_CACHE=true for a single process',
  );
  return null;
}

function overRedis(materials: Materials, redis: RedisConfig): CacheParts {
  const { config, logger, clock, counters, outbox } = materials;
  const process = randomBytes(9).toString('base64url');
  const keys = new KeySpace(config.cache.prefix);
  const connection = new RedisConnection(redis, keys, logger);
  const store = new RedisStore(connection, keys, process, redis.commandTimeoutMs);
  const timing = fleetTiming(redis);
  const lease = new TimeLease();
  const near = nearCache(config, lease);
  const debts = new Debts(keys.namespace);
  const nextToken = tokens(process);
  const guard = new StoreGuard({
    commandTimeoutMs: redis.commandTimeoutMs,
    timing,
    counters,
    logger,
    clock,
    hooks: {
      ping: () => store.ping(),
      onBroken: () => trust.lose(),
      onAnswering: async (attempt) => {
        await debts.pay(async ({ targets, token }) => (await attempt(() => store.lift(targets, token))).ok);
      },
    },
  });
  const payDebts = (): Promise<boolean> =>
    debts.pay(({ targets, token }) => writer.invalidate(targets, { token }));
  const trust = new Trust(timing, clock, async () => (await payDebts()) && (await relay.drain()));
  const acknowledgements = new Acknowledgements(timing, clock, () => fleet.isListening);
  const writer = new Writer({
    ...writing(config, clock),
    store,
    guard,
    near,
    acknowledgements,
    debts,
    nextToken,
  });
  const targets = new TargetFinder(keys, materials.metadata, config.cache.outboxSchema);
  const relay = new Relay(
    outbox,
    {
      targetsOf: (changes) => targets.ofChanges(changes),
      invalidate: (changed) => {
        counters.relayed += 1;
        return writer.invalidate(changed);
      },
      get isReachable() {
        return guard.isReachable;
      },
    },
    clock,
    logger,
  );
  const fleet = new Fleet({
    process,
    coherence: config.cache.coherence,
    connection,
    store,
    keys,
    guard,
    near,
    lease,
    trust,
    acknowledgements,
    timing,
    clock,
    onTurn: (turn) => {
      void payDebts();
      relay.turn(turn);
    },
  });
  // Nothing that was announced is missed, so what is remembered may be kept; a heartbeat must come through again.
  trust.onLost(() => lease.lose());
  return Object.freeze({
    store,
    guard,
    keys,
    near,
    writer,
    fleet,
    models: models(materials, { store, guard, trust, near, lease, writer, keys, targets, nextToken }),
    serving: async (timeoutMs: number) => {
      const deadline = clock.now() + timeoutMs;
      if (!(await trust.gained(timeoutMs))) return false;
      while (near !== null && !lease.isHeld(clock.now()) && clock.now() < deadline)
        await clock.sleep(SERVING_POLL_MS);
      return trust.isTrusted && (near === null || lease.isHeld(clock.now()));
    },
    rest: () => relay.stop(),
    stop: async () => {
      relay.stop();
      fleet.stop();
      if (await payDebts()) await guard.attempt(() => store.leave());
      guard.close();
      await store.close();
    },
  });
}

/** @param given a store that others of this process may share: it is theirs to close */
function inProcess(materials: Materials, given: SharedStore | null): CacheParts {
  const { config, logger, clock, counters } = materials;
  const keys = new KeySpace(config.cache.prefix);
  const store = given ?? new MemoryStore({ clock });
  const timing = fleetTiming({ ...NO_REDIS });
  const lease = TimeLease.forever();
  // Nobody would tell it what is changed through the same store by others.
  const near = given === null ? nearCache(config, lease) : null;
  const nextToken = tokens(randomBytes(9).toString('base64url'));
  const debts = new Debts(keys.namespace);
  const guard = new StoreGuard({
    commandTimeoutMs: NO_REDIS.commandTimeoutMs,
    timing,
    counters,
    logger,
    clock,
    hooks: {
      ping: () => store.ping(),
      onBroken: () => undefined,
      onAnswering: async (attempt) => {
        await debts.pay(async ({ targets, token }) => (await attempt(() => store.lift(targets, token))).ok);
      },
    },
  });
  const writer = new Writer({
    ...writing(config, clock),
    store,
    guard,
    near,
    acknowledgements: new Acknowledgements(timing, clock, () => false),
    debts,
    nextToken,
  });
  const trust = { isTrusted: true };
  const targets = new TargetFinder(keys, materials.metadata, config.cache.outboxSchema);
  return Object.freeze({
    store,
    guard,
    keys,
    near,
    writer,
    fleet: null,
    models: models(materials, { store, guard, trust, near, lease, writer, keys, targets, nextToken }),
    serving: async () => true,
    rest: () => undefined,
    stop: async () => {
      guard.close();
      if (given === null) await store.close();
    },
  });
}

function models(
  { config, metadata, counters, clock }: Materials,
  parts: {
    readonly store: SharedStore;
    readonly guard: StoreGuard;
    readonly trust: { readonly isTrusted: boolean };
    readonly near: NearCache | null;
    readonly lease: TimeLease;
    readonly writer: Writer;
    readonly keys: KeySpace;
    readonly targets: TargetFinder;
    readonly nextToken: () => string;
  },
): ModelCacheContext {
  const { store, guard, trust, near, lease, nextToken, writer, keys, targets } = parts;
  const read = Object.freeze({
    store,
    guard,
    trust,
    near,
    lease,
    codec: entryCodec(config.cache.compressionThresholdBytes),
    counters,
    clock,
    gate: new LoadGate(),
    nextToken,
  });
  return Object.freeze({ read, writer, keys, metadata, targets });
}

function nearCache(config: Config, lease: TimeLease): NearCache | null {
  const { coherence, localEnabled, near } = config.cache;
  if (coherence === 'off' || localEnabled === false) return null;
  return new NearCache({ ...near, ttlMs: near.ttlSeconds * 1_000 }, lease);
}

function writing(config: Config, clock: Clock) {
  const { statementTimeoutMs, queryTimeoutMs, transactionPooler } = config.database;
  return {
    clock,
    statementMs: Math.max(statementTimeoutMs, queryTimeoutMs),
    // Through a pooler in transaction mode the session's setting is not made; a transaction makes its own.
    statementsEnd: statementTimeoutMs > 0 && !transactionPooler,
    minFenceMs: MIN_FENCE_MS,
  };
}

function tokens(process: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${process}.${count}`;
  };
}
