import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import type { LocalRedis } from '../../../../scripts/support/local-redis.js';
import { eventually } from '../../../support/eventually.js';
import { COMMAND_PATIENCE_MS } from '../../../support/patience.js';
import { createDatabase, ownRedis, type TestDatabase } from '../../../support/servers.js';
import { runSql } from '../../../support/sql.js';

let database: TestDatabase;
let redis: LocalRedis;
let child: ReloadingProcess;

const POOL_MAX = 4;
/** One for commands, one for what it listens to. */
const REDIS_CONNECTIONS = 2;

beforeAll(async () => {
  [database, redis] = await Promise.all([createDatabase(), ownRedis()]);
});
afterAll(async () => {
  await database.drop();
  await redis.stop();
});
beforeEach(() => {
  child = new ReloadingProcess();
});
afterEach(() => child.end());

/** test/support/reloading-process.ts, which see. */
class ReloadingProcess {
  readonly #process: ChildProcess;

  constructor() {
    const { NODE_OPTIONS: _jests, ...inherited } = process.env;
    const env = {
      ...inherited,
      NODE_ENV: 'development',
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      REDIS_COMMAND_TIMEOUT: String(COMMAND_PATIENCE_MS),
      DB_POOL_MAX: String(POOL_MAX),
      // None is closed because it was idle.
      DB_IDLE_TIMEOUT: '600000',
    };
    const args = ['--import', 'tsx', 'test/support/reloading-process.ts'];
    this.#process = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  /** The value that a command resolves to, or `{ code }` of what it rejects with. */
  async ask(...words: (string | number)[]): Promise<unknown> {
    const answered = once(this.#process, 'message');
    this.#process.send(words.map(String));
    const [answer] = (await answered) as [{ value?: unknown; code?: unknown }];
    return 'code' in answer ? answer : answer.value;
  }

  async end(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.disconnect();
    await exited;
  }
}

/** Connections to the test's database and to its Redis, but for the one that counts. */
async function connections(): Promise<{ postgres: number; redis: number }> {
  const [row] = await runSql<{ n: number }>(
    database.url,
    'SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  const client = createClient({ url: redis.url });
  await client.connect();
  const clients = await client.sendCommand<string>(['CLIENT', 'LIST']);
  client.destroy();
  return { postgres: row?.n ?? -1, redis: String(clients).trim().split('\n').length - 1 };
}

/** A server learns some time later than its client that a connection was closed. */
const untilConnections = ({ postgres, redis }: Awaited<ReturnType<typeof connections>>) =>
  eventually(connections, (seen) => seen.postgres === postgres && seen.redis === redis);

const ALL = { postgres: POOL_MAX, redis: REDIS_CONNECTIONS };

describe('a module that is evaluated again', () => {
  test('shares the connections of the one before, as ESM and as CommonJS', async () => {
    for (let count = 0; count < 8; count += 1) {
      const index = await child.ask('evaluate', count % 2 === 0 ? 'esm' : 'cjs');
      expect(await child.ask('use', String(index))).toBe(true);
      expect(await child.ask('compare', 0, count)).toEqual([true, true, count === 0]);
    }
    await untilConnections(ALL);

    const id = await child.ask('create', 0, randomUUID());
    for (let index = 0; index < 8; index += 1) {
      expect(await child.ask('read', index, String(id))).not.toBeNull();
      const name = `by-${index}`;
      expect(await child.ask('rename', index, String(id), name)).toBe(name);
      expect(await child.ask('read', 0, String(id))).toBe(name);
      expect(await child.ask('read', 7 - index, String(id))).toBe(name);
    }
    await untilConnections(ALL);
  }, 120_000);

  test('does not share with a factory that was made with new', async () => {
    await child.ask('evaluate', 'esm');
    await child.ask('evaluate', 'new');
    for (const index of [0, 1]) expect(await child.ask('use', index)).toBe(true);
    expect(await child.ask('compare', 0, 1)).toEqual([false, false, false]);
    await untilConnections({ postgres: 2 * POOL_MAX, redis: 2 * REDIS_CONNECTIONS });
  }, 120_000);

  test('is shut down for all, until one of them is initialized', async () => {
    for (const as of ['esm', 'cjs', 'esm']) await child.ask('evaluate', as);
    for (const index of [0, 1]) expect(await child.ask('use', index)).toBe(true);
    // The third was never used, as that of the evaluation which has the process's signals may be.
    await child.ask('shutdown', 2);
    await untilConnections({ postgres: 0, redis: 0 });
    for (const index of [0, 1, 2]) {
      expect(await child.ask('read', index, randomUUID())).toEqual({ code: 'LIFECYCLE' });
      expect(await child.ask('health', index)).toBe('unhealthy');
    }
    for (const index of [1, 0]) expect(await child.ask('use', index)).toBe(true);
    expect(await child.ask('compare', 0, 1)).toEqual([true, true, false]);
    await untilConnections(ALL);
    expect(await child.ask('evaluate', 'cjs')).toBe(3);
    expect(await child.ask('health', 3)).toBe('healthy');
    await untilConnections(ALL);
  }, 120_000);

  test('closes the connections of the one before where its settings are others, and that one works on', async () => {
    await child.ask('evaluate', 'esm');
    expect(await child.ask('use', 0)).toBe(true);
    const id = await child.ask('create', 0, randomUUID());
    await child.ask('set', 'DB_POOL_MAX', 3);
    await child.ask('evaluate', 'cjs');
    expect(await child.ask('use', 1)).toBe(true);
    expect(await child.ask('compare', 0, 1)).toEqual([false, false, false]);
    await untilConnections({ postgres: 3, redis: REDIS_CONNECTIONS });
    // Who needs it all the same gets connections of its own again, and the other keeps those it has.
    expect(await child.ask('read', 0, String(id))).not.toBeNull();
    expect(await child.ask('rename', 1, String(id), 'renamed')).toBe('renamed');
    expect(await child.ask('read', 0, String(id))).toBe('renamed');
  }, 120_000);
});
