import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AnyRow } from '../../../support/prisma/feature-repositories.js';
import {
  type FeatureWorld,
  openFeatureWorld,
  statementsOf,
  untilCached,
} from '../../../support/prisma/feature-world.js';

let world: FeatureWorld;
let teamId: number;
const TICKETS = 60;

beforeAll(async () => {
  world = await openFeatureWorld();
  const team: AnyRow = await world.here.getTeamRepository().create({ slug: randomUUID(), name: 'pages' });
  teamId = team['id'] as number;
  await tickets().createMany({
    data: Array.from({ length: TICKETS }, (_, number) => ({
      teamId,
      number,
      title: `ticket ${number % 7}`,
      body: number % 3 === 0 ? null : `100% of_${number % 5}`,
      priority: number % 4 === 0 ? null : number % 5,
      rank: `${(number % 6) / 4}`,
      openedAt: new Date(1_700_000_000_000 + (number % 9)),
    })),
  });
  // Several rows within a millisecond, and within a microsecond.
  await world.database.sql(`
    INSERT INTO "Event" (id, at, kind)
    SELECT n, timestamptz '2026-01-01 00:00:00.123' + (n % 8) * interval '1 microsecond',
      (CASE WHEN n % 2 = 0 THEN 'OWNER' ELSE 'member' END)::"Role"
    FROM generate_series(1, 40) n`);
});
afterAll(() => world.close());

const tickets = () => world.here.getTicketRepository();

/** Follows the cursors from the first page to the last, and then back. */
async function walk(
  page: (place: object) => Promise<{
    readonly items: readonly AnyRow[];
    readonly nextCursor: string | null;
    readonly previousCursor: string | null;
    readonly hasNext: boolean;
    readonly hasPrevious: boolean;
  }>,
): Promise<{ readonly forth: readonly AnyRow[]; readonly back: readonly AnyRow[] }> {
  const forth: AnyRow[] = [];
  let current = await page({});
  expect(current.hasPrevious).toBe(false);
  forth.push(...current.items);
  while (current.hasNext) {
    current = await page({ after: current.nextCursor });
    forth.push(...current.items);
  }
  expect(current.nextCursor).toBeNull();
  const back = [...current.items];
  while (current.hasPrevious) {
    current = await page({ before: current.previousCursor });
    back.unshift(...current.items);
  }
  return { forth, back };
}

const column = fc.constantFrom('title', 'body', 'priority', 'rank', 'openedAt', 'number');
const orders = fc.uniqueArray(column, { minLength: 0, maxLength: 3 }).chain((fields) =>
  fc.tuple(
    ...fields.map((field) => {
      const sort = fc.constantFrom('asc', 'desc');
      const nullable = field === 'body' || field === 'priority';
      return fc
        .tuple(sort, fc.constantFrom('first', 'last', null))
        .map(([direction, nulls]) =>
          nullable && nulls !== null ? { [field]: { sort: direction, nulls } } : { [field]: direction },
        );
    }),
  ),
);

