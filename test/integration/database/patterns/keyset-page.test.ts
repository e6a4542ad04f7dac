import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CursorCodec } from '../../../../src/database/patterns/cursor-codec.js';
import { type KeysetPageRequest, keysetPage } from '../../../../src/database/patterns/keyset-page.js';
import type { OrderBy } from '../../../../src/database/patterns/order.js';
import { sql } from '../../../../src/database/patterns/sql.js';
import { TableCatalog } from '../../../../src/database/patterns/table-catalog.js';
import { ClientExecutor } from '../../../support/client-executor.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';

type Row = Readonly<Record<string, unknown>>;

const codec = new CursorCodec(['a secret of more than sixteen bytes']);
let database: TestDatabase;
let executor: ClientExecutor;
const catalog = new TableCatalog();

beforeAll(async () => {
  database = await createDatabase({ migrated: false });
  executor = await ClientExecutor.connect(database.url);
});

afterAll(async () => {
  await executor.end();
  await database.drop();
});

const page = (request: KeysetPageRequest) =>
  keysetPage<Row>({ executor, catalog }, codec, request, { maxPageSize: 100_000 });

/** Every item on the way from the first page to the last, or back from behind the last to the first. */
async function walk(request: KeysetPageRequest, backwards = false, start?: string): Promise<Row[]> {
  const items: Row[] = [];
  let cursor = start;
  for (;;) {
    const got = await page({
      ...request,
      ...(cursor !== undefined && { [backwards ? 'before' : 'after']: cursor }),
    });
    if (backwards) items.unshift(...got.items);
    else items.push(...got.items);
    const next = backwards ? got.previousCursor : got.nextCursor;
    expect(backwards ? got.hasPrevious : got.hasNext).toBe(next !== null);
    if (next === null) return items;
    cursor = next;
  }
}

/** A cursor behind the last row: that of the last page, of one row, and one page on when that row is gone. */
async function lastCursor(request: KeysetPageRequest): Promise<string | undefined> {
  let cursor: string | undefined;
  for (;;) {
    const got = await page({ ...request, pageSize: 1, ...(cursor !== undefined && { after: cursor }) });
    if (got.nextCursor === null) return cursor;
    cursor = got.nextCursor;
  }
}

describe('pages over random rows with ties and nulls', () => {
  const row = fc.record({
    a: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }),
    b: fc.option(fc.constantFrom('x', 'X', 'y', '', 'ü', 'a\tb'), { nil: null }),
    c: fc.constantFrom(1, 2, 3),
  });
  const term = (column: string) =>
    fc.record(
      {
        column: fc.constant(column),
        direction: fc.constantFrom('asc' as const, 'desc' as const),
        nulls: fc.constantFrom('first' as const, 'last' as const),
      },
      { requiredKeys: ['column'] },
    );
  const order = fc
    .tuple(term('a'), term('b'), term('c'), term('id'), fc.integer({ min: 0, max: 4 }))
    .chain(([a, b, c, id, length]) => fc.shuffledSubarray([a, b, c, id], { minLength: length }));

  const compare = (terms: readonly OrderBy[]) => (left: Row, right: Row) => {
    const last = terms.at(-1)?.direction ?? 'asc';
    for (const { column, direction = 'asc', nulls } of [
      ...terms,
      { column: 'id', direction: last } as OrderBy,
    ]) {
      const [l, r] = [left[column], right[column]];
      if (l === r) continue;
      const first = (nulls ?? (direction === 'asc' ? 'last' : 'first')) === 'first';
      if (l === null) return first ? -1 : 1;
      if (r === null) return first ? 1 : -1;
      // The column's collation is "C": the order of bytes.
      const less =
        typeof l === 'string'
          ? Buffer.compare(Buffer.from(l), Buffer.from(String(r))) < 0
          : Number(l) < Number(r);
      return less === (direction === 'asc') ? -1 : 1;
    }
    return 0;
  };

  test('give every row exactly once and in order, forwards and backwards', async () => {
    await executor.query(
      'CREATE TABLE random (id int PRIMARY KEY, a int, b text COLLATE "C", c smallint NOT NULL)',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 25 }),
        order,
        fc.integer({ min: 1, max: 7 }),
        async (rows, orderBy, pageSize) => {
          await executor.query('TRUNCATE random');
          const stored = rows.map((each, id) => ({ id, ...each }));
          await executor.query(
            'INSERT INTO random SELECT * FROM jsonb_populate_recordset(NULL::random, $1)',
            [JSON.stringify(stored)],
          );
          const request: KeysetPageRequest = { table: 'random', orderBy, pageSize };
          const expected = [...stored].sort(compare(orderBy));
          expect(await walk(request)).toEqual(expected);
          const end = await lastCursor(request);
          if (end !== undefined) expect(await walk(request, true, end)).toEqual(expected.slice(0, -2));
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);
});

