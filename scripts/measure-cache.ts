import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createClient } from 'redis';
import { CacheManager } from '../src/cache/index.js';
import { loadConfig, silentLogger } from '../src/config/index.js';
import { formatCount, formatMs } from './support/format.js';
import { startRedis } from './support/local-redis.js';
import { startRedisCluster } from './support/local-redis-cluster.js';
import { renderTable } from './support/table.js';

/*
 * `npm run measure:cache [-- --entries 1000000 --keys 100000 --cluster]`: what reading many values at once costs, what the invalidation of
 * a tag costs by the number of its entries, and what others notice of an invalidation by pattern. One process, no near cache,
 * on a Redis of its own.
 */
const { values: given } = parseArgs({
  options: {
    /** Under the large tag. */
    entries: { type: 'string', default: '1000000' },
    /** That the pattern matches. */
    keys: { type: 'string', default: '100000' },
    /** On three masters; then without what is compared with one server. */
    cluster: { type: 'boolean', default: false },
  },
});
const TAGGED = Number(given.entries);
const MATCHED = Number(given.keys);
const AT_ONCE = 1_000;
const ROUNDS = 50;
const BYSTANDER_PAUSE_MS = 1;

const server = given.cluster ? null : await startRedis();
const cluster = given.cluster ? await startRedisCluster() : null;
const config = loadConfig(
  {},
  {
    environment: 'test',
    database: { url: 'postgresql://nobody@127.0.0.1/nothing' },
    ...(server !== null && { redis: { url: server.url, commandTimeoutMs: 1_000 } }),
    ...(cluster !== null && { redisCluster: { urls: cluster.urls, commandTimeoutMs: 1_000 } }),
    cache: { coherence: 'off', prefix: 'measure' },
  },
);
const outbox = {
  isInstalled: async () => false,
  take: async () => 0,
  now: async () => '',
  isDrainedUpTo: async () => true,
};
const cache = new CacheManager({ config, logger: silentLogger, metadata: { models: {} }, outbox });
const plain = server === null ? null : createClient({ url: server.url });

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function spread(times: readonly number[]): string[] {
  const sorted = [...times].sort((a, b) => a - b);
  return [0.5, 0.95, 0.99, 1].map((share) => formatMs(percentile(sorted, share)));
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

async function fill(count: number, name: (index: number) => string, tags: readonly string[]): Promise<void> {
  for (let first = 0; first < count; first += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - first);
    const done = await cache.setMultiple(
      Array.from({ length: size }, (_, index) => ({
        key: name(first + index),
        value: { id: first + index, name: 'a value', active: true },
        ttlSeconds: 3_600,
        tags,
      })),
    );
    if (!done) throw new Error('The cache did not take the values.');
  }
}

async function readingMany(): Promise<string[][]> {
  const names = Array.from({ length: AT_ONCE }, (_, index) => `many:${index}`);
  await fill(AT_ONCE, (index) => `many:${index}`, []);
  const text = JSON.stringify({ id: 1, name: 'a value', active: true });
  await plain?.mSet(Object.fromEntries(names.map((name) => [`plain:${name}`, text])));
  const ours: number[] = [];
  const theirs: number[] = [];
  const before = cache.getStatistics().roundTrips;
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await timed(() => cache.getMultiple(names)));
    if (plain === null) continue;
    theirs.push(
      await timed(async () => {
        const all = await plain.mGet(names.map((name) => `plain:${name}`));
        return all.map((one) => JSON.parse(one ?? 'null') as unknown);
      }),
    );
  }
  const trips = (cache.getStatistics().roundTrips - before) / ROUNDS;
  const where = plain === null ? `${trips} round trip to each of three servers` : `${trips} round trip`;
  const own = [`getMultiple of ${formatCount(AT_ONCE)} (${where})`, ...spread(ours)];
  if (plain === null) return [own];
  return [own, ['MGET and JSON.parse of the same', ...spread(theirs)]];
}

async function invalidatingTags(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const count of [10, TAGGED]) {
    await fill(count, (index) => `tagged:${index}`, ['large']);
    const there = await cache.getMultiple(['tagged:0', `tagged:${count - 1}`]);
    if (there.includes(null)) throw new Error('The values are not there.');
    // The first one is of all entries; the others tell how it spreads.
    const times = [await timed(() => cache.invalidateTags(['large']))];
    const gone = await cache.getMultiple(['tagged:0', `tagged:${count - 1}`]);
    if (gone.some((value) => value !== null)) throw new Error('The values are still there.');
    for (let round = 1; round < ROUNDS; round += 1)
      times.push(await timed(() => cache.invalidateTags(['large'])));
    rows.push([
      `invalidateTags, ${formatCount(count)} entries: the first`,
      formatMs(times[0] ?? 0),
      '',
      '',
      '',
    ]);
    rows.push([`invalidateTags, ${formatCount(count)} entries in the store`, ...spread(times)]);
  }
  return rows;
}

/** Asks Redis all the time until told to stop, as another service does: in a thread of its own, whose loop nobody holds up. */
function bystander(url: string): { stop(): Promise<number[]> } {
  const worker = new Worker(new URL('./measure-cache/bystander.mjs', import.meta.url), {
    workerData: { url, pauseMs: BYSTANDER_PAUSE_MS },
  });
  return {
    stop: async () => {
      const times = once(worker, 'message');
      worker.postMessage('stop');
      const [all] = (await times) as [number[]];
      return all;
    },
  };
}

async function invalidatingByPattern(): Promise<string[][]> {
  const url = server?.url ?? cluster?.urls[0] ?? '';
  await fill(MATCHED, (index) => `session-like:${index}`, []);
  const quiet = bystander(url);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const before = await quiet.stop();
  const during = bystander(url);
  const report = await cache.invalidatePattern('session-like:*');
  const times = await during.stop();
  if (report.invalidated < MATCHED) throw new Error(`Only ${report.invalidated} were invalidated.`);
  const what = `invalidatePattern of ${formatCount(MATCHED)} keys among ${formatCount(report.scanned)}: ${formatMs(report.tookMs)}`;
  return [
    ['PING of another connection, before', ...spread(before)],
    ['PING of another connection, meanwhile', ...spread(times)],
    [what, '', '', '', ''],
  ];
}

try {
  await plain?.connect();
  await cache.connect();
  if (!(await cache.waitUntilServing())) throw new Error('The cache does not answer.');
  const rows = [
    ...(await readingMany()),
    null,
    ...(await invalidatingTags()),
    null,
    ...(await invalidatingByPattern()),
  ];
  console.log(renderTable(['', 'p50', 'p95', 'p99', 'max'], rows));
} finally {
  await cache.disconnect();
  plain?.destroy();
  await Promise.all([server?.stop(), cluster?.stop()]);
}
