import { expect } from '@jest/globals';
import type { Row } from '../row-maker.js';
import { untilCached } from '../world.js';
import { anyOf, byKey, expectSame, pick, type Subject } from './subject.js';

/** Lists, figures and single rows by filters, compared with Prisma's. */
export async function reads(subject: Subject, row: Row): Promise<void> {
  const { here, elsewhere, prisma, declared, visible, model, world, thorough } = subject;
  const ask = (operation: string, args: object): Promise<unknown> =>
    prisma[operation]?.({ ...args, where: { AND: [Reflect.get(args, 'where') ?? {}, visible] } }) ??
    Promise.reject();
  const own = anyOf(subject, [row]);
  const listed = { orderBy: byKey(subject) };
  const all = await ask('findMany', listed);
  expectSame(await here.findMany(listed), all);
  const again = () => elsewhere.findMany(listed);
  const isCached = declared.cachesQueries && !model.readOnly;
  expectSame(isCached ? await untilCached(world.elsewhere, again) : await again(), all);
  for (const where of thorough ? [own, { NOT: own }] : [own]) {
    expectSame(await here.findMany({ where, ...listed }), await ask('findMany', { where, ...listed }));
    expectSame(await here.findFirst({ where, ...listed }), await ask('findFirst', { where, ...listed }));
    expectSame(await here.count({ where }), await ask('count', { where }));
    expect(await here.exists(where)).toBe((await ask('findFirst', { where })) !== null);
  }
  if (thorough) await findsItsText(subject, row);
  await aggregates(subject, ask);
}

const SEARCHED = new Set([undefined, 'Text', 'VarChar']);

/** A search for a part of the row's text, in each column of it, finds the row. */
async function findsItsText({ here, fields, model }: Subject, row: Row): Promise<void> {
  for (const { name, type, isList, nativeType } of fields) {
    const value = row[name];
    if (type !== 'String' || isList || !SEARCHED.has(nativeType?.[0]) || typeof value !== 'string') continue;
    const term = [...value].slice(0, 20).join('');
    if ([...term.trim()].length < 2) continue;
    const { items } = await here.search(term, { fields: [name], limit: 20 });
    const keys = items.map((item) => pick(item, model.id));
    expect(keys).toContainEqual(pick(row, model.id));
  }
}

type Ask = (operation: string, args: object) => Promise<unknown>;

const SUMMED = new Set(['Int', 'BigInt', 'Float', 'Decimal']);
/** Types that PostgreSQL or Prisma cannot add up. */
const NOT_SUMMED = new Set(['Money', 'Oid']);
const GROUPED = new Set(['Boolean', 'Int', 'String']);

async function aggregates(subject: Subject, ask: Ask): Promise<void> {
  const { here, fields, thorough } = subject;
  const single = fields.filter(({ kind, isList }) => kind !== 'object' && !isList);
  const chosen = (types: ReadonlySet<string>) =>
    single.filter(({ type, nativeType }) => types.has(type) && !NOT_SUMMED.has(nativeType?.[0] ?? ''));
  const summed = Object.fromEntries(chosen(SUMMED).map(({ name }) => [name, true]));
  const args = {
    _count: { _all: true },
    ...(Object.keys(summed).length > 0 && { _sum: summed, _min: summed, _max: summed }),
  };
  await expectSameOutcome(
    () => here.aggregate(args),
    () => ask('aggregate', args),
  );
  const [grouped] = chosen(GROUPED);
  if (grouped === undefined || !thorough) return;
  const groups = { by: [grouped.name], _count: true, orderBy: { [grouped.name]: 'asc' } };
  expectSame(await here.groupBy(groups), await ask('groupBy', groups));
}

/** Prisma refuses some: a sum that is too large for a Float, a name that PostgreSQL cuts when `_sum` stands before it. */
async function expectSameOutcome(
  actual: () => Promise<unknown>,
  expected: () => Promise<unknown>,
): Promise<void> {
  const [ours, theirs] = await Promise.allSettled([actual(), expected()]);
  expect(ours.status).toBe(theirs.status);
  if (ours.status === 'fulfilled' && theirs.status === 'fulfilled') expectSame(ours.value, theirs.value);
}
