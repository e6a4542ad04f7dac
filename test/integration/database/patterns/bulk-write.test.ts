import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BulkProgress, QueryPatterns } from '../../../../src/database/patterns/index.js';
import { ClientExecutor } from '../../../support/client-executor.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';

let database: TestDatabase;
let executor: ClientExecutor;
let patterns: QueryPatterns;

beforeAll(async () => {
  database = await createDatabase({ migrated: false });
  executor = await ClientExecutor.connect(database.url);
  patterns = new QueryPatterns(executor, { cursorSecrets: ['a secret of more than sixteen bytes'] });
  await executor.query(`CREATE TABLE items (id int PRIMARY KEY, name text, size smallint, tags text[], data jsonb,
    "Odd "" name" varchar(5), twice int GENERATED ALWAYS AS (size * 2) STORED)`);
});

beforeEach(async () => {
  await executor.query('TRUNCATE items');
});

afterAll(async () => {
  await executor.end();
  await database.drop();
});

const numbered = (count: number, from = 0): { id: number; name: string; size: number }[] =>
  Array.from({ length: count }, (_, index) => ({
    id: from + index,
    name: `n${from + index}`,
    size: index % 100,
  }));

async function* slowly<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await setImmediate();
    yield item;
  }
}

const stored = (): Promise<readonly { id: number; name: string; size: number }[]> =>
  executor.query('SELECT id, name, size FROM items ORDER BY id');

/** What a promise was rejected with. */
async function failure(
  promise: Promise<unknown>,
): Promise<Error & { code: string; context: Record<string, unknown> }> {
  try {
    await promise;
  } catch (error) {
    return error as Error & { code: string; context: Record<string, unknown> };
  }
  throw new Error('It was expected to fail.');
}

