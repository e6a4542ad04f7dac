import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { domainFactory } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { createDatabase, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

interface Service {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<unknown[]>;
}

async function startService(sleepSeconds: number, timeoutMs: number): Promise<Service> {
  const { NODE_OPTIONS: _jests, ...env } = process.env;
  const args = [
    '--import',
    'tsx',
    'test/support/serving-process.ts',
    database.url,
    `${sleepSeconds}`,
    `${timeoutMs}`,
  ];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data;
  });
  const ended = once(child, 'exit');
  await eventually(
    () => output,
    (text) => text.includes('ready'),
    20_000,
  );
  await eventually(sleeping, (count) => count === 1);
  return { process: child, output: () => output, ended };
}

const sleeping = async (): Promise<number> =>
  (
    await runSql<{ n: number }>(
      database.url,
      `SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep($1%' AND state = 'active'`,
    )
  )[0]?.n ?? -1;

describe('a process that is told to end', () => {
  test('finishes what runs, takes no more, and exits as its signal says', async () => {
    // Long enough to be met while it runs.
    const service = await startService(5, 30_000);
    service.process.kill('SIGTERM');
    expect(await service.ended).toEqual([143, null]);
    expect(service.output().split('\n')).toEqual(['ready', 'new work refused LIFECYCLE', 'query done', '']);
  }, 120_000);

  test('cancels on the server what takes longer than it may', async () => {
    const service = await startService(60, 100);
    service.process.kill('SIGINT');
    expect(await service.ended).toEqual([130, null]);
    expect(service.output()).toContain('query failed 57014');
    await eventually(sleeping, (count) => count === 0);
  }, 120_000);

  test('ends at once on a second signal', async () => {
    const service = await startService(60, 60_000);
    service.process.kill('SIGINT');
    service.process.kill('SIGTERM');
    expect(await service.ended).toEqual([expect.anything(), null]);
  }, 120_000);
});

describe('closing the pool', () => {
  test('waits for what is under way', async () => {
    const factory = domainFactory({ databaseUrl: database.url });
    await factory.initialize();
    const slow = factory.pool.query('SELECT pg_sleep(1), 1 AS one');
    await eventually(
      () => factory.pool.getPoolStatistics(),
      (seen) => seen.totalConnections - seen.idleConnections === 1,
    );
    await factory.shutdown();
    expect(await slow).toEqual([{ pg_sleep: '', one: 1 }]);
  });

  test('does not wait for ever for who never gives a connection back', async () => {
    const factory = domainFactory({ databaseUrl: database.url });
    await factory.initialize();
    let lent: (() => void) | undefined;
    const lending = new Promise<void>((resolve) => {
      lent = resolve;
    });
    let giveBack: (() => void) | undefined;
    const keeping = factory.pool.withClient(async () => {
      lent?.();
      await new Promise<void>((resolve) => {
        giveBack = resolve;
      });
      return 'came back late';
    });
    await lending;
    await factory.shutdown({ timeoutMs: 50 });
    giveBack?.();
    expect(await keeping).toBe('came back late');
  });
});
