import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { QueryPatterns } from '../src/database/patterns/index.js';
import type { SqlExecutor } from '../src/database/sql-executor.js';
import { findExecutable, searchPath } from './support/find-executable.js';
import { startPostgres } from './support/local-postgres.js';

/*
 * `npm run measure:patterns [-- rows]`: what the query patterns cost on this machine, on a server of its own. Bulk
 * writes stand beside COPY by psql, which reads the same rows from a file.
 */
const rows = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 3;
const TABLE = `CREATE TABLE events (id bigint PRIMARY KEY, name text NOT NULL, email text NOT NULL, size int NOT NULL,
  price numeric(12,4), created_at timestamptz NOT NULL)`;

const server = await startPostgres();
const client = new pg.Client({ connectionString: server.url });
await client.connect();
const executor: SqlExecutor = {
  query: async (text, parameters = []) => (await client.query(text, [...parameters])).rows,
  execute: async (text, parameters = []) => (await client.query(text, [...parameters])).rowCount ?? 0,
  withClient: (use) => use(client),
};
const patterns = new QueryPatterns(executor, {
  cursorSecrets: ['a secret for this measurement'],
  maxPageSize: 50_000,
});

function* events(count: number): Generator<object> {
  for (let id = 0; id < count; id += 1) {
    yield {
      id,
      name: `user ${id}`,
      email: `user${id}@example.org`,
      size: id % 1_000,
      price: (id % 10_000) / 100,
      created_at: new Date(1_700_000_000_000 + id * 1_000),
    };
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** The best of some rounds, since other work on the machine can only slow one down. */
async function best(name: string, prepare: string, run: () => Promise<unknown>): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    await client.query(prepare);
    await client.query('CHECKPOINT');
    const startedAt = performance.now();
    await run();
    bestMs = Math.min(bestMs, performance.now() - startedAt);
  }
  const rate = Math.round((rows / bestMs) * 1_000).toLocaleString('en');
  console.log(`${name.padEnd(34)} ${bestMs.toFixed(0).padStart(7)} ms ${rate.padStart(12)} rows/s`);
  return bestMs;
}

/** The memory of the process after each chunk: the most in the second tenth of the chunks and in the last. */
async function flatness(): Promise<void> {
  await client.query('TRUNCATE events');
  const used: number[] = [];
  await patterns.bulkCreate({
    table: 'events',
    rows: events(rows),
    onProgress: () => used.push(process.memoryUsage().rss),
  });
  const tenth = Math.max(1, Math.floor(used.length / 10));
  const early = Math.max(...used.slice(tenth, 2 * tenth));
  console.log(
    `memory of the process: ${megabytes(early)} early, ${megabytes(Math.max(...used.slice(-tenth)))} at the end`,
  );
}

async function measureBulk(): Promise<void> {
  const file = path.join(tmpdir(), `holdfast-measure-${process.pid}.tsv`);
  const psql = findExecutable('psql', searchPath());
  await client.query(TABLE);
  const created = await best('bulkCreate', 'TRUNCATE events', () =>
    patterns.bulkCreate({ table: 'events', rows: events(rows) }),
  );
  await flatness();
  if (psql !== null) {
    const run = (command: string): void => {
      const { status, stderr } = spawnSync(psql, [server.url, '-qc', command], { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
    };
    run(`\\copy events TO '${file}'`);
    const copied = await best('\\copy by psql', 'TRUNCATE events', async () =>
      run(`\\copy events FROM '${file}'`),
    );
    rmSync(file);
    console.log(`bulkCreate reaches ${(copied / created).toFixed(2)} of psql's COPY`);
  }
  await best('bulkCreate, conflicts skipped', 'TRUNCATE events', () =>
    patterns.bulkCreate({ table: 'events', rows: events(rows), onConflict: 'skip' }),
  );
  await best('bulkUpsert, all there', 'VACUUM events', () =>
    patterns.bulkUpsert({ table: 'events', rows: events(rows) }),
  );
  await best('bulkUpdate', 'VACUUM FULL events', () =>
    patterns.bulkUpdate({ table: 'events', rows: events(rows) }),
  );
}

async function measureReads(): Promise<void> {
  await client.query('VACUUM (FULL, ANALYZE) events');
  for (const batchRows of [100, 1_000, 5_000]) {
    await best(`stream, ${batchRows} at a time`, 'SELECT', async () => {
      for await (const _ of patterns.stream({ table: 'events', batchRows }));
    });
  }
  const filter = { size: { lt: 100 } };
  const order = 'ORDER BY id LIMIT 20 OFFSET 2000';
  const where = 'WHERE size < 100';
  const statements = {
    'offset page: total in a window': `SELECT *, count(*) OVER () AS total FROM events ${where} ${order}`,
    'offset page: total in a subquery': `SELECT *, (SELECT count(*) FROM events ${where}) AS total FROM events ${where} ${order}`,
  };
  for (const [name, text] of Object.entries(statements)) await timed(name, () => client.query(text));
  const second = new pg.Client({ connectionString: server.url });
  await second.connect();
  await timed('offset page: two statements at once', () =>
    Promise.all([
      client.query(`SELECT * FROM events ${where} ${order}`),
      second.query(`SELECT count(*) FROM events ${where}`),
    ]),
  );
  await second.end();
  await timed('offsetPage', () => patterns.offsetPage({ table: 'events', where: filter, page: 101 }));
  const deep = await patterns.keysetPage({ table: 'events', orderBy: [{ column: 'id' }], pageSize: 50_000 });
  const after = deep.nextCursor ?? '';
  await timed('keysetPage, first', () =>
    patterns.keysetPage({ table: 'events', orderBy: [{ column: 'id' }] }),
  );
  await timed('keysetPage, 50,000 deep', () =>
    patterns.keysetPage({ table: 'events', orderBy: [{ column: 'id' }], after }),
  );
}

async function timed(name: string, run: () => Promise<unknown>): Promise<void> {
  const TIMES = 20;
  await run();
  const startedAt = performance.now();
  for (let time = 0; time < TIMES; time += 1) await run();
  console.log(`${name.padEnd(36)} ${((performance.now() - startedAt) / TIMES).toFixed(2).padStart(8)} ms`);
}

try {
  await measureBulk();
  await measureReads();
} finally {
  await client.end();
  await server.stop();
}
