import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { domainFactory, someProject } from '../../support/domain.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';

const READER = fileURLToPath(new URL('../../support/reading-process.ts', import.meta.url));
const PROCESSES = 4;
const READERS = 250;
const INVALIDATIONS = 100;
/** So long a reader waits for what another process loads (`MAX_WAIT_MS` in entry-cache.ts). Then it loads for itself. */
const READER_WAITS_MS = 1_000;

let database: TestDatabase;
let writer: DomainRepositoryFactory;
const processes: ChildProcess[] = [];

async function start(servers: object): Promise<ChildProcess> {
  const child = fork(READER, [JSON.stringify(servers)], { execArgv: ['--import', 'tsx'] });
  // At once, so that it is ended also where another does not come up.
  processes.push(child);
  expect(await once(child, 'message')).toMatchObject([{ serving: true }]);
  return child;
}

interface Round {
  readonly sql: number;
  readonly names: readonly string[];
  /** Whether no reader can have waited so long that it was right to load for itself, as on a machine that is busy. */
  readonly isQuick: boolean;
}

/** Has every process read the row with many readers at once; tells how many statements they sent in all. */
async function readEverywhere(id: string): Promise<Round> {
  const startedAt = performance.now();
  const answers = await Promise.all(
    processes.map(async (child) => {
      const answer = once(child, 'message');
      child.send({ id, readers: READERS });
      return (await answer)[0] as { sql: number; names: string[] };
    }),
  );
  const isQuick = performance.now() - startedAt < READER_WAITS_MS;
  return {
    isQuick,
    sql: answers.reduce((sum, answer) => sum + answer.sql, 0),
    names: [...new Set(answers.flatMap((answer) => answer.names))],
  };
}

beforeAll(async () => {
  database = await createDatabase();
  const redis = sharedRedis();
  const servers = { databaseUrl: database.url, redisUrl: redis.url, prefix: redis.keyPrefix };
  writer = domainFactory(servers);
  await writer.initialize();
  await Promise.all(Array.from({ length: PROCESSES }, () => start(servers)));
}, 120_000);

afterAll(async () => {
  await Promise.all(
    processes.map((child) => {
      const ended = once(child, 'exit');
      child.disconnect();
      return ended;
    }),
  );
  await writer.shutdown();
  await database.drop();
});

describe(`a cold key that ${PROCESSES} processes read with ${READERS} readers each`, () => {
  test('is loaded with one statement', async () => {
    for (let isTold = false; !isTold; ) {
      const { id } = await someProject(writer, 'cold');
      const [cold, warm] = [await readEverywhere(id), await readEverywhere(id)];
      expect([...cold.names, ...warm.names]).toEqual(['cold', 'cold']);
      if (cold.isQuick) expect(cold.sql).toBe(1);
      if (warm.isQuick) expect(warm.sql).toBe(0);
      isTold = cold.isQuick && warm.isQuick;
    }
  }, 120_000);

  test(`is loaded ${INVALIDATIONS} times in ${INVALIDATIONS} invalidations, and never read as it was before`, async () => {
    const { id } = await someProject(writer, 'version 0');
    for (let version = 1, told = 0; told < INVALIDATIONS; version += 1) {
      await writer.getProjectRepository().update(id, { name: `version ${version}` });
      const { sql, names, isQuick } = await readEverywhere(id);
      expect(names).toEqual([`version ${version}`]);
      if (!isQuick) continue;
      expect(sql).toBe(1);
      told += 1;
    }
  }, 120_000);
});
