import { parseArgs } from 'node:util';
import { KeySpace } from '../src/cache/keys.js';
import { RedisConnection } from '../src/cache/store/redis-connection.js';
import { RedisStore } from '../src/cache/store/redis-store.js';
import { silentLogger } from '../src/config/index.js';
import { type Figures, Observer } from './redis-growth/figures.js';
import { Workload } from './redis-growth/workload.js';
import { formatBytes, formatCount, formatSeconds, formatShare } from './support/format.js';
import { startRedis } from './support/local-redis.js';
import { renderTable } from './support/table.js';

/*
 * `npx tsx scripts/measure-redis-growth.ts [--entries 1000000] [--tags 100000] [--ttl 60]`: whether anything stays in
 * Redis of many entries under many tags that were invalidated and have expired. Exit code 1 when a key is left that never
 * expires, other than the one that says which server this is, or when memory grew by more than 2 %.
 */
const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '1000000' },
    tags: { type: 'string', default: '100000' },
    /** Of each entry, in seconds: long enough for all to be there at once. */
    ttl: { type: 'string', default: '60' },
  },
});
const load = {
  entries: Number(values.entries),
  tags: Number(values.tags),
  ttlMs: Number(values.ttl) * 1_000,
};
const TOLERATED_GROWTH = 0.02;
// A version outlives what hangs on it by a minute. Redis then needs a while to come across what has expired.
const VERSION_OUTLIVES_MS = 60_000;
const COLLECTION_MS = 300_000;
const QUIET_MS = 15_000;

// What the server notes of each command that it sees for the first time, and of slow ones, is no growth of the cache.
const server = await startRedis({ settings: { 'latency-tracking': 'no', 'slowlog-log-slower-than': '-1' } });
const keys = new KeySpace('growth');
const redis = { url: server.url, maxRetries: 3, connectTimeoutMs: 2_000, commandTimeoutMs: 60_000 };
const observer = await Observer.open(server.url);
const startedAt = performance.now();
const rows: string[][] = [];

function note(moment: string, { keys: count, usedBytes }: Figures): void {
  const at = formatSeconds(performance.now() - startedAt);
  rows.push([moment, at, formatCount(count), formatBytes(BigInt(usedBytes)), formatCount(usedBytes)]);
  console.log(`${at.padStart(8)}  ${moment}: ${formatCount(count)} keys, ${formatBytes(BigInt(usedBytes))}`);
}

/** What a process does that comes, works, and goes: its connection takes memory only meanwhile. */
async function withStore(work: (store: RedisStore) => Promise<void>): Promise<void> {
  const connection = new RedisConnection(redis, keys, silentLogger);
  const store = new RedisStore(connection, keys, 'growth', redis.commandTimeoutMs);
  await store.connect();
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

try {
  // The scripts are there from now on, and so is the key that says which server this is.
  await withStore(async (store) => {
    const rehearsal = new Workload(store, keys, { entries: 10_000, tags: 1_000, ttlMs: 1_000 });
    await rehearsal.create();
    await rehearsal.invalidateAll();
  });
  await observer.empty();
  await withStore(async () => undefined);
  const before = await observer.figures();
  note('before', before);

  let lasting: string[] = [];
  await withStore(async (store) => {
    const workload = new Workload(store, keys, load);
    const stored = await workload.create();
    if (stored !== load.entries) throw new Error(`Of ${load.entries} entries ${stored} were stored.`);
    note('all entries stored', await observer.figures());
    await workload.invalidateAll();
    note('all tags invalidated', await observer.figures());
    lasting = await observer.lasting();
  });

  const notBeforeMs = load.ttlMs + VERSION_OUTLIVES_MS;
  let shown = performance.now();
  await observer.settled(
    { notBeforeMs, quietMs: QUIET_MS, timeoutMs: notBeforeMs + COLLECTION_MS },
    (count) => {
      if (performance.now() - shown < 20_000) return;
      shown = performance.now();
      console.log(`${formatSeconds(shown - startedAt).padStart(8)}  ${formatCount(count)} keys are left`);
    },
  );
  await observer.purge();
  const after = await observer.figures();
  note('after everything has expired', after);

  const growth = after.usedBytes / before.usedBytes - 1;
  const left = [...(await observer.expiries()).keys()].filter((key) => key !== keys.identity);
  const unexpected = lasting.filter((key) => key !== keys.identity);
  console.log(`\n${renderTable(['moment', 'at', 'keys', 'memory', 'bytes'], rows)}\n`);
  console.log(
    `memory grew by ${formatShare(Math.max(0, growth))}; left are ${formatCount(left.length)} keys`,
  );
  if (unexpected.length > 0) console.log(`these never expire: ${unexpected.slice(0, 10).join(', ')}`);
  if (growth > TOLERATED_GROWTH || left.length > 0 || unexpected.length > 0) process.exitCode = 1;
} finally {
  observer.close();
  await server.stop();
}