describe('a page', () => {
  beforeAll(async () => {
    await executor.query(`CREATE TABLE moments (id bigint PRIMARY KEY, at timestamptz NOT NULL, price numeric, raw bytea,
      kind uuid, name text)`);
    await executor.query(`INSERT INTO moments SELECT i + 9007199254740990, timestamptz '2026-01-01' + i * interval '1 microsecond',
      i / 7.0, decode(lpad(to_hex(i), 4, '0'), 'hex'), md5(i::text)::uuid, chr(255 + i) FROM generate_series(1, 40) AS i`);
  });

  test.each(['id', 'at', 'price', 'raw', 'kind', 'name'])(
    'loses nothing of a value of %s in its cursor',
    async (column) => {
      const items = await walk({ table: 'moments', orderBy: [{ column }], pageSize: 1 });
      const expected = await executor.query<Row>(`SELECT * FROM moments ORDER BY "${column}"`);
      expect(items).toEqual(expected);
    },
  );

  test('knows whether rows lie on either side, and leads back from behind the end', async () => {
    const request: KeysetPageRequest = { table: 'moments', orderBy: [{ column: 'id' }], pageSize: 15 };
    const first = await page(request);
    expect(first).toMatchObject({ hasNext: true, hasPrevious: false, previousCursor: null });
    const second = await page({ ...request, after: first.nextCursor ?? '' });
    const third = await page({ ...request, after: second.nextCursor ?? '' });
    expect(third).toMatchObject({ hasNext: false, hasPrevious: true, nextCursor: null });
    expect(third.items).toHaveLength(10);
    await executor.query('BEGIN');
    try {
      await executor.query('DELETE FROM moments WHERE id > $1', [String(second.items.at(-1)?.['id'])]);
      const empty = await page({ ...request, after: second.nextCursor ?? '' });
      expect(empty).toMatchObject({ items: [], hasNext: false, hasPrevious: true });
      expect((await page({ ...request, before: empty.previousCursor ?? '' })).items).toEqual(second.items);
    } finally {
      await executor.query('ROLLBACK');
    }
  });

  test('holds the columns asked for and nothing else, and only rows that the filter lets through', async () => {
    const got = await page({
      table: 'public.moments',
      select: ['name', 'id'],
      where: { id: { gt: 9007199254740992n, lte: '9007199254740995' } },
      orderBy: [{ column: 'at', direction: 'desc' }],
    });
    expect(got.items.map((item) => Object.keys(item))).toEqual(Array(3).fill(['name', 'id']));
    expect(got.items.map((item) => item['id'])).toEqual([
      '9007199254740995',
      '9007199254740994',
      '9007199254740993',
    ]);
  });

  test('takes one round trip once the table is known', async () => {
    const before = executor.sent.length;
    await page({ table: 'moments', orderBy: [{ column: 'at' }] });
    expect(executor.sent.length - before).toBe(1);
  });

  test('is refused when its cursor comes from another order, filter or table', async () => {
    const request: KeysetPageRequest = {
      table: 'moments',
      orderBy: [{ column: 'at' }],
      where: { id: { gt: 1 } },
    };
    const { nextCursor: after } = await page({ ...request, pageSize: 1 });
    if (after === null) throw new Error('no cursor');
    const refused = { code: 'CURSOR_INVALID', context: { fault: 'other-query' } };
    await expect(page({ ...request, after, where: { id: { gt: 2 } } })).rejects.toMatchObject(refused);
    await expect(page({ ...request, after, orderBy: [{ column: 'price' }] })).rejects.toMatchObject(refused);
    await executor.query('CREATE TABLE moments_too (LIKE moments INCLUDING ALL)');
    await expect(page({ ...request, after, table: 'moments_too' })).rejects.toMatchObject(refused);
    await expect(page({ ...request, after: 'nonsense' })).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
    await expect(page({ ...request, after, pageSize: 3 })).resolves.toMatchObject({ hasPrevious: true });
  });

  test('is refused when its size is no whole number or beyond the limit', async () => {
    for (const pageSize of [Number.NaN, 0, -1, 1.5, Number.POSITIVE_INFINITY, 100_001]) {
      await expect(page({ table: 'moments', orderBy: [{ column: 'at' }], pageSize })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });

  test('is refused for an order that nothing makes unique, unless the caller vouches for it', async () => {
    await executor.query('CREATE VIEW recent AS SELECT id, at FROM moments');
    const request: KeysetPageRequest = { table: 'recent', orderBy: [{ column: 'at' }], pageSize: 7 };
    await expect(page(request)).rejects.toMatchObject({ code: 'ORDER_NOT_UNIQUE' });
    expect(await walk({ ...request, orderIsUnique: true })).toHaveLength(40);
  });
});

describe('a page 50,000 rows deep', () => {
  interface Plan {
    readonly 'Node Type': string;
    readonly 'Shared Hit Blocks': number;
    readonly 'Shared Read Blocks': number;
    readonly Plans?: readonly Plan[];
  }

  /** What the statement of this page reads, and by which kinds of plan nodes. */
  async function cost(request: KeysetPageRequest): Promise<{ buffers: number; nodes: Set<string> }> {
    await page(request);
    const statement = executor.sent.at(-1);
    const explained = await executor.query<{ readonly 'QUERY PLAN': readonly [{ readonly Plan: Plan }] }>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement?.text}`,
      statement?.parameters,
    );
    const plan = explained[0]?.['QUERY PLAN'][0].Plan;
    const nodes = new Set<string>();
    const visit = (node: Plan): void => {
      nodes.add(node['Node Type']);
      node.Plans?.forEach(visit);
    };
    if (plan === undefined) throw new Error('no plan');
    visit(plan);
    return { buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], nodes };
  }

  beforeAll(async () => {
    await executor.query(
      `CREATE TABLE deep (id int PRIMARY KEY, kind int NOT NULL, score int, at timestamptz NOT NULL, filler text)`,
    );
    await executor.query(`INSERT INTO deep SELECT i, i % 2, nullif(i % 1000, 0), timestamptz '2026-01-01' + i % 5000 * interval '1 s',
      repeat('x', 60) FROM generate_series(1, 120000) AS i`);
    await executor.query('CREATE INDEX ON deep (at DESC, id DESC)');
    await executor.query('CREATE INDEX ON deep (kind, at, id)');
    await executor.query('CREATE INDEX ON deep (at, id DESC)');
    await executor.query('CREATE INDEX ON deep (score, id)');
    await executor.query('VACUUM ANALYZE deep');
  });

  test.each<[string, Pick<KeysetPageRequest, 'orderBy' | 'where'>]>([
    ['one direction', { orderBy: [{ column: 'at', direction: 'desc' }] }],
    ['one direction under a filter', { orderBy: [{ column: 'at' }], where: { kind: 1 } }],
    ['mixed directions', { orderBy: [{ column: 'at' }, { column: 'id', direction: 'desc' }] }],
    ['a column with nulls', { orderBy: [{ column: 'score' }] }],
    ['a filter of the caller', { orderBy: [{ column: 'at' }], where: sql`kind = ${1}` }],
  ])(
    'reads about as much as the first one, by %s',
    async (_, query) => {
      const request: KeysetPageRequest = { table: 'deep', pageSize: 20, ...query };
      const skipped = await page({ ...request, pageSize: 50_000 });
      const after = skipped.nextCursor ?? '';
      const second = await page({ ...request });
      const shallow = await cost({ ...request, after: second.nextCursor ?? '' });
      const first = await cost(request);
      const deep = await cost({ ...request, after });
      expect([...deep.nodes].filter((node) => node === 'Seq Scan')).toEqual([]);
      // Beside its own rows, a page with a cursor looks down the index once for each range, and once the other way.
      expect(deep.buffers).toBeLessThanOrEqual(shallow.buffers + 12);
      expect(deep.buffers).toBeLessThanOrEqual(first.buffers * 2 + 30);
    },
    60_000,
  );
});
