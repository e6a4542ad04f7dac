import { expect, test } from '@jest/globals';
import type { ModelCache } from '../../../../src/cache/index.js';
import { settled } from '../../../support/manual-clock.js';
import { CountedLoad, memoryCache, plainModel, schemaOf } from '../../../support/memory-cache.js';

const TTL = { entity: 60, query: 60 };

test('each model counts its own reads, and the cache counts those of all, and what is of no model', async () => {
  const { manager } = memoryCache(schemaOf(plainModel('Task'), plainModel('User')));
  const [tasks, users] = ['Task', 'User'].map((model) => manager.model(model, TTL)) as [
    ModelCache,
    ModelCache,
  ];
  const row = new CountedLoad(Object.freeze({ id: 1 }));
  const list = (cache: ModelCache, within: string | null) =>
    cache.query({ models: ['Task'], operation: 'findMany', text: '{}', within }, async () => []);

  for (let count = 0; count < 3; count += 1) await tasks.row('1', row.run);
  await settled();
  await list(tasks, 'team:1');
  await list(tasks, 'team:1');
  await users.row('1', row.run);
  await settled();
  expect(tasks.getStatistics()).toMatchObject({ nearHits: 3, misses: 2, loads: 2, fills: 2, hitRate: 0.6 });
  expect(users.getStatistics()).toMatchObject({ nearHits: 0, misses: 1, loads: 1, fills: 1, hitRate: 0 });

  await manager.getOrLoad('k', async () => 1, { ttlSeconds: 1 });
  await settled();
  const all = manager.getStatistics();
  expect(all).toMatchObject({ nearHits: 3, misses: 4, loads: 4, fills: 4 });
  expect(all.near?.entries).toBe(4);
  // Reads of several models share round trips, so these are of none.
  expect(all.roundTrips).toBeGreaterThan(0);
  expect(tasks.getStatistics()).toMatchObject({ roundTrips: 0, errors: 0, relayed: 0, near: null });
  await manager.clear();
  expect(manager.getStatistics().epochChanges).toBe(1);
  expect(tasks.getStatistics().epochChanges).toBe(0);
});

test('two caches of one model count together', async () => {
  const { manager } = memoryCache(schemaOf(plainModel('Task')));
  const [one, other] = [manager.model('Task', TTL), manager.model('Task', TTL)];
  await one?.row('1', async () => null);
  await settled();
  await other?.row('1', async () => null);
  expect(one?.getStatistics()).toEqual(other?.getStatistics());
  expect(manager.getStatistics()).toMatchObject({ misses: 1, nearHits: 1 });
});

test('what was stored and read is counted in bytes, before and after compression, and timed', async () => {
  const { manager, clock } = memoryCache(schemaOf(plainModel('Task')), {
    CACHE_COMPRESSION_THRESHOLD: '4096',
  });
  const tasks = manager.model('Task', TTL) as ModelCache;
  const row = new CountedLoad(Object.freeze({ id: 1, text: 'again and '.repeat(2_000) }));
  await tasks.row('1', row.run);
  await settled();
  const { bytesWritten, rawBytesWritten, compressionRatio, latencies } = tasks.getStatistics();
  expect(rawBytesWritten).toBeGreaterThan(20_000);
  expect(bytesWritten).toBeLessThan(2_000);
  expect(compressionRatio).toBe(rawBytesWritten / bytesWritten);
  expect(latencies).toMatchObject({ sharedReads: { count: 1 }, loads: { count: 1 }, fences: null });

  // Out of memory, which keeps entries for a minute at most; the store keeps them as long as they are meant to be.
  await clock.advance(59_999);
  await tasks.row('1', row.run);
  expect(tasks.getStatistics()).toMatchObject({ bytesRead: 0, nearHits: 1 });
});

test('what is invalidated because it was asked for is counted by its kind', async () => {
  const { manager } = memoryCache(schemaOf(plainModel('Task')));
  const tasks = manager.model('Task', TTL) as ModelCache;
  await tasks.invalidateRows(['1', '2']);
  await tasks.invalidateRows([]);
  await tasks.invalidateAll();
  await manager.invalidateTags(['a', 'b', 'a']);
  await manager.clear();
  expect(tasks.getStatistics().invalidations).toEqual({ keys: 2, tags: 0, models: 1, all: 0, relayed: 0 });
  expect(manager.getStatistics().invalidations).toEqual({ keys: 2, tags: 2, models: 1, all: 1, relayed: 0 });
});

test('the near cache counts what it answered, and what had no room or no time left', async () => {
  const { manager, clock } = memoryCache(schemaOf(plainModel('Task')));
  const tasks = manager.model('Task', TTL) as ModelCache;
  const read = () => tasks.row('1', async () => Object.freeze({ id: 1 }));
  for (let count = 0; count < 3; count += 1) {
    await read();
    await settled();
  }
  expect(manager.getStatistics().near).toMatchObject({ hits: 2, entries: 1, evictions: 0, expired: 0 });
  await clock.advance(60_000);
  await read();
  expect(manager.getStatistics().near).toMatchObject({ hits: 2, expired: 1 });
});
