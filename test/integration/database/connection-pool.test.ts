import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type ConfigOverrides, type Logger, loadConfig } from '../../../src/config/index.js';
import { ConnectionPool } from '../../../src/database/connection-pool.js';
import { signalled } from '../../support/async.js';
import { eventually } from '../../support/eventually.js';
import { createDatabase, ownPostgres, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';

let database: TestDatabase;
const pools: ConnectionPool[] = [];

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close({ timeoutMs: 100 })));
});

interface Line {
  readonly context: Readonly<Record<string, unknown>>;
  readonly message: string | undefined;
}

function recordingLogger(): { logger: Logger; lines: Line[] } {
  const lines: Line[] = [];
  const note = (context: object | string, message?: string): void => {
    lines.push(
      typeof context === 'string' ? { context: {}, message: context } : { context: { ...context }, message },
    );
  };
  const logger: Logger = { debug: () => undefined, info: note, warn: note, error: note, child: () => logger };
  return { logger, lines };
}

function openPool(
  overrides: ConfigOverrides['database'] = {},
  logger = recordingLogger().logger,
  url = database.url,
): ConnectionPool {
  const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: url }, { database: overrides });
  const pool = new ConnectionPool(config, logger);
  pools.push(pool);
  return pool;
}

const pidOf = async (pool: ConnectionPool): Promise<number> =>
  (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))[0]?.pid ?? 0;

describe('taking a connection', () => {
  test('fails when none came free in time, and names who has held one the longest', async () => {
    const pool = openPool({ pool: { max: 2, acquireTimeoutMs: 2_000 } });
    const enough = signalled();
    const held = pool.transaction(() => enough.promise, { name: 'checkout' });
    await eventually(
      () => pool.getPoolStatistics().acquireLatency.count,
      (count) => count === 1,
    );
    const alsoHeld = pool.withClient(() => enough.promise);
    await eventually(
      () => pool.getPoolStatistics().acquireLatency.count,
      (count) => count === 2,
    );
    const third = await pool.query('SELECT 1').catch((error: unknown) => error);
    expect(third).toMatchObject({
      code: 'POOL_TIMEOUT',
      context: { timeoutMs: 2_000, total: 2, active: 2, idle: 0, max: 2 },
    });
    const { message, context } = third as Error & { context: { holders: { label: string | null }[] } };
    expect(message).toMatch(
      /within 2000 ms: 2 of 2 open, 2 in use, 0 idle, 1 waiting; the longest has been held for \d+ ms by transaction checkout/,
    );
    expect(context.holders.map((holder) => holder.label)).toEqual(['transaction checkout', null]);
    enough.fire();
    await Promise.all([held, alsoHeld]);
    expect(pool.getPoolStatistics()).toMatchObject({
      acquireTimeouts: 1,
      waitingRequests: 0,
      idleConnections: 2,
    });
  });

  test('has one deadline for its turn and for opening the connection together', async () => {
    const proxy = await startTcpProxy(Number(new URL(database.url).port));
    const url = new URL(database.url);
    url.port = String(proxy.port);
    const pool = openPool({ pool: { max: 1, acquireTimeoutMs: 200 } }, undefined, url.href);
    try {
      proxy.stall();
      const startedAt = performance.now();
      const failures = await Promise.all(
        [1, 2, 3].map(() => pool.query('SELECT 1').catch((error: unknown) => error)),
      );
      // Without a deadline the opening would never end.
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      for (const failure of failures) expect(failure).toMatchObject({ code: 'POOL_TIMEOUT' });
    } finally {
      await proxy.restore();
      await proxy.stop();
    }
  });

  test('is measured, and so is what was done with it', async () => {
    const pool = openPool();
    await pool.query('SELECT pg_sleep(0.05)');
    const { acquireLatency, holdLatency, queryLatency, queryCount } = pool.getPoolStatistics();
    expect([acquireLatency.count, holdLatency.count, queryLatency.count, queryCount]).toEqual([1, 1, 1, 1]);
    expect(queryLatency.p99Ms).toBeGreaterThanOrEqual(50);
    expect(holdLatency.maxMs).toBeGreaterThanOrEqual(queryLatency.maxMs ?? Number.NaN);
  });
});

