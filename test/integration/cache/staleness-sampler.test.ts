import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import { CacheProcess, keyOf, onKey, samplingOf } from '../../support/cache-process.js';
import { eventually } from '../../support/eventually.js';
import { ManualClock, settled } from '../../support/manual-clock.js';
import { type OpenRedisStore, openRedisStore } from '../../support/redis-stores.js';
import { ownRedis } from '../../support/servers.js';

const GRACE_MS = 500;

let server: Awaited<ReturnType<typeof ownRedis>>;
let opened: OpenRedisStore;

beforeAll(async () => {
  server = await ownRedis();
  opened = await openRedisStore(server.url, new KeySpace('test'), 'one');
});

afterAll(async () => {
  await opened?.store.close();
  await server?.stop();
});

test('an entry in Redis that nobody invalidated is found, and one that was written meanwhile is not taken for it', async () => {
  const clock = new ManualClock();
  const sampling = samplingOf(clock, { share: 1 });
  const { store } = opened;
  const process = new CacheProcess({ name: 'one', store, clock, sampling, near: false });
  let database = 'old';
  const read = () => process.cache.read(keyOf('1'), async () => database);
  const statistics = () => sampling.staleness.getStatistics();

  await read();
  await eventually(
    () => process.counters.fills,
    (fills) => fills === 1,
  );
  database = 'new';
  expect(await read()).toBe('old');
  await store.fence(onKey('1'), 'w', 60_000);
  await store.lift(onKey('1'), 'w');
  await eventually(statistics, ({ inconclusive, lagging }) => inconclusive + lagging === 1);

  expect(await read()).toBe('new');
  await eventually(
    () => process.counters.fills,
    (fills) => fills === 2,
  );
  database = 'unannounced';
  await clock.advance(100);
  expect(await read()).toBe('new');
  await eventually(
    () => clock.waiting,
    (waiting) => waiting > 0,
  );
  await clock.advance(GRACE_MS);
  await eventually(statistics, ({ stale }) => stale === 1);
  await settled();
  expect(await read()).toBe('unannounced');
});
