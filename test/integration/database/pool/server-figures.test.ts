import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { readServerFigures } from '../../../../src/database/pool/server-figures.js';
import type { SqlExecutor } from '../../../../src/database/sql-executor.js';
import { eventually } from '../../../support/eventually.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';

let database: TestDatabase;
let pool: pg.Pool;

beforeEach(async () => {
  database = await createDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4, application_name: database.name });
  // `end` resolves before the last connections are closed, and dropping the database may come first.
  pool.on('error', () => undefined);
});

afterEach(async () => {
  await pool.end();
  await database.drop();
});

const executor: SqlExecutor = {
  query: async <Row extends object>(text: string, parameters: readonly unknown[] = []) =>
    (await pool.query<Row & pg.QueryResultRow>(text, [...parameters])).rows,
  execute: async (text, parameters = []) => (await pool.query(text, [...parameters])).rowCount ?? 0,
  withClient: async (use) => {
    const client = await pool.connect();
    try {
      return await use(client);
    } finally {
      client.release();
    }
  },
};

describe('the figures of a server', () => {
  test('hold its limits, its version and its role', async () => {
    const { rows } = await pool.query('SHOW max_connections');
    const figures = await readServerFigures(executor);
    expect(figures.maxConnections).toBe(Number(rows[0].max_connections));
    expect(figures.reservedConnections).toBeGreaterThanOrEqual(3);
    expect(figures.version).toMatch(/^\d+/);
    expect(figures.inRecovery).toBe(false);
  });

  test('tell our connections from those of others', async () => {
    const { all, ours } = await readServerFigures(executor);
    expect(ours).toMatchObject({ total: 1, idle: 1, active: 0, idleInTransaction: 0, waitingForLock: 0 });
    expect(ours.longestIdleInTransactionMs).toBeNull();
    expect(all.total).toBeGreaterThanOrEqual(ours.total);
  });

  test('tell a transaction that idles, and a statement that waits for its lock', async () => {
    const holder = await pool.connect();
    const waiter = await pool.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('LOCK TABLE users');
      const waiting = waiter.query('SELECT 1 FROM users');
      const { ours } = await eventually(
        () => readServerFigures(executor),
        (figures) => figures.ours.waitingForLock === 1 && figures.ours.idleInTransaction === 1,
      );
      expect(ours).toMatchObject({ total: 3, active: 1, activeByWait: { Lock: 1 } });
      expect(ours.longestIdleInTransactionMs).toBeGreaterThan(0);
      expect(ours.longestWaitingForLockMs).toBeGreaterThan(0);
      await holder.query('ROLLBACK');
      await waiting;
    } finally {
      holder.release();
      waiter.release();
    }
  });
});
