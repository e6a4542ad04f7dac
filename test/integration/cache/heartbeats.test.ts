import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Acknowledgements } from '../../../src/cache/fleet/acknowledgements.js';
import { Fleet } from '../../../src/cache/fleet/fleet.js';
import { TimeLease } from '../../../src/cache/fleet/time-lease.js';
import { fleetTiming } from '../../../src/cache/fleet/timing.js';
import { Trust } from '../../../src/cache/fleet/trust.js';
import { KeySpace } from '../../../src/cache/keys.js';
import { NearCache, type NearScope, NOTHING } from '../../../src/cache/near/near-cache.js';
import { newCounters } from '../../../src/cache/statistics.js';
import { RedisStore } from '../../../src/cache/store/redis-store.js';
import { StoreGuard } from '../../../src/cache/store-guard.js';
import { silentLogger } from '../../../src/config/index.js';
import { eventually } from '../../support/eventually.js';
import { HeldConnection } from '../../support/held-connection.js';
import { ManualClock, settled } from '../../support/manual-clock.js';
import { COMMAND_PATIENCE_MS } from '../../support/patience.js';
import { type OpenRedisStore, openRedisStore } from '../../support/redis-stores.js';
import { sharedRedis } from '../../support/servers.js';

const things = { table: 'things', schema: null };
const LONG_MS = 60_000;

/*
 * One process of a fleet on a real Redis, on a clock that the test moves, with a subscription that the test can slow
 * down; and another one that invalidates.
 */
describe('a process that hears its heartbeat', () => {
  let keys: KeySpace;
  let clock: ManualClock;
  let connection: HeldConnection;
  let near: NearCache;
  let scope: NearScope;
  let lease: TimeLease;
  let trust: Trust;
  let fleet: Fleet;
  let guard: StoreGuard;
  let other: OpenRedisStore;
  let drained: ((result: boolean) => void) | null;

  beforeEach(async () => {
    const { url, keyPrefix } = sharedRedis();
    const redis = { url, maxRetries: 3, connectTimeoutMs: 2_000, commandTimeoutMs: COMMAND_PATIENCE_MS };
    const timing = fleetTiming(redis);
    keys = new KeySpace(keyPrefix);
    clock = new ManualClock();
    connection = new HeldConnection(redis, keys, silentLogger);
    lease = new TimeLease();
    near = new NearCache({ maxEntries: 100, maxBytes: 1_000_000, ttlMs: LONG_MS }, lease);
    scope = near.scope([keys.namespace, keys.rows(things)]);
    drained = null;
    trust = new Trust(
      timing,
      clock,
      () =>
        new Promise((resolve) => {
          drained = resolve;
        }),
    );
    trust.onLost(() => lease.lose());
    const store = new RedisStore(connection, keys, 'this', redis.commandTimeoutMs);
    guard = new StoreGuard({
      commandTimeoutMs: redis.commandTimeoutMs,
      timing,
      counters: newCounters(),
      logger: silentLogger,
      clock,
      hooks: { ping: () => store.ping(), onBroken: () => trust.lose(), onAnswering: async () => undefined },
    });
    const acknowledgements = new Acknowledgements(timing, clock, () => true);
    fleet = new Fleet({
      process: 'this',
      coherence: 'strict',
      channel: connection,
      store,
      keys,
      guard,
      near,
      lease,
      trust,
      acknowledgements,
      timing,
      clock,
      onTurn: () => undefined,
    });
    other = await openRedisStore(url, keys, 'other');
    await store.connect();
    // So that this process does not wait for an outage to settle that there was none of.
    const request = {
      strict: false,
      leaseMs: LONG_MS,
      channel: keys.channel,
      heartbeat: '',
      maxGapMs: LONG_MS,
    };
    await other.store.pulse(request);
    await other.connection.run(RAISE_UP, [keys.registry], []);
    await fleet.start();
  });

  afterEach(async () => {
    fleet.stop();
    guard.close();
    connection.close();
    await other.store.close();
  });

  /**
   * Lets pulses be sent until something comes of them: each when the one before it was answered, as a process does that
   * waits for its answers on the clock that it lives by.
   */
  const pulsing = (holds: () => boolean) =>
    eventually(
      async () => {
        if (clock.waiting > 0) await clock.advance(200);
        return holds();
      },
      (held) => held,
    );
  const trusted = async (): Promise<void> => {
    await pulsing(() => drained !== null);
    drained?.(true);
    drained = null;
    await settled();
    expect(trust.isTrusted).toBe(true);
  };
  const remember = (value: string): void => {
    const key = keys.entity(things, '1');
    const flight = near.depart(key);
    near.put(key, flight, value, 10, scope, scope.generation, clock.now());
    near.land(key, flight);
  };
  const known = () => near.get(keys.entity(things, '1'), scope, scope, clock.now());

  test('may answer from memory when the store may be believed', async () => {
    expect(lease.isHeld(clock.now())).toBe(false);
    await trusted();
    await pulsing(() => lease.isHeld(clock.now()));
    remember('v');
    expect(known()).toBe('v');
  });

  test('that was sent before the store could be believed again may not answer what was written meanwhile', async () => {
    await trusted();
    await pulsing(() => lease.isHeld(clock.now()));
    remember('old');

    // An outage, in which another process writes without a fence. Its relay invalidates when Redis is back.
    trust.lose();
    expect(known()).toBe(NOTHING);
    connection.hold();
    await pulsing(() => drained !== null && connection.waiting > 0);
    const heartbeats = connection.waiting;
    await other.store.lift({ keys: [keys.entity(things, '1')], guards: [] }, 'relay.1');
    await eventually(
      () => connection.waiting,
      (waiting) => waiting > heartbeats,
    );
    // The outbox was found empty, and the slow subscription comes as far as the heartbeats from before.
    await clock.advance(1);
    drained?.(true);
    await settled();
    for (let n = 0; n < heartbeats; n += 1) connection.letOneIn();
    expect(known()).toBe(NOTHING);
  });
});

/** Enters in the registry that processes have been heard for very long. */
const RAISE_UP = (() => {
  const source = "return redis.call('HSET', KEYS[1], 'up', 0)";
  return { source, sha1: '0'.repeat(40) };
})();
