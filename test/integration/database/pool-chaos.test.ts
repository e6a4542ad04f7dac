import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { Xoshiro128 } from '../../../scripts/support/random.js';
import { loadConfig, silentLogger } from '../../../src/config/index.js';
import { ConnectionPool } from '../../../src/database/connection-pool.js';
import { eventually } from '../../support/eventually.js';
import { ownPostgres } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';

const ACQUISITIONS = 10_000;
const WORKERS = 30;
const SEED = Number(process.env['CHAOS_SEED'] ?? 20_261_121);

// What may come of an operation while its server is ended, paused and cut off; anything else is a bug.
const EXPECTED = new Set([
  'DATABASE_UNAVAILABLE',
  'POOL_TIMEOUT',
  'RETRIES_EXHAUSTED',
  'COMMIT_OUTCOME_UNKNOWN',
  'TRANSACTION_TIMEOUT',
  '57P01',
]);

describe('a pool whose server is terminated, restarted, killed and paused at random', () => {
  test(`gives out ${ACQUISITIONS} connections, and has them all back at the end`, async () => {
    const source = Xoshiro128.fromSeed(SEED);
    const random = (): number => source.next();
    const server = await ownPostgres({ migrated: true });
    const config = loadConfig(
      { NODE_ENV: 'test', DATABASE_URL: server.url },
      { database: { pool: { max: 10, acquireTimeoutMs: 2_000 } } },
    );
    const pool = new ConnectionPool(config, silentLogger);
    const outcomes = new Map<string, number>();
    const count = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    let stopped = false;
    const acquired = (): number => pool.getPoolStatistics().acquireLatency.count;

    const work = [
      () => pool.query('SELECT 1'),
      () => pool.query('SELECT count(*) FROM users'),
      () => pool.withClient((client) => client.query('SELECT pg_sleep(0.001)')),
      () => pool.transaction((transaction) => transaction.query('SELECT 1'), { timeoutMs: 3_000 }),
      () =>
        pool.transaction(() => pool.transaction(() => pool.query('SELECT 2')), {
          timeoutMs: 3_000,
          maxRetries: 1,
        }),
      () => pool.query('SELECT pg_sleep(1)', [], { signal: AbortSignal.timeout(5) }),
    ];
    const worker = async (): Promise<void> => {
      while (!stopped && acquired() < ACQUISITIONS) {
        try {
          await work[Math.floor(random() * work.length)]?.();
          count('ok');
        } catch (error) {
          const { code, name } = error as { code?: string; name?: string };
          count(name === 'TimeoutError' ? 'aborted' : (code ?? String(error)));
          // Failures come at once while the server is away; without a turn of the loop they would starve all else.
          await delay(2);
        }
      }
    };

    let events = 0;
    const chaos = async (): Promise<void> => {
      while (!stopped && acquired() < ACQUISITIONS) {
        await delay(50 + random() * 100);
        events += 1;
        const dice = random();
        if (dice < 0.6) {
          await runSql(
            server.url,
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE application_name = 'holdfast' AND random() < 0.3`,
          );
        } else if (dice < 0.8) {
          server.pause();
          await delay(random() * 150);
          server.resume();
        } else if (dice < 0.9) await server.restart();
        else {
          await server.kill('SIGKILL');
          await server.start();
        }
      }
    };

    try {
      await Promise.all([chaos(), ...Array.from({ length: WORKERS }, worker)]);
      const summary = [...outcomes].map(([outcome, times]) => `${outcome} ${times}`).join(', ');
      process.stdout.write(`seed ${SEED}: ${events} blows, ${acquired()} acquisitions: ${summary}\n`);

      expect(
        [...outcomes.keys()].filter(
          (outcome) => !['ok', 'aborted'].includes(outcome) && !EXPECTED.has(outcome),
        ),
      ).toEqual([]);
      expect(outcomes.get('ok')).toBeGreaterThan(ACQUISITIONS / 2);
      const end = await eventually(
        () => pool.getPoolStatistics(),
        (seen) => seen.idleConnections === seen.totalConnections && seen.waitingRequests === 0,
      );
      expect(end.transactions.active).toEqual([]);
      expect(end.totalConnections).toBeLessThanOrEqual(10);
      expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      // None is left on the server that the pool does not know of.
      await eventually(
        async () => {
          const [row] = await runSql<{ n: number }>(
            server.url,
            "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'holdfast'",
          );
          return (row?.n ?? -1) - pool.getPoolStatistics().totalConnections;
        },
        (unknown) => unknown === 0,
      );
    } finally {
      stopped = true;
      await pool.close({ timeoutMs: 1_000 });
      await server.stop();
    }
  }, 120_000);
});