describe('a connection held longer than the leak threshold', () => {
  test('is reported once, with the stack that took it', async () => {
    const { logger, lines } = recordingLogger();
    const pool = openPool({ pool: { leakThresholdMs: 20 } }, logger);
    async function theLeakyFunction(): Promise<void> {
      await pool.withClient(async (client) => {
        await eventually(
          () => pool.getPoolStatistics().leaksReported,
          (reported) => reported > 0,
        );
        await client.query('SELECT pg_sleep(0.1)');
      });
    }
    await theLeakyFunction();
    const reports = lines.filter((line) => 'takenAt' in line.context);
    expect(reports).toHaveLength(1);
    expect(reports[0]?.context['takenAt']).toContain('theLeakyFunction');
    expect(pool.getPoolStatistics().leaksReported).toBe(1);
  });

  test('is not looked for when the threshold is off', async () => {
    const { logger, lines } = recordingLogger();
    const pool = openPool({}, logger);
    await pool.query('SELECT pg_sleep(0.05)');
    expect(lines).toEqual([]);
    expect(pool.getPoolStatistics().leaksReported).toBe(0);
  });
});

describe('the connections themselves', () => {
  test('are replaced when they have lived their time, each at a time of its own', async () => {
    const pool = openPool({ pool: { max: 1, maxLifetimeMs: 50, idleTimeoutMs: 0 } });
    const first = await pidOf(pool);
    await eventually(
      () => pidOf(pool),
      (pid) => pid !== first,
    );
    const lifetimes = new Set(
      Array.from(
        { length: 20 },
        () => (pool.pgPool.options as { maxLifetimeSeconds: number }).maxLifetimeSeconds,
      ),
    );
    expect(lifetimes.size).toBeGreaterThan(1);
    for (const seconds of lifetimes) expect(seconds).toBeGreaterThanOrEqual(0.045);
  });

  test('carry the name, and the limit for a statement, that were asked for', async () => {
    const pool = openPool({ applicationName: 'shop: web', statementTimeoutMs: 2_000 });
    const [row] = await pool.query('SELECT current_setting($1) AS name', ['application_name']);
    expect(row).toEqual({ name: 'shop: web' });
    await expect(pool.query('SELECT pg_sleep(20)')).rejects.toMatchObject({ code: '57014' });
  });

  test('that were left in a transaction are not given to the next', async () => {
    const pool = openPool({ pool: { max: 1 } });
    const first = await pidOf(pool);
    await pool.withClient((client) => client.query('BEGIN'));
    expect(await pidOf(pool)).not.toBe(first);
  });

  test('behind a pooler in transaction mode are asked for nothing that it could not keep apart', async () => {
    const pool = openPool({ transactionPooler: true, pool: { max: 1 } });
    await pool.query('SELECT 1', [], { name: 'prepared' });
    expect(await pool.query('SELECT name FROM pg_prepared_statements')).toEqual([]);
    const [row] = await pool.query<{ timeout: string }>(
      "SELECT current_setting('statement_timeout') AS timeout",
    );
    expect(row?.timeout).toBe('0');
    await pool.transaction(async (transaction) => {
      const [inside] = await transaction.query<{ timeout: string }>(
        "SELECT current_setting('statement_timeout') AS timeout",
      );
      expect(inside?.timeout).not.toBe('0');
    });
  });

  test('behind such a pooler are cancelled by the request that it passes on', async () => {
    const pool = openPool({ transactionPooler: true });
    const controller = new AbortController();
    const slow = pool.query('SELECT pg_sleep(60)', [], { signal: controller.signal });
    const active = () =>
      runSql<{ n: number }>(
        database.url,
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep(60)%' AND state = 'active'",
      );
    await eventually(active, ([row]) => row?.n === 1);
    controller.abort(new Error('enough'));
    await expect(slow).rejects.toThrow('enough');
    await eventually(active, ([row]) => row?.n === 0);
  });
});

