import { randomBytes } from 'node:crypto';
import { Debts } from '../debts.js';
import { Acknowledgements } from '../fleet/acknowledgements.js';
import { Fleet } from '../fleet/fleet.js';
import { TimeLease } from '../fleet/time-lease.js';
import { fleetTiming } from '../fleet/timing.js';
import { Trust } from '../fleet/trust.js';
import { KeySpace } from '../keys.js';
import { Relay } from '../relay.js';
import type { RemoteStoreOpener } from '../store/remote-store.js';
import { StoreGuard } from '../store-guard.js';
import { TargetFinder } from '../targets.js';
import { Writer } from '../writer.js';
import type { CacheParts, Materials } from './cache-parts.js';
import { models, nearCache, tokens, writing } from './common-parts.js';
import { valueParts } from './values.js';

const SERVING_POLL_MS = 5;

/** A cache whose store other processes see too. */
export function wireRemote(materials: Materials, open: RemoteStoreOpener): CacheParts {
  const { config, logger, clock, counters, outbox } = materials;
  const process = randomBytes(9).toString('base64url');
  const keys = new KeySpace(config.cache.prefix);
  const remote = open({ keys, process, logger });
  const { store, channel, commandTimeoutMs } = remote;
  const timing = fleetTiming(remote);
  const lease = new TimeLease();
  // Without a channel nobody would tell it what others change.
  const near = channel === null ? null : nearCache(config, lease);
  const debts = new Debts(keys.namespace);
  const nextToken = tokens(process);
  const guard = new StoreGuard({
    commandTimeoutMs,
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
    latencies: materials.latencies,
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
    channel,
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
  const context = models(materials, { store, guard, trust, near, lease, writer, keys, targets, nextToken });
  return Object.freeze({
    store,
    guard,
    keys,
    near,
    writer,
    fleet,
    models: context,
    ...valueParts(config, context),
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
