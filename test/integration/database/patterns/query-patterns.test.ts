import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type AggregateRequest,
  type Filter,
  QueryPatterns,
  sql,
} from '../../../../src/database/patterns/index.js';
import { ClientExecutor } from '../../../support/client-executor.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';

let database: TestDatabase;
let executor: ClientExecutor;
let patterns: QueryPatterns;

beforeAll(async () => {
  database = await createDatabase({ migrated: false });
  executor = await ClientExecutor.connect(database.url);
  patterns = new QueryPatterns(executor, { cursorSecrets: ['a secret of more than sixteen bytes'] });
  await executor.query('CREATE SCHEMA "Odd.Schema"');
  await executor.query(`CREATE TABLE "Odd.Schema"."select" (id int PRIMARY KEY, "Order" text, "a""b" int, kind text,
    price numeric(12,4), at timestamptz, tags text[])`);
  await executor.query(`INSERT INTO "Odd.Schema"."select" SELECT i, nullif('o' || i % 4, 'o0'), i % 5, chr(97 + i % 2),
    i * 1.0001, timestamptz '2026-01-01' + i * interval '1 day', ARRAY['x', i::text] FROM generate_series(1, 100) AS i`);
});

afterAll(async () => {
  await executor.end();
  await database.drop();
});

const table = '"Odd.Schema".select';

