import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Xoshiro128 } from '../../../scripts/support/random.js';
import { RowMaker } from '../../support/generated-repositories/row-maker.js';
import { schemaOf } from '../../support/generated-repositories/schemas.js';
import { smokeTest } from '../../support/generated-repositories/smoke/smoke-test.js';
import { viewSmokeTest } from '../../support/generated-repositories/smoke/view-smoke-test.js';
import { type GeneratedWorld, openGeneratedWorld } from '../../support/generated-repositories/world.js';

/* Composite keys, relations of every kind, several PostgreSQL schemas, and every annotation. */

const SEED = 20_261_121;
const schema = schemaOf('shop');

let world: GeneratedWorld;
let maker: RowMaker;

beforeAll(async () => {
  world = await openGeneratedWorld(schema.text, { after: schema.viewsSql });
  maker = new RowMaker(world, Xoshiro128.fromSeed(SEED));
  await maker.fill(4);
}, 120_000);
afterAll(() => world?.close());

test('there is a repository of every model and view', () => {
  expect(Object.keys(world.metadata.models).sort()).toEqual([...schema.models, ...schema.views].sort());
  expect(Object.keys(world.generated.index.repositories)).toHaveLength(23);
});

test.each(schema.models)(
  'the repository of %s does what Prisma does, and shows what was written at once',
  async (model) => {
    await smokeTest(world, maker, model, { thorough: true });
  },
);

test.each(schema.views)(
  'the repository of the view %s reads what Prisma reads, and cannot write',
  async (view) => {
    await viewSmokeTest(world, maker, view);
  },
);
