import { randomBytes } from 'node:crypto';
import { Debts } from '../debts.js';
import { Acknowledgements } from '../fleet/acknowledgements.js';
import { TimeLease } from '../fleet/time-lease.js';
import { fleetTiming } from '../fleet/timing.js';
import { KeySpace } from '../keys.js';
import { MemoryStore } from '../store/memory-store.js';
import type { SharedStore } from '../store/shared-store.js';
import { StoreGuard } from '../store-guard.js';
import { TargetFinder } from '../targets.js';
import { Writer } from '../writer.js';
import type { CacheParts, Materials } from './cache-parts.js';
import { models, nearCache, tokens, writing } from './common-parts.js';
import { valueParts } from './values.js';

/** What follows from them is of no consequence where no other process sees the store. */
const NO_REDIS = { commandTimeoutMs: 250, connectTimeoutMs: 500 };

/**
 * A cache whose store is seen by this process alone.
 *
 * @param given a store that others of this process may share: it is theirs to close
 */
export function wireInProcess(materials: Materials, given: SharedStore | null): CacheParts {
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
    latencies: materials.latencies,
    store,
    guard,
    near,
    acknowledgements: new Acknowledgements(timing, clock, () => false),
    debts,
    nextToken,
  });
  const trust = { isTrusted: true };
  const targets = new TargetFinder(keys, materials.metadata, config.cache.outboxSchema);
  const context = models(materials, { store, guard, trust, near, lease, writer, keys, targets, nextToken });
  return Object.freeze({
    store,
    guard,
    keys,
    near,
    writer,
    fleet: null,
    models: context,
    ...valueParts(config, context),
    serving: async () => true,
    rest: () => undefined,
    stop: async () => {
      guard.close();
      if (given === null) await store.close();
    },
  });
}
