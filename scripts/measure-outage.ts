/*
 * `npm run measure:outage [-- readers seconds]`: what a Redis that hangs costs the reads, on servers of its own. Readers ask
 * for rows all the while, and a writer changes them; Redis is stopped with a signal, so that its connections stay open and
 * nothing is answered, and later goes on. Latencies stand beside those of the same reads with the cache switched off.
 */

import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadConfig, silentLogger } from '../src/config/index.js';
import { DomainRepositoryFactory } from '../src/domain/index.js';
import { startPostgres } from './support/local-postgres.js';
import { startRedis } from './support/local-redis.js';
import { applyMigrations } from './support/migrate.js';
import { renderTable } from './support/table.js';

const readers = Number(process.argv[2] ?? 20);
const seconds = Number(process.argv[3] ?? 5);
const ROWS = 500;
const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url));

const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
await applyMigrations(postgres.url, MIGRATIONS);
const factoryWith = (more: Record<string, string>): DomainRepositoryFactory => {
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: postgres.url,
    CACHE_PREFIX: 'outage',
    ...more,
  });
  return new DomainRepositoryFactory({ config, logger: silentLogger });
};
const cached = factoryWith({ REDIS_URL: redis.url });
const bare = factoryWith({ CACHE_ENABLED: 'false' });

/** Id of a row -> the version that every later read must see. */
const acknowledged = new Map<string, number>();
let failed = 0;
let stale = 0;

async function load(factory: DomainRepositoryFactory, until: () => boolean): Promise<RecordableHistogram> {
  const latencies = createHistogram();
  const ids = [...acknowledged.keys()];
  const read = async (): Promise<void> => {
    while (!until()) {
      const id = ids[Math.floor(Math.random() * ids.length)] ?? '';
      const expected = acknowledged.get(id) ?? 0;
      const startedAt = performance.now();
      try {
        const row = await factory.getProjectRepository().findById(id);
        if ((row?.fileCount ?? -1) < expected) stale += 1;
      } catch {
        failed += 1;
      }
      latencies.record(Math.max(1, Math.round((performance.now() - startedAt) * 1_000)));
      // A think time, so that the readers do not measure how many of them one processor can serve.
      await delay(Math.random() * 10);
    }
  };
  const write = async (): Promise<void> => {
    while (!until()) {
      const id = ids[Math.floor(Math.random() * ids.length)] ?? '';
      try {
        // Never through the one without a cache: that would be another writer, whose changes may take 250 ms to be seen.
        const row = await cached.getProjectRepository().update(id, { fileCount: { increment: 1 } });
        acknowledged.set(id, Math.max(row.fileCount, acknowledged.get(id) ?? 0));
      } catch {
        failed += 1;
      }
      await delay(50);
    }
  };
  await Promise.all([...Array.from({ length: readers }, read), write()]);
  return latencies;
}

const forSeconds = (length: number): (() => boolean) => {
  const end = performance.now() + length * 1_000;
  return () => performance.now() > end;
};
const rows: string[][] = [];
const note = (name: string, latencies: RecordableHistogram): void => {
  const ms = (share: number): string => (latencies.percentile(share) / 1_000).toFixed(2);
  rows.push([name, latencies.count.toLocaleString('en'), ms(50), ms(99), (latencies.max / 1_000).toFixed(2)]);
};

try {
  await Promise.all([cached.initialize(), bare.initialize()]);
  const owner = await bare
    .getUserRepository()
    .create({ githubId: '1', email: 'a@example.test', username: 'a' });
  for (let n = 0; n < ROWS; n += 1) {
    const { id } = await bare
      .getProjectRepository()
      .create({ ownerId: owner.id, name: 'n', sourceStack: {} });
    acknowledged.set(id, 0);
  }
  await cached.cache.waitUntilServing();
  await load(bare, forSeconds(1));
  await load(cached, forSeconds(1));
  note('cache off', await load(bare, forSeconds(seconds)));
  note('cache on, Redis well', await load(cached, forSeconds(seconds)));
  redis.pause();
  note('Redis hangs, first second', await load(cached, forSeconds(1)));
  note('Redis hangs, after that', await load(cached, forSeconds(seconds)));
  note('cache off, again', await load(bare, forSeconds(seconds)));

  const before = cached.getCacheStatistics();
  redis.resume();
  const resumedAt = performance.now();
  let hitsAfterMs = Number.NaN;
  const back = await load(cached, () => {
    const now = cached.getCacheStatistics();
    if (Number.isNaN(hitsAfterMs) && now.hits + now.nearHits > before.hits + before.nearHits) {
      hitsAfterMs = performance.now() - resumedAt;
    }
    return performance.now() > resumedAt + 5_000;
  });
  note('Redis is back', back);

  console.log(renderTable(['reads', 'number', 'p50 ms', 'p99 ms', 'max ms'], rows));
  console.log(`\nHits came again ${Math.round(hitsAfterMs)} ms after Redis was back.`);
  console.log(`${failed} calls failed, ${stale} reads were stale.`);
  if (failed + stale > 0 || Number.isNaN(hitsAfterMs)) process.exitCode = 1;
} finally {
  redis.resume();
  await Promise.all([cached.shutdown(), bare.shutdown()]);
  await Promise.all([postgres.stop(), redis.stop()]);
}
