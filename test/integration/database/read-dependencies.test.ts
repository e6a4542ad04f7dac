import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Xoshiro128 } from '../../../scripts/support/random.js';
import { coarseMetadata, readDependencies, type SchemaMetadata } from '../../../src/database/index.js';
import { RandomReads } from '../../support/prisma/random-reads.js';
import { openRichDatabase, type RichDatabase } from '../../support/prisma/rich-database.js';

let database: RichDatabase;

beforeAll(async () => {
  database = await openRichDatabase();
  await database.reset();
});
afterAll(() => database.close());

/** The models whose tables the statements name; of a join table, both. */
function modelsRead(metadata: SchemaMetadata, statements: readonly string[]): string[] {
  const found = statements.flatMap((sql) =>
    [...sql.matchAll(/"(left|right)"\."(\w+)"/g)].flatMap(([, schema, table]) =>
      Object.values(metadata.models)
        .filter(
          (model) =>
            (model.schema === schema && model.table === table) ||
            Object.values(model.fields).some(
              (field) => field.kind === 'relation' && field.joinTable === `${schema}.${table}`,
            ),
        )
        .map(({ name }) => name),
    ),
  );
  return [...new Set(found)].sort();
}

async function read(model: string, operation: string, args: object): Promise<readonly string[]> {
  await database.delegate(model)[operation]?.(args);
  return modelsRead(database.metadata, database.statements());
}

test.each<[what: string, model: string, operation: string, args: object]>([
  ['a filter by columns', 'Person', 'findMany', { where: { name: '', OR: [{ id: 1 }, { NOT: { id: 2 } }] } }],
  [
    'a lookup by a composite key',
    'Membership',
    'findUnique',
    { where: { member: { personId: 1, teamId: 1 } } },
  ],
  ['a relation in a filter', 'Person', 'findMany', { where: { posts: { some: { title: '' } } } }],
  ['a filter on one row, bare', 'Post', 'findMany', { where: { author: { name: '' } } }],
  [
    'a filter on one row, two deep',
    'Comment',
    'findMany',
    { where: { post: { is: { author: { isNot: { name: '' } } } } } },
  ],
  ['a filter on no row', 'Person', 'findMany', { where: { profile: null } }],
  ['a filter by a join table', 'Post', 'count', { where: { labels: { none: { text: 'k9' } } } }],
  [
    'an include, filtered by a third model',
    'Person',
    'findMany',
    { include: { posts: { where: { comments: { some: {} } } } } },
  ],
  [
    'a selection through a join table',
    'Post',
    'findMany',
    { select: { id: true, labels: { select: { text: true } } } },
  ],
  ['an inclusion that is off', 'Post', 'findMany', { include: { labels: false } }],
  ['a count of all that is related', 'Post', 'findMany', { select: { _count: true } }],
  ['a count of some', 'Person', 'findMany', { include: { _count: { select: { groups: true } } } }],
  [
    'a count under a condition',
    'Person',
    'findMany',
    { select: { _count: { select: { posts: { where: { labels: { some: {} } } } } } } },
  ],
  ['an order by a column of another model', 'Post', 'findMany', { orderBy: { author: { name: 'asc' } } }],
  [
    'an order by a count',
    'Person',
    'findMany',
    { orderBy: [{ name: 'asc' }, { groups: { _count: 'desc' } }] },
  ],
  [
    'a page behind a cursor',
    'Post',
    'findMany',
    { cursor: { id: 1 }, skip: 1, take: 2, orderBy: { id: 'asc' } },
  ],
  [
    'an aggregate',
    'Person',
    'aggregate',
    { _count: true, _max: { id: true }, where: { posts: { some: {} } } },
  ],
  [
    'groups',
    'Person',
    'groupBy',
    {
      by: ['name'],
      _count: { _all: true },
      having: { id: { _avg: { gt: 1 } } },
      orderBy: { _count: { name: 'asc' } },
    },
  ],
  ['a count of columns', 'Person', 'count', { select: { _all: true, mentorId: true } }],
  ['a row of the same table', 'Person', 'findMany', { include: { mentor: true, friends: true } }],
])('%s depends on exactly the models that Prisma asks for', async (_what, model, operation, args) => {
  expect(readDependencies(database.metadata, model, args)).toEqual(await read(model, operation, args));
});

test('no random read asks for a model that is not among its dependencies, exact or coarse', async () => {
  const seed = Number(process.env['READ_DEPENDENCIES_SEED'] ?? 20_260_203);
  const count = Number(process.env['READ_DEPENDENCIES_COUNT'] ?? 400);
  const random = new RandomReads(database.metadata, Xoshiro128.fromSeed(seed));
  const coarse = coarseMetadata(database.client);
  let exact = 0;
  for (let index = 0; index < count; index++) {
    const { model, args } = random.next();
    const dependencies = readDependencies(database.metadata, model, args);
    const supposed = readDependencies(coarse, model, args);
    const asked = await read(model, 'findMany', args);
    const where = `Seed ${seed}, read ${index} of ${model}: ${JSON.stringify(args)}`;
    expect({ where, missing: asked.filter((name) => !dependencies.includes(name)) }).toEqual({
      where,
      missing: [],
    });
    expect(supposed).toEqual(expect.arrayContaining([...dependencies]));
    if (asked.length === dependencies.length) exact++;
  }
  // The rest are relations that Prisma did not follow, since there were no rows to start from.
  expect(exact).toBeGreaterThan(count * 0.8);
}, 300_000);