describe('a page by number', () => {
  test('has its rows, the total, and what lies before and after', async () => {
    const got = await patterns.offsetPage<{ id: number }>({
      table,
      select: ['id', 'a"b'],
      where: { kind: 'b' },
      orderBy: [{ column: 'a"b', direction: 'desc' }],
      page: 2,
      pageSize: 20,
    });
    expect(got).toMatchObject({
      total: 50,
      page: 2,
      pageSize: 20,
      pageCount: 3,
      hasNext: true,
      hasPrevious: true,
    });
    expect(got.items[0]).toEqual({ id: 97, 'a"b': 2 });
    expect(got.items).toHaveLength(20);
  });

  test('takes one round trip, and two when it lies behind the last row', async () => {
    const before = executor.sent.length;
    await patterns.offsetPage({ table });
    expect(executor.sent.length - before).toBe(1);
    const got = await patterns.offsetPage({ table, page: 99 });
    expect(got).toMatchObject({ items: [], total: 100, pageCount: 5, hasNext: false, hasPrevious: true });
    expect(executor.sent.length - before).toBe(3);
    expect(await patterns.offsetPage({ table, where: { id: -1 } })).toMatchObject({
      total: 0,
      pageCount: 0,
      hasNext: false,
      hasPrevious: false,
    });
  });

  test('is refused for numbers and sizes that are none, or too large', async () => {
    const wrong = [
      { page: 0 },
      { page: Number.NaN },
      { page: 1.5 },
      { page: 1e300 },
      { pageSize: 0 },
      { pageSize: 1_001 },
    ];
    for (const request of wrong) {
      await expect(patterns.offsetPage({ table, ...request })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });
});

describe('an aggregation', () => {
  test('counts, sums and averages per group, keeps the groups asked for, in the order asked for', async () => {
    const got = await patterns.aggregate({
      table,
      groupBy: ['Order'],
      metrics: {
        rows: { count: '*' },
        kinds: { count: 'kind', distinct: true },
        total: { sum: 'price' },
        mean: { avg: 'a"b' },
        first: { min: 'at' },
        last: { max: 'id' },
      },
      where: { id: { lte: 40 } },
      having: { total: { gt: 200n }, rows: { gte: 10 } },
      orderBy: [{ by: 'last', direction: 'desc' }, { by: 'Order' }],
    });
    expect(got.hasMore).toBe(false);
    expect(got.groups).toEqual([
      {
        Order: null,
        rows: 10,
        kinds: 1,
        total: '220.0220',
        mean: '2.0000000000000000',
        first: new Date('2026-01-05'),
        last: 40,
      },
      {
        Order: 'o3',
        rows: 10,
        kinds: 1,
        total: '210.0210',
        mean: '2.0000000000000000',
        first: new Date('2026-01-04'),
        last: 39,
      },
      {
        Order: 'o2',
        rows: 10,
        kinds: 1,
        total: '200.0200',
        mean: '2.0000000000000000',
        first: new Date('2026-01-03'),
        last: 38,
      },
    ]);
  });

  test('over all rows is one group, and with a limit says whether there are more', async () => {
    expect((await patterns.aggregate({ table, metrics: { n: { count: 'Order' } } })).groups).toEqual([
      { n: 75 },
    ]);
    const limited = await patterns.aggregate({
      table,
      metrics: { n: { count: '*' } },
      groupBy: ['id'],
      limit: 3,
    });
    expect(limited).toMatchObject({ hasMore: true, groups: { length: 3 } });
  });

  test('is refused for figures and names that there are not', async () => {
    const count = { n: { count: '*' } } as const;
    await expect(patterns.aggregate({ table, metrics: { s: { sum: 'kind' } } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(patterns.aggregate({ table, metrics: {} })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(patterns.aggregate({ table, metrics: count, limit: Number.NaN })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    const unknown: Partial<AggregateRequest<string>>[] = [
      { groupBy: ['ordre'] },
      { orderBy: [{ by: 'ordre' }] },
      { metrics: { s: { sum: 'id); DROP TABLE x; --' } } },
    ];
    for (const wrong of unknown) {
      await expect(
        patterns.aggregate<object, string>({ table, metrics: count, ...wrong }),
      ).rejects.toMatchObject({
        code: 'UNKNOWN_IDENTIFIER',
      });
    }
  });
});

describe('a filter', () => {
  const found = async (where: Filter): Promise<number> => (await patterns.offsetPage({ table, where })).total;

  test.each<[Filter, number]>([
    [{}, 100],
    [{ Order: null }, 25],
    [{ Order: { not: null } }, 75],
    [{ Order: { not: 'o1' } }, 75],
    [{ Order: { in: ['o1', 'o2'] } }, 50],
    [{ Order: { in: ['o1', null] } }, 50],
    [{ Order: { notIn: ['o1', 'o2'] } }, 50],
    [{ id: { in: [] } }, 0],
    [{ id: { notIn: [] } }, 100],
    [{ id: { gt: 10, lte: 20 } }, 10],
    [{ id: { gte: 10, lt: 20n } }, 10],
    [{ at: { lt: new Date('2026-01-11T00:00:00Z') } }, 9],
    [{ price: '7.0007' }, 1],
    [{ tags: ['x', '7'] }, 1],
    [{ Order: { startsWith: 'o' } }, 75],
    [{ Order: { contains: 'O' } }, 0],
    [{ Order: { endsWith: 'O1', mode: 'insensitive' } }, 25],
    [{ $or: [{ id: 1 }, { id: 2, kind: 'zzz' }] }, 1],
    [{ $or: [] }, 0],
    [{ $and: [{ id: { gt: 1 } }, sql`id < ${4}`] }, 2],
    [{ $not: { id: { gt: 1 } } }, 1],
    [{ 'a"b': 0, kind: 'a' }, 10],
  ])('%j lets %i of 100 rows through', async (where, count) => {
    expect(await found(where)).toBe(count);
  });

  test.each<[string, Filter]>([
    ['undefined', { id: undefined }],
    ['a value that the type does not have', { id: 'seven' }],
    ['a date that is none', { at: 'the day before' }],
    ['a number out of range', { id: 2 ** 40 }],
    ['a null byte', { kind: 'a\0' }],
    ['an empty condition', { id: {} }],
    ['a condition that there is not', { id: { greater: 1 } }],
    ['a comparison with null', { id: { gt: null } }],
    ['a list that is none', { id: { in: 3 } }],
    ['LIKE on a number', { id: { contains: '1' } }],
    ['a plain value for $or', { $or: Object.assign([], { 0: 1, length: 1 }) }],
  ])('is refused as INVALID_ARGUMENT for %s', async (_, where) => {
    await expect(found(where)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('takes names from outside for names only', async () => {
    await expect(found({ 'id" = 1; --': 1 })).rejects.toMatchObject({
      code: 'UNKNOWN_IDENTIFIER',
      context: { kind: 'column', known: ['id', 'Order', 'a"b', 'kind', 'price', 'at', 'tags'] },
    });
  });
});

describe('a table', () => {
  test('is refused with those that there are when it is not among them', async () => {
    for (const name of ['nowhere', 'public.select', 'Odd.Schema', 'x"; DROP SCHEMA public; --'.slice(0, 1)]) {
      await expect(patterns.offsetPage({ table: name })).rejects.toMatchObject({
        code: 'UNKNOWN_IDENTIFIER',
        context: { kind: 'table', known: ['Odd.Schema.select'] },
      });
    }
    await expect(patterns.offsetPage({ table: 'a.b.c' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('is looked up once, and again when it was forgotten', async () => {
    const before = executor.sent.length;
    await patterns.offsetPage({ table: { schema: 'Odd.Schema', name: 'select' } });
    await patterns.offsetPage({ table });
    expect(executor.sent.length - before).toBe(2);
    patterns.forgetTables();
    await patterns.offsetPage({ table });
    expect(executor.sent.length - before).toBe(4);
  });
});