describe('a page by cursor', () => {
  test('after page, forth and back, gives exactly the rows of the whole list in any order, each once', async () => {
    await fc.assert(
      fc.asyncProperty(orders, fc.integer({ min: 1, max: 25 }), async (order, pageSize) => {
        const where = { teamId };
        const orderBy = order.length === 0 ? undefined : order;
        const all = (await tickets().findMany(
          {
            where,
            ...(orderBy && {
              orderBy: [...orderBy, { id: order.at(-1) ? directionOf(order.at(-1)) : 'asc' }],
            }),
          },
          { cache: false },
        )) as readonly AnyRow[];
        const { forth, back } = await walk((place) =>
          tickets().findCursorPage(
            { where, ...(orderBy && { orderBy }), pageSize, ...place },
            { cache: false },
          ),
        );
        expect(forth.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
        expect(back.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
      }),
      { numRuns: 40, seed: 20261121 },
    );
  });

  test.each([
    ['of times to the microsecond', [{ at: 'desc' }]],
    ['of an enum', [{ kind: 'asc' }]],
    ['of both', [{ kind: 'desc' }, { at: 'asc' }]],
  ])('%s neither repeats nor skips rows', async (_name, orderBy) => {
    const events = world.here.getEventRepository();
    const [last] = orderBy.slice(-1);
    const id = Object.values(last ?? {})[0];
    const all = (await events.findMany({ orderBy: [...orderBy, { id }] })) as readonly AnyRow[];
    const { forth, back } = await walk((place) => events.findCursorPage({ orderBy, pageSize: 7, ...place }));
    expect(forth.map((row) => row['id'])).toEqual(all.map((row) => row['id']));
    expect(back.map((row) => row['id'])).toEqual(all.map((row) => row['id']));
  });

  test('of such an order says so when the row that it was counted from has gone', async () => {
    const events = world.here.getEventRepository();
    const page = await events.findCursorPage({ orderBy: { at: 'asc' }, pageSize: 40 - 2 });
    const edge = page.items.at(-1) as AnyRow;
    await world.database.sql('DELETE FROM "Event" WHERE id = $1', [edge['id']]);
    await expect(
      events.findCursorPage({ orderBy: { at: 'asc' }, pageSize: 40, after: page.nextCursor }),
    ).rejects.toMatchObject({ code: 'CURSOR_INVALID', context: { fault: 'row-gone' } });
  });

  test('goes on where a row was whose values are exact, though it has gone', async () => {
    const mine: AnyRow = await tickets().create({ teamId, number: 1000, title: 'zz' });
    await tickets().create({ teamId, number: 1001, title: 'zzz' });
    const orderBy = { title: 'asc' };
    const where = { teamId, title: { startsWith: 'zz' } };
    const first = await tickets().findCursorPage({ where, orderBy, pageSize: 1 });
    expect(first.items).toMatchObject([{ id: mine['id'] }]);
    await tickets().deletePermanently(mine['id']);
    const second = await tickets().findCursorPage({ where, orderBy, pageSize: 1, after: first.nextCursor });
    expect(second.items).toMatchObject([{ number: 1001 }]);
    await tickets().deleteMany({ where });
  });

  test('gives the selection that was asked for, and no column that only the cursor needs', async () => {
    const page = await tickets().findCursorPage({
      where: { teamId },
      orderBy: { rank: 'asc' },
      select: { title: true },
      pageSize: 3,
    });
    expect(page.items.map((row: AnyRow) => Object.keys(row))).toEqual([['title'], ['title'], ['title']]);
    const next = await tickets().findCursorPage({
      where: { teamId },
      orderBy: { rank: 'asc' },
      select: { title: true },
      pageSize: 3,
      after: page.nextCursor,
    });
    expect(next.items).toHaveLength(3);
  });

  test('comes from the cache until a row that it can see is written', async () => {
    const read = (): Promise<unknown> =>
      world.elsewhere.getTicketRepository().findCursorPage({ where: { teamId }, pageSize: 5 });
    await untilCached(world.elsewhere, read);
    const mine: AnyRow = await tickets().create({ teamId, number: -1, title: 'first of all' });
    expect(await read()).toMatchObject({ items: [{ number: -1 }, {}, {}, {}, {}] });
    await tickets().deletePermanently(mine['id']);
  });

  test.each([
    ['nonsense', 'nonsense'],
    ['an empty text', ''],
    ['a number', 7],
    ['JSON of another kind', Buffer.from('{"a":1}').toString('base64url')],
    ['a very long text', 'A'.repeat(70_000)],
  ])('refuses %s for a cursor', async (_name, after) => {
    await expect(
      tickets().findCursorPage({ where: { teamId }, after: after as string }),
    ).rejects.toMatchObject({
      code: 'CURSOR_INVALID',
    });
  });

  test('refuses a cursor of another filter or order, and one whose values were made up', async () => {
    const { nextCursor } = await tickets().findCursorPage({
      where: { teamId },
      orderBy: { title: 'asc' },
      pageSize: 2,
    });
    for (const query of [
      { where: { teamId: teamId + 1 }, orderBy: { title: 'asc' } },
      { where: { teamId }, orderBy: { title: 'desc' } },
      { where: { teamId } },
    ]) {
      await expect(tickets().findCursorPage({ ...query, after: nextCursor })).rejects.toMatchObject({
        code: 'CURSOR_INVALID',
        context: { fault: 'other-query' },
      });
    }
    const [fingerprint] = JSON.parse(Buffer.from(nextCursor ?? '', 'base64url').toString());
    for (const values of [[], ['x'], [1, 2], ['a', '\0'], [null, null], ['a', 'b', 'c']]) {
      const forged = Buffer.from(JSON.stringify([fingerprint, ...values])).toString('base64url');
      await expect(
        tickets().findCursorPage({ where: { teamId }, orderBy: { title: 'asc' }, after: forged }),
      ).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
    }
  });

  test('refuses what it cannot be ordered by', async () => {
    for (const orderBy of [
      { team: { name: 'asc' } },
      { parts: { _count: 'asc' } },
      { nothing: 'asc' },
      { title: 'up' },
    ]) {
      await expect(tickets().findCursorPage({ orderBy })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    await expect(tickets().findCursorPage({ after: 'a', before: 'b' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(world.here.getTitlesRepository().findCursorPage()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

describe('a page by number', () => {
  test('gives its rows and the total, in the declared order, with two statements and then none', async () => {
    const read = (): Promise<unknown> => tickets().findPage({ where: { teamId }, page: 2, pageSize: 7 });
    let page: unknown;
    expect(
      await statementsOf(world.here, async () => {
        page = await read();
      }),
    ).toBe(2);
    expect(page).toMatchObject({
      total: TICKETS,
      page: 2,
      pageSize: 7,
      pageCount: 9,
      hasNext: true,
      hasPrevious: true,
    });
    expect((page as { items: AnyRow[] }).items.map(({ number }) => number)).toEqual([
      7, 8, 9, 10, 11, 12, 13,
    ]);
    await untilCached(world.here, read);
    expect(await tickets().findPage({ where: { teamId }, page: 99 })).toMatchObject({
      items: [],
      hasNext: false,
      hasPrevious: true,
    });
  });

  test('holds each row once, also where the order leaves many alike', async () => {
    const pages = await Promise.all(
      [1, 2, 3, 4].map((page) =>
        tickets().findPage({ where: { teamId }, orderBy: { priority: 'asc' }, page, pageSize: 15 }),
      ),
    );
    const ids = pages.flatMap(({ items }) => items.map((row: AnyRow) => row['id']));
    expect(new Set(ids).size).toBe(TICKETS);
  });

  test.each([
    { page: 0 },
    { page: 1.5 },
    { page: Number.NaN },
    { page: -1 },
    { page: '2' },
    { pageSize: 0 },
    { pageSize: 51 },
    { pageSize: Number.POSITIVE_INFINITY },
  ])('refuses %p', async (place) => {
    await expect(tickets().findPage({ where: { teamId }, ...(place as object) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

describe('a search', () => {
  test('takes a term for itself, in any case, and finds it in any of the fields', async () => {
    const search = (term: string, more: object = {}) =>
      tickets().search(term, { where: { teamId }, limit: 50, ...more });
    expect((await search('TICKET 3')).items).toHaveLength(9);
    expect((await search('100% of_2')).items.length).toBeGreaterThan(0);
    expect((await search('100%of')).items).toEqual([]);
    expect((await search('00_ of')).items).toEqual([]);
    expect((await search('\\\\')).items).toEqual([]);
    expect((await search('ticket 3', { fields: ['body'] })).items).toEqual([]);
    const some = await search('ticket', { limit: 5, select: { title: true } });
    expect(some).toMatchObject({ hasMore: true });
    expect(some.items).toHaveLength(5);
  });

  test.each([[''], [' '], ['a'], ['x'.repeat(257)], [undefined], [7]])(
    'refuses %p for a term',
    async (term) => {
      await expect(tickets().search(term as string)).rejects.toMatchObject({ code: 'SEARCH_TERM_INVALID' });
    },
  );

  test('refuses fields that hold no text, or none at all', async () => {
    for (const fields of [['number'], ['nothing'], ['team'], []]) {
      await expect(tickets().search('term', { fields })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });
});

function directionOf(order: unknown): unknown {
  const [value] = Object.values(order as object);
  return typeof value === 'object' && value !== null ? Reflect.get(value, 'sort') : value;
}
