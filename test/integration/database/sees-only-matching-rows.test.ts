import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Xoshiro128 } from '../../../scripts/support/random.js';
import { type ModelMetadata, modelOf, seesOnlyMatchingRows } from '../../../src/database/index.js';
import { RandomReads } from '../../support/prisma/random-reads.js';
import { openRichDatabase, type RichDatabase } from '../../support/prisma/rich-database.js';

/*
 * Reads of random arguments, before and after all rows of their model have changed that their filter lets through neither
 * time. Those that are said to see matching rows only must not notice.
 */
let database: RichDatabase;

beforeAll(async () => {
  database = await openRichDatabase();
});
afterAll(() => database.close());

type Arguments = Readonly<Record<string, unknown>>;

const find = (model: string, args: Arguments): Promise<unknown> =>
  database.delegate(model)['findMany']?.(args) ?? Promise.reject(new Error(`no ${model}`));

/** Other values for what is neither a key nor a foreign key that must have one. */
function otherValues({ id, uniques, fields }: ModelMetadata): Arguments {
  const keys = new Set([...id, ...uniques.flat()]);
  const foreign = new Set(
    Object.values(fields).flatMap((field) => (field.kind === 'relation' ? field.fields : [])),
  );
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]): [string, unknown][] => {
      if (field.kind !== 'scalar') return [];
      if (field.nullable) return [[name, null]];
      return keys.has(name) || foreign.has(name) ? [] : [[name, field.type === 'Int' ? 77 : 'changed']];
    }),
  );
}

/** What a read says before and after the other rows have changed; null where that changed which rows match. */
async function beforeAndAfter(model: string, args: Arguments): Promise<[unknown, unknown] | null> {
  const metadata = modelOf(database.metadata, model);
  const where = args['where'] ?? {};
  const select = Object.fromEntries(metadata.id.map((name) => [name, true]));
  const matching = (): Promise<unknown> =>
    find(model, { where, select, orderBy: metadata.id.map((name) => ({ [name]: 'asc' })) });
  const matched = (await matching()) as Arguments[];
  const before = await find(model, args);
  await database.delegate(model)['updateMany']?.({
    where: { NOT: { OR: matched } },
    data: otherValues(metadata),
  });
  if (!isDeepStrictEqual(await matching(), matched)) return null;
  return [before, await find(model, args)];
}

test('no read that is said to see matching rows only notices a change of the others', async () => {
  const seed = Number(process.env['MATCHING_ROWS_SEED'] ?? 20_260_301);
  const count = Number(process.env['MATCHING_ROWS_COUNT'] ?? 250);
  const random = new RandomReads(database.metadata, Xoshiro128.fromSeed(seed));
  const seen = { matchingOnly: 0, more: 0 };
  for (let index = 0; index < count; index++) {
    const { model, args: reads } = random.next();
    // In a given order: else PostgreSQL may give rows of one value in another one after a change.
    const args = reads['orderBy'] === undefined ? { ...reads, orderBy: { ...idOrder(model) } } : reads;
    if (Object.values(otherValues(modelOf(database.metadata, model))).length === 0) continue;
    await database.reset();
    const answers = await beforeAndAfter(model, args);
    if (answers === null) continue;
    const [before, after] = answers;
    const isSame = isDeepStrictEqual(sorted(before), sorted(after));
    if (!seesOnlyMatchingRows(database.metadata, model, args)) {
      seen.more++;
      continue;
    }
    seen.matchingOnly++;
    if (!isSame) {
      throw new Error(
        `Seed ${seed}, read ${index} of ${model}: ${JSON.stringify(args)}\n` +
          `before: ${JSON.stringify(before)}\nafter:  ${JSON.stringify(after)}`,
      );
    }
  }
  expect(seen.matchingOnly).toBeGreaterThan(count * 0.2);
  expect(seen.more).toBeGreaterThan(count * 0.2);
}, 300_000);

test.each<[what: string, model: string, args: Arguments]>([
  ['an inclusion of its own model', 'Person', { where: { id: 2 }, include: { mentor: true } }],
  [
    'an inclusion that comes back',
    'Post',
    { where: { id: 1 }, include: { author: { include: { posts: true } } } },
  ],
  [
    'a filter that comes back',
    'Post',
    { where: { id: 1, author: { posts: { some: { id: 2, title: '' } } } } },
  ],
  ['a count of its own model', 'Comment', { where: { id: 1 }, include: { _count: true } }],
  [
    'an order by its own model',
    'Person',
    { where: { id: { in: [2, 3] } }, orderBy: [{ mentor: { name: 'asc' } }] },
  ],
])('%s notices a change of other rows, and is said to', async (_what, model, args) => {
  await database.reset();
  expect(seesOnlyMatchingRows(database.metadata, model, args)).toBe(false);
  // Between the names that the others have before and after.
  if (model === 'Person')
    await database.delegate(model)['update']?.({ where: { id: 2 }, data: { name: 'b' } });
  const matched = await find(model, { where: args['where'], select: { id: true } });
  const before = await find(model, args);
  await database.delegate(model)['updateMany']?.({
    where: { NOT: { OR: matched } },
    data: otherValues(modelOf(database.metadata, model)),
  });
  expect(await find(model, args)).not.toEqual(before);
});

function idOrder(model: string): Arguments {
  const [id = ''] = modelOf(database.metadata, model).id;
  return { [id]: 'asc' };
}

/** Lists without the order of their items, which is PostgreSQL's to choose where several rank the same. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, sorted(inner)]));
}