describe('a bulk create', () => {
  test.each(['fail', 'skip'] as const)(
    'stores every value as it is, when conflicts %s',
    async (onConflict) => {
      const text = fc.option(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom('\\N', '\\.', '', 'NULL', '{}', '\t\r\n\\', '"'),
        ),
        { nil: null },
      );
      const clean = text.filter((value) => value === null || !/\0|\p{Surrogate}/u.test(value));
      const json = fc
        .jsonValue()
        .filter((value) => value !== null && !/\\u0000|\\ud/.test(JSON.stringify(value)));
      const row = fc.record({ name: clean, tags: fc.option(fc.array(clean), { nil: null }), data: json });
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
          await executor.query('TRUNCATE items');
          const given = rows.map((each, id) => ({ name: each.name, id, tags: each.tags, data: each.data }));
          await patterns.bulkCreate({ table: 'items', rows: given, chunkRows: 7, onConflict });
          const back = await executor.query('SELECT name, id, tags, data FROM items ORDER BY id');
          expect(back).toEqual(
            given.map((each) => ({ ...each, data: JSON.parse(JSON.stringify(each.data)) })),
          );
        }),
        { numRuns: 60 },
      );
    },
  );

  test('reports every chunk and the whole, from an array or from an async source', async () => {
    for (const rows of [numbered(25), slowly(numbered(25, 100))]) {
      const progress: BulkProgress[] = [];
      const result = await patterns.bulkCreate({
        table: 'items',
        rows,
        chunkRows: 10,
        onProgress: (each) => progress.push(each),
      });
      expect(result).toMatchObject({ rowsRead: 25, rowsWritten: 25, rowsFailed: 0, chunks: 3, failures: [] });
      expect(progress.map(({ chunk }) => [chunk.from, chunk.to, chunk.rows])).toEqual([
        [0, 10, 10],
        [10, 20, 10],
        [20, 25, 5],
      ]);
      expect(progress.map(({ rowsWritten }) => rowsWritten)).toEqual([10, 20, 25]);
    }
  });

  test('ends a chunk when its rows take too much memory', async () => {
    const rows = numbered(10).map((row) => ({ ...row, name: 'x'.repeat(1_000) }));
    const result = await patterns.bulkCreate({ table: 'items', rows, chunkBytes: 3_000 });
    expect(result.chunks).toBe(4);
  });

  test('names row, column and range of a value that the server refuses', async () => {
    const rows = numbered(30).map((row) => (row.id === 17 ? { ...row, size: 'wide' } : row));
    const error = await failure(patterns.bulkCreate({ table: 'items', rows, chunkRows: 10 }));
    expect(error).toMatchObject({
      code: 'BULK_WRITE_FAILED',
      context: { chunk: 1, from: 10, to: 20, rowsWritten: 10 },
      cause: { code: 'INVALID_ARGUMENT', context: { row: 17, column: 'size', sqlState: '22P02' } },
    });
    expect(await stored()).toHaveLength(10);
  });

  test.each<[string, object, string | undefined]>([
    ['undefined', { id: 5, name: undefined, size: 1 }, 'name'],
    ['a null byte', { id: 5, name: 'a\0b', size: 1 }, 'name'],
    ['a column too few', { id: 5, name: 'x' }, 'size'],
    ['a column too many', { id: 5, name: 'x', size: 1, tags: [] }, 'tags'],
    ['another column', { id: 5, name: 'x', tags: [] }, 'size'],
    ['a number out of range', { id: 5, name: 'x', size: 70_000 }, 'size'],
  ])('names the row and column of %s', async (_, odd, column) => {
    const rows = [...numbered(5), odd];
    const error = await failure(patterns.bulkCreate({ table: 'items', rows }));
    expect(error.cause).toMatchObject({ code: 'INVALID_ARGUMENT', context: { row: 5, column } });
    expect(await stored()).toEqual([]);
  });

  test('refuses a text that is too long for its column rather than cut it off, by either way', async () => {
    for (const onConflict of ['fail', 'skip'] as const) {
      const rows = [{ id: 1, 'Odd " name': 'six ch' }];
      const error = await failure(patterns.bulkCreate({ table: 'items', rows, onConflict }));
      expect(error.cause).toMatchObject({ code: 'INVALID_ARGUMENT', context: { sqlState: '22001' } });
    }
  });

  test('goes on past chunks that were refused, when told so, and says which', async () => {
    const rows = numbered(50).map((row) =>
      row.id === 12 ? { ...row, size: 'wide' } : row.id === 33 ? { ...row, name: 'a\0b' } : row,
    );
    const result = await patterns.bulkCreate({ table: 'items', rows, chunkRows: 10, continueOnError: true });
    expect(result).toMatchObject({
      rowsRead: 50,
      rowsWritten: 30,
      rowsFailed: 20,
      chunks: 5,
      failedChunks: 2,
    });
    expect(result.failures.map(({ from, to, error }) => [from, to, error?.message.includes('Row')])).toEqual([
      [10, 20, true],
      [30, 40, true],
    ]);
  });

  test('leaves a transaction usable after a chunk that was refused, when told to go on', async () => {
    await executor.query('BEGIN');
    const rows = [...numbered(10), ...numbered(5), ...numbered(5, 100)];
    for (const onConflict of ['fail', 'skip'] as const) {
      const bad = rows.map((row, index) => (index === 12 ? { ...row, id: null } : row));
      const result = await patterns.bulkCreate({
        table: 'items',
        rows: bad,
        chunkRows: 5,
        continueOnError: true,
        onConflict,
      });
      expect(result.failedChunks).toBe(1);
    }
    await executor.query('COMMIT');
    expect(await stored()).toHaveLength(15);
  });

  test('skips rows that are there already, when told so', async () => {
    await patterns.bulkCreate({ table: 'items', rows: numbered(5) });
    const result = await patterns.bulkCreate({ table: 'items', rows: numbered(8), onConflict: 'skip' });
    expect(result).toMatchObject({ rowsRead: 8, rowsWritten: 3 });
  });

  test('ends when its signal aborts, and writes nothing after', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const promise = patterns.bulkCreate({
      table: 'items',
      rows: slowly(numbered(1_000)),
      chunkRows: 10,
      signal: controller.signal,
      onProgress: ({ rowsWritten }) => {
        if (rowsWritten === 30) controller.abort(reason);
      },
    });
    await expect(promise).rejects.toBe(reason);
    const count = (await stored()).length;
    expect(count).toBeGreaterThanOrEqual(30);
    expect(count).toBeLessThanOrEqual(50);
    await setImmediate();
    expect(await stored()).toHaveLength(count);
  });

  test('cancels a chunk that waits for a lock when its signal aborts', async () => {
    const other = await ClientExecutor.connect(database.url);
    try {
      await other.query('BEGIN');
      await other.query('LOCK TABLE items');
      const controller = new AbortController();
      const promise = patterns.bulkCreate({ table: 'items', rows: numbered(5), signal: controller.signal });
      const waits = `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'items'::regclass`;
      while ((await other.query(waits)).length === 0) await setImmediate();
      controller.abort(new Error('enough'));
      await expect(promise).rejects.toThrow('enough');
      await other.query('ROLLBACK');
      expect(await stored()).toEqual([]);
    } finally {
      await other.end();
    }
  });

  test('closes its source when it fails, and passes on what the source throws', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<object> {
      try {
        for (let id = 0; ; id += 1) yield { id, size: id === 5 ? 'wide' : 1 };
      } finally {
        closed = true;
      }
    }
    await failure(patterns.bulkCreate({ table: 'items', rows: source(), chunkRows: 2 }));
    expect(closed).toBe(true);
    async function* broken(): AsyncGenerator<object> {
      yield* numbered(3);
      throw new RangeError('the file ends here');
    }
    await expect(patterns.bulkCreate({ table: 'items', rows: broken() })).rejects.toThrow(RangeError);
  });

  test('is refused without rows, with a row of nothing, and for columns that cannot be written', async () => {
    const create = (rows: object[]) => patterns.bulkCreate({ table: 'items', rows });
    await expect(create([])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(create([{}])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(create([{ id: 1, twice: 2 }])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(create([{ id: 1, nmae: 'x' }])).rejects.toMatchObject({
      code: 'UNKNOWN_IDENTIFIER',
      context: { known: expect.arrayContaining(['name', 'Odd " name']) },
    });
    await expect(patterns.bulkCreate({ table: 'items', rows: [], allowEmpty: true })).resolves.toMatchObject({
      rowsRead: 0,
    });
    for (const chunkRows of [0, Number.NaN, 1.5]) {
      await expect(
        patterns.bulkCreate({ table: 'items', rows: numbered(1), chunkRows }),
      ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });

  test('never reads further ahead than the chunk being written and the one being made', async () => {
    const [chunkRows, batchRows] = [2_000, 256];
    let read = 0;
    let furthest = 0;
    let written = 0;
    function* rows(): Generator<object> {
      for (; read < 50_000; read += 1) {
        furthest = Math.max(furthest, read - written);
        yield { id: read };
      }
    }
    await patterns.bulkCreate({
      table: 'items',
      rows: rows(),
      chunkRows,
      onProgress: ({ rowsWritten }) => {
        written = rowsWritten;
      },
    });
    expect(furthest).toBeGreaterThan(chunkRows);
    expect(furthest).toBeLessThanOrEqual(2 * chunkRows + batchRows);
  });
});

describe('a bulk update', () => {
  test('changes each row by its key, the later of two for the same key last', async () => {
    await patterns.bulkCreate({ table: 'items', rows: numbered(5) });
    const rows = [
      { id: 1, size: 50 },
      { id: 3, size: 60 },
      { id: 1, size: 70 },
      { id: 99, size: 1 },
    ];
    const result = await patterns.bulkUpdate({ table: 'items', rows });
    expect(result).toMatchObject({ rowsRead: 4, rowsWritten: 3, chunks: 2 });
    expect((await stored()).map(({ size }) => size)).toEqual([0, 70, 2, 60, 4]);
  });

  test('is refused when the key is missing or nothing is to change', async () => {
    const update = (rows: object[]) => patterns.bulkUpdate({ table: 'items', rows });
    await expect(update([{ name: 'x' }])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(update([{ id: 1 }])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('may have a key that the server gives out', async () => {
    await executor.query('CREATE TABLE given (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)');
    await patterns.bulkCreate({ table: 'given', rows: [{ name: 'a' }, { name: 'b' }] });
    await patterns.bulkUpdate({ table: 'given', rows: [{ id: 2, name: 'c' }] });
    expect(await executor.query('SELECT * FROM given ORDER BY id')).toEqual([
      { id: 1, name: 'a' },
      { id: 2, name: 'c' },
    ]);
  });

  test('names the column of a value of the wrong type', async () => {
    const error = await failure(patterns.bulkUpdate({ table: 'items', rows: [{ id: 1, size: 'wide' }] }));
    expect(error.cause).toMatchObject({ code: 'INVALID_ARGUMENT', context: { column: 'size' } });
  });
});

describe('a bulk upsert', () => {
  test('stores what is new and changes what is there, in the columns told', async () => {
    await patterns.bulkCreate({ table: 'items', rows: numbered(3) });
    const rows = numbered(5).map((row) => ({ ...row, name: 'new', size: 9 }));
    await patterns.bulkUpsert({ table: 'items', rows, update: ['size'] });
    expect((await stored()).map(({ name, size }) => [name, size])).toEqual([
      ['n0', 9],
      ['n1', 9],
      ['n2', 9],
      ['new', 9],
      ['new', 9],
    ]);
  });

  test('takes two rows with the same key one after the other', async () => {
    const rows = [...numbered(3), { id: 1, name: 'last', size: 1 }];
    await patterns.bulkUpsert({ table: 'items', rows });
    expect((await stored()).map(({ name }) => name)).toEqual(['n0', 'last', 'n2']);
  });

  test('is refused for a key that no unique index is on', async () => {
    await expect(
      patterns.bulkUpsert({ table: 'items', rows: numbered(1), key: ['name'] }),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('a bulk delete', () => {
  test('takes bare keys and rows, and passes over what is not there', async () => {
    await patterns.bulkCreate({ table: 'items', rows: numbered(6) });
    const result = await patterns.bulkDelete({ table: 'items', keys: [0, { id: 2, name: 'n2' }, 77, 4n] });
    expect(result).toMatchObject({ rowsRead: 4, rowsWritten: 3 });
    expect((await stored()).map(({ id }) => id)).toEqual([1, 3, 5]);
  });

  test('takes a key of several columns', async () => {
    await patterns.bulkCreate({ table: 'items', rows: numbered(6) });
    const keys = [
      { name: 'n1', size: 1 },
      { name: 'n2', size: 1 },
    ];
    await patterns.bulkDelete({ table: 'items', keys, key: ['name', 'size'] });
    expect((await stored()).map(({ id }) => id)).toEqual([0, 2, 3, 4, 5]);
  });
});
