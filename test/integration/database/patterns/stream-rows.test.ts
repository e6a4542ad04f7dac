import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { QueryPatterns, sql } from '../../../../src/database/patterns/index.js';
import { ClientExecutor } from '../../../support/client-executor.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';

let database: TestDatabase;
let executor: ClientExecutor;
let patterns: QueryPatterns;

beforeAll(async () => {
  database = await createDatabase({ migrated: false });
  executor = await ClientExecutor.connect(database.url);
  patterns = new QueryPatterns(executor, { cursorSecrets: ['a secret of more than sixteen bytes'] });
  await executor.query(
    'CREATE TABLE numbers AS SELECT i AS id, i % 3 AS kind FROM generate_series(1, 2500) AS i',
  );
});

afterAll(async () => {
  await executor.end();
  await database.drop();
});

/** What is left of streams: cursors and open transactions. */
async function leftovers(): Promise<{ cursors: number; status: string | null }> {
  const status = executor.client.getTransactionStatus();
  const [row] = await executor.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_cursors WHERE name LIKE 'holdfast%'`,
  );
  return { cursors: row?.count ?? -1, status };
}

const CLEAN = { cursors: 0, status: 'I' };

describe('a stream', () => {
  test.each([1, 999, 1000, 1250, 2500, 2501])('gives every row in order, %i at a time', async (batchRows) => {
    const ids: number[] = [];
    for await (const { id } of patterns.stream<{ id: number }>({
      table: 'numbers',
      orderBy: [{ column: 'id' }],
      batchRows,
    })) {
      ids.push(id);
    }
    expect(ids).toEqual(Array.from({ length: 2_500 }, (_, index) => index + 1));
    expect(await leftovers()).toEqual(CLEAN);
  });

  test('takes filters, columns, and statements of the caller with their parameters', async () => {
    const chosen: object[] = [];
    for await (const row of patterns.stream({
      table: 'numbers',
      select: ['id'],
      where: { kind: { in: [1, 2] }, id: { lte: 5 } },
      orderBy: [{ column: 'id', direction: 'desc' }],
    })) {
      chosen.push(row);
    }
    expect(chosen).toEqual([{ id: 5 }, { id: 4 }, { id: 2 }, { id: 1 }]);
    const summed: object[] = [];
    const statement = sql`SELECT sum(id)::int AS sum FROM numbers WHERE kind = ${'2'}`;
    for await (const row of patterns.stream({ statement })) summed.push(row);
    expect(summed).toEqual([{ sum: 1_041_250 }]);
  });

  test('closes its cursor and its transaction when the loop is left early', async () => {
    for await (const { id } of patterns.stream<{ id: number }>({ table: 'numbers', batchRows: 10 })) {
      if (id === 15) break;
    }
    expect(await leftovers()).toEqual(CLEAN);
    const thrown = async (): Promise<void> => {
      for await (const _ of patterns.stream({ table: 'numbers', batchRows: 10 }))
        throw new RangeError('mine');
    };
    await expect(thrown()).rejects.toThrow(RangeError);
    expect(await leftovers()).toEqual(CLEAN);
  });

  test('opens nothing before the first row is asked for', async () => {
    const before = executor.sent.length;
    const rows = patterns.stream({ table: 'numbers' });
    await setImmediate();
    expect(executor.sent.length).toBe(before);
    await rows.return(undefined);
    expect(await leftovers()).toEqual(CLEAN);
  });

  test('passes on an error that comes in the middle of the result, and leaves nothing open', async () => {
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      const statement = sql`SELECT i AS id, 1 / (30 - i) FROM generate_series(1, 100) AS i`;
      for await (const { id } of patterns.stream<{ id: number }>({ statement, batchRows: 10 })) seen.push(id);
    };
    await expect(read()).rejects.toMatchObject({ code: '22012' });
    expect(seen).toHaveLength(20);
    expect(await leftovers()).toEqual(CLEAN);
  });

  test('is one cursor of the transaction that is open, and leaves that usable', async () => {
    await executor.query('BEGIN');
    try {
      await executor.query('INSERT INTO numbers VALUES (9001, 9)');
      const outer: number[] = [];
      const request = { table: 'numbers', where: { kind: { gte: 2 } }, batchRows: 100 };
      for await (const { id } of patterns.stream<{ id: number }>(request)) {
        outer.push(id);
        if (outer.length > 1) continue;
        for await (const _ of patterns.stream(request)) break;
        await executor.execute('UPDATE numbers SET kind = kind WHERE id = 1');
      }
      expect(outer).toHaveLength(834);
      expect(await leftovers()).toEqual({ cursors: 0, status: 'T' });
    } finally {
      await executor.query('ROLLBACK');
    }
  });

  test('ends with the reason of its signal, and cancels what the server is doing', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const endless = sql`SELECT i FROM generate_series(1, 1e15) AS i WHERE i < 0`;
    const read = async (): Promise<void> => {
      for await (const _ of patterns.stream({ statement: endless, signal: controller.signal })) break;
    };
    const other = await ClientExecutor.connect(database.url);
    try {
      const reading = read();
      const runs = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'FETCH%' AND state = 'active'`;
      while ((await other.query(runs)).length === 0) await setImmediate();
      controller.abort(reason);
      await expect(reading).rejects.toBe(reason);
    } finally {
      await other.end();
    }
    expect(await leftovers()).toEqual(CLEAN);
  });

  test('ends with the reason of a signal that aborts between two rows', async () => {
    const controller = new AbortController();
    const read = async (): Promise<number> => {
      let count = 0;
      for await (const _ of patterns.stream({ table: 'numbers', batchRows: 10, signal: controller.signal })) {
        count += 1;
        if (count === 15) controller.abort(new Error('enough'));
        expect(count).toBeLessThan(16);
      }
      return count;
    };
    await expect(read()).rejects.toThrow('enough');
    expect(await leftovers()).toEqual(CLEAN);
  });

  test('reads no further ahead than one batch', async () => {
    await executor.query('CREATE SEQUENCE taken');
    const statement = sql`SELECT nextval('taken') AS n FROM generate_series(1, 100000)`;
    const own = await ClientExecutor.connect(database.url);
    try {
      let count = 0;
      // A read-only transaction may not move a sequence.
      await executor.query('BEGIN');
      for await (const _ of patterns.stream({ statement, batchRows: 50 })) if (++count === 75) break;
      await executor.query('COMMIT');
      const [row] = await own.query<{ last_value: string }>('SELECT last_value FROM taken');
      expect(Number(row?.last_value)).toBe(150);
    } finally {
      await own.end();
    }
  });

  test('is refused for a batch of no size', async () => {
    for (const batchRows of [0, Number.NaN, 1e9]) {
      await expect(patterns.stream({ table: 'numbers', batchRows }).next()).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });
});
