import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Xoshiro128 } from '../../../scripts/support/random.js';
import type { RelationField } from '../../../src/database/index.js';
import { largeSchema } from '../../support/generated-repositories/large/large-schema.js';
import { type Row, RowMaker } from '../../support/generated-repositories/row-maker.js';
import { describeSchema } from '../../support/generated-repositories/schemas.js';
import { smokeTest } from '../../support/generated-repositories/smoke/smoke-test.js';
import {
  expectSame,
  idOf,
  isCacheableKey,
  subjectOf,
} from '../../support/generated-repositories/smoke/subject.js';
import {
  type GeneratedWorld,
  openGeneratedWorld,
  untilCached,
} from '../../support/generated-repositories/world.js';

/* Many models with relations of every kind among them, under names that are hard on generated code. */

const SEED = 20_261_123;
const schema = largeSchema(SEED);
const { models } = describeSchema(schema.text);

let world: GeneratedWorld;
let maker: RowMaker;

beforeAll(async () => {
  world = await openGeneratedWorld(schema.text);
  maker = new RowMaker(world, Xoshiro128.fromSeed(SEED));
  await maker.fill(3);
}, 120_000);
afterAll(() => world?.close());

test('there is a repository of each of more than 150 models, with several hundred relations', () => {
  expect(models.length).toBeGreaterThan(150);
  expect(schema.relations).toBeGreaterThan(300);
  expect(Object.keys(world.metadata.models).sort()).toEqual([...models].sort());
});

test.each(models)(
  'the repository of %s does what Prisma does, and shows what was written at once',
  async (model) => {
    await smokeTest(world, maker, model, { thorough: false });
  },
);

test('deleting the first row of a chain of thirty tables takes those that hang on it from every cache', async () => {
  const links: { readonly model: string; readonly row: Row }[] = [];
  for (const model of schema.chain) {
    const relation = world.metadata.models[model]?.fields['before'] as RelationField | undefined;
    const before = links.at(-1)?.row ?? {};
    const key =
      relation?.fields.map((field, index) => [field, before[relation.references[index] ?? '']]) ?? [];
    links.push({ model, row: (await maker.store(model, Object.fromEntries(key))) as Row });
  }
  const find = async ({ model, row }: (typeof links)[number]): Promise<unknown> => {
    const subject = await subjectOf(world, maker, model);
    const read = () => subject.elsewhere.findById(idOf(subject, row));
    return isCacheableKey(subject, subject.model.id, row) ? untilCached(world.elsewhere, read) : read();
  };
  for (const link of links) expectSame(await find(link), link.row);
  const [first] = links;
  if (first === undefined) throw new Error('The chain has no links.');
  await world.here
    .repository(first.model)
    .delete(idOf(await subjectOf(world, maker, first.model), first.row));
  for (const link of links) expect(await find(link)).toBeNull();
});