describe('the health of a pool', () => {
  test('says what the server is', async () => {
    const health = await openPool().healthCheck();
    expect(health).toMatchObject({
      healthy: true,
      error: null,
      role: 'primary',
      readOnly: false,
      replication: { replayLagMs: null, standbys: 0 },
    });
    expect(health.serverVersion).toMatch(/^\d+/);
  });

  test('says why it is not well, and knows nothing of the server then', async () => {
    const server = await ownPostgres();
    const pool = openPool({}, undefined, server.url);
    try {
      await server.kill();
      const health = await pool.healthCheck();
      expect(health).toMatchObject({ healthy: false, role: null, serverVersion: null, readOnly: null });
      expect(health.error).toMatch(/PostgreSQL cannot be reached/);
    } finally {
      await server.stop();
    }
  });
});

describe('advice on a pool', () => {
  test('says with figures that callers wait while all connections are in use', async () => {
    const pool = openPool({ pool: { max: 1 } });
    let enough = false;
    const load = Promise.all(
      Array.from({ length: 30 }, async () => {
        while (!enough) await pool.query('SELECT pg_sleep(0.01)');
      }),
    );
    await eventually(
      () => pool.getPoolStatistics().acquireLatency.count,
      (count) => count > 30,
    );
    const advice = await pool.getRecommendations();
    enough = true;
    await load;
    const small = advice.find((each) => each.code === 'POOL_TOO_SMALL');
    expect(small?.message).toMatch(/\d+ ms/);
    expect(small?.figures).toMatchObject({ maxConnections: 1 });
  });

  test('is given on the pool alone when the server is away', async () => {
    const server = await ownPostgres();
    const pool = openPool({ statementTimeoutMs: 0 }, undefined, server.url);
    try {
      await server.kill();
      const codes = (await pool.getRecommendations()).map((each) => each.code);
      expect(codes).toContain('STATEMENT_TIMEOUT_OFF');
    } finally {
      await server.stop();
    }
  });
});

describe('a pool of dynamic size', () => {
  test('starts small, grows while callers wait, and says so', async () => {
    const { logger, lines } = recordingLogger();
    const pool = openPool({ pool: { min: 1, max: 4, dynamic: true } }, logger);
    expect(pool.getPoolStatistics().maxConnections).toBe(1);
    let enough = false;
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (!enough) await pool.query('SELECT pg_sleep(0.02)');
      }),
    );
    await eventually(
      () => pool.getPoolStatistics().maxConnections,
      (max) => max > 1,
      15_000,
    );
    enough = true;
    await load;
    expect(lines.filter((line) => line.message === 'pool size changed')).not.toHaveLength(0);
  });

  test('keeps its size unless it was told to be dynamic', async () => {
    const pool = openPool({ pool: { min: 1, max: 4 } });
    expect(pool.getPoolStatistics().maxConnections).toBe(4);
  });
});

describe('a network that is cut and comes back', () => {
  test('fails what was under way, and nothing after', async () => {
    const proxy = await startTcpProxy(Number(new URL(database.url).port));
    const url = new URL(database.url);
    url.port = String(proxy.port);
    const pool = openPool({ pool: { max: 4 } }, undefined, url.href);
    try {
      const slow = pool.query('SELECT pg_sleep(60)').catch((error: unknown) => error);
      await eventually(
        () => pool.getPoolStatistics(),
        (seen) => seen.totalConnections === 1 && seen.acquireLatency.count === 1,
      );
      await proxy.cut();
      expect(await slow).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
      await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
      await proxy.restore();
      expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await pool.close({ timeoutMs: 100 });
      await proxy.stop();
    }
  });
});
