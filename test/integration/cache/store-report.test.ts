import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import { storeReport, sumOfReports } from '../../../src/cache/store/store-report.js';
import {
  type OpenRedisStore,
  openRedisClient,
  openRedisStore,
  type RedisClient,
} from '../../support/redis-stores.js';
import { ownRedis } from '../../support/servers.js';

const keys = new KeySpace('report');
const LIMIT_BYTES = 64 * 1024 * 1024;

let server: Awaited<ReturnType<typeof ownRedis>>;
let opened: OpenRedisStore;
let client: RedisClient;

beforeAll(async () => {
  server = await ownRedis();
  opened = await openRedisStore(server.url, keys, 'one');
  client = await openRedisClient(server.url);
});

afterAll(async () => {
  client?.destroy();
  await opened?.store.close();
  await server?.stop();
});

const report = () => storeReport(opened.connection);

test('a server says how full it is, and what it does at its limit', async () => {
  await client.configSet({ maxmemory: '0', 'maxmemory-policy': 'noeviction' });
  expect(await report()).toMatchObject({
    maxMemoryBytes: null,
    maxMemoryPolicy: 'noeviction',
    evictedKeys: 0,
  });
  await client.configSet({ maxmemory: String(LIMIT_BYTES), 'maxmemory-policy': 'allkeys-lru' });
  const { usedMemoryBytes, maxMemoryBytes, maxMemoryPolicy } = await report();
  expect(usedMemoryBytes).toBeGreaterThan(100_000);
  expect([maxMemoryBytes, maxMemoryPolicy]).toEqual([LIMIT_BYTES, 'allkeys-lru']);
});

test('a server says how many keys it has, and how often one was there', async () => {
  const before = await report();
  await client.mSet({ a: '1', b: '2', c: '3' });
  await client.get('a');
  await client.get('missing');
  await client.get('missing');
  const after = await report();
  expect(after.keys - before.keys).toBe(3);
  expect(after.keyspaceHits - before.keyspaceHits).toBe(1);
  expect(after.keyspaceMisses - before.keyspaceMisses).toBe(2);
});

test('several servers are added up, with a limit only where each has one', async () => {
  const one = await report();
  const two = { ...one, maxMemoryPolicy: 'noeviction', keys: 5 };
  expect(sumOfReports([one, two])).toMatchObject({
    keys: one.keys + 5,
    usedMemoryBytes: 2 * one.usedMemoryBytes,
    maxMemoryBytes: 2 * LIMIT_BYTES,
    maxMemoryPolicy: null,
  });
  expect(sumOfReports([one, one]).maxMemoryPolicy).toBe('allkeys-lru');
  expect(sumOfReports([one, { ...one, maxMemoryBytes: null }]).maxMemoryBytes).toBeNull();
});
