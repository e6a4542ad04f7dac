import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Observer } from '../../../scripts/redis-growth/figures.js';
import { Workload } from '../../../scripts/redis-growth/workload.js';
import type { LocalRedis } from '../../../scripts/support/local-redis.js';
import { KeySpace } from '../../../src/cache/keys.js';
import { encodeHeartbeat } from '../../../src/cache/store/announcement.js';
import { type OpenRedisStore, openRedisStore } from '../../support/redis-stores.js';
import { ownRedis } from '../../support/servers.js';

const TTL_MS = 300_000;
const VERSION_OUTLIVES_MS = 60_000;
const LOAD = { entries: 3_000, tags: 300, ttlMs: TTL_MS };

/*
 * That nothing grows in Redis: whatever is there goes by itself. `scripts/measure-redis-growth.ts` waits for it, with a
 * million entries.
 */
describe('what a cache leaves in Redis', () => {
  let server: LocalRedis;
  let observer: Observer;
  let redis: OpenRedisStore;
  const keys = new KeySpace('growth');

  beforeAll(async () => {
    server = await ownRedis();
    observer = await Observer.open(server.url);
  });
  beforeEach(async () => {
    await observer.empty();
    redis = await openRedisStore(server.url, keys, 'one');
  });
  afterEach(() => redis.store.close());
  afterAll(async () => {
    observer.close();
    await server.stop();
  });

  const isVersion = (key: string): boolean => /\}:(rows|lists|rules|tag|absence|all)$/.test(key);
  const expiries = async () => [...(await observer.expiries())];

  test('are entries that go after their time, and versions that go a minute after them, and one lasting key', async () => {
    const workload = new Workload(redis.store, keys, LOAD);
    expect(await workload.create()).toBe(LOAD.entries);
    expect(await observer.lasting()).toEqual([keys.identity]);
    const all = (await expiries()).filter(([key]) => key !== keys.identity);
    expect(all).toHaveLength(LOAD.entries + 2 * LOAD.tags + 1);

    const lives = (version: boolean) => all.filter(([key]) => isVersion(key) === version).map(([, ms]) => ms);
    const [entries, versions] = [lives(false), lives(true)];
    expect(Math.max(...entries)).toBeLessThanOrEqual(TTL_MS);
    expect(Math.max(...versions)).toBeLessThanOrEqual(TTL_MS + VERSION_OUTLIVES_MS);
    // No entry outlives what it hangs on, whatever happens to either.
    expect(Math.min(...versions)).toBeGreaterThan(Math.max(...entries));
  });

  test('are no more keys and no later expiries after everything was invalidated', async () => {
    const workload = new Workload(redis.store, keys, LOAD);
    await workload.create();
    const before = new Map(await expiries());
    await workload.invalidateAll();
    const after = await expiries();
    expect(after.filter(([key]) => !before.has(key))).toEqual([]);
    expect(after.filter(([key, ms]) => ms > (before.get(key) ?? 0))).toEqual([]);
    expect(await workload.countHits()).toBe(0);
  });

  test('are the same keys when all of it is filled and invalidated again and again', async () => {
    const workload = new Workload(redis.store, keys, LOAD);
    const counts: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      expect(await workload.create()).toBe(LOAD.entries);
      await workload.invalidateAll();
      counts.push((await observer.figures()).keys);
    }
    expect(new Set(counts).size).toBe(1);
    expect(await observer.lasting()).toEqual([keys.identity]);
  });

  test('are leases, fences and versions of readers and writers that died, for their own time only', async () => {
    const model = { table: 'things', schema: null };
    const scope = {
      guards: [keys.namespace, keys.rows(model)],
      absence: keys.absence(model),
      shape: 'shape--1',
      keyed: true,
    };
    await redis.store.read(scope, [keys.entity(model, '1')], 'dead', 3_000);
    const targets = { keys: [keys.entity(model, '2')], guards: [keys.lists(model), keys.absence(model)] };
    await redis.store.fence(targets, 'dead', 15_000);
    expect(await observer.lasting()).toEqual([keys.identity]);
    for (const [key, ms] of await expiries()) {
      if (key !== keys.identity)
        expect(ms).toBeLessThanOrEqual(isVersion(key) ? VERSION_OUTLIVES_MS : 15_000);
    }
  });

  test('are tags and what follows rules, for as long as something hangs on them', async () => {
    const model = { table: 'things', schema: null };
    for (let n = 0; n < 50; n += 1) {
      const [tag, rules] = [keys.tag(`team:${n}`), keys.otherRules(model, 'rule---1')];
      const guards = [keys.namespace, keys.lists(model), tag, rules];
      const scope = { guards, absence: null, shape: 'shape--1', keyed: false };
      const key = keys.query(model, 'findMany', `${n}`);
      const { versions } = await redis.store.read(scope, [key], 'r', 3_000);
      const fill = { key, token: 'r', versions, value: new Uint8Array(1), ttlMs: TTL_MS };
      expect(await redis.store.fill(scope, [fill])).toBe(1);
      const targets = { keys: [], guards: [tag, keys.otherRules(model, 'rule---2')] };
      await redis.store.fence(targets, 'w', 15_000);
      await redis.store.lift(targets, 'w');
    }
    expect(await observer.lasting()).toEqual([keys.identity]);
    const all = (await expiries()).filter(([key]) => key !== keys.identity);
    // Fifty entries and their tags; the namespace, the lists and the rules; no fences.
    expect(all).toHaveLength(2 * 50 + 3);
    for (const [key, ms] of all)
      expect(ms).toBeLessThanOrEqual(isVersion(key) ? TTL_MS + VERSION_OUTLIVES_MS : TTL_MS);
    expect(Math.min(...all.flatMap(([key, ms]) => (isVersion(key) ? [ms] : [])))).toBeGreaterThan(TTL_MS);
  });

  test('is a registry that outlives its processes by an hour', async () => {
    const heartbeat = encodeHeartbeat('one', 1);
    await redis.store.pulse({
      strict: true,
      leaseMs: 1_000,
      channel: keys.channel,
      heartbeat,
      maxGapMs: 700,
    });
    const left = new Map(await expiries()).get(keys.registry) ?? 0;
    expect(left).toBeGreaterThan(3_500_000);
    expect(left).toBeLessThanOrEqual(3_600_000);
  });

  test('is a fence that several writers share for no longer than the longest of them, and nothing once all lifted', async () => {
    const targets = { keys: [keys.entity({ table: 'things', schema: null }, '1')], guards: [] };
    const fences = `${targets.keys[0]}:fence`;
    await redis.store.fence(targets, 'v', 20_000);
    await redis.store.fence(targets, 'w', 10_000);
    expect(new Map(await expiries()).get(fences)).toBeGreaterThan(10_000);
    await redis.store.lift(targets, 'v');
    await redis.store.lift(targets, 'w');
    expect(new Map(await expiries()).has(fences)).toBe(false);
  });
});
