import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Xoshiro128 } from '../../../scripts/support/random.js';
import { type Row, RowMaker } from '../../support/generated-repositories/row-maker.js';
import { rowValues } from '../../support/generated-repositories/row-values.js';
import { schemaOf } from '../../support/generated-repositories/schemas.js';
import { smokeTest } from '../../support/generated-repositories/smoke/smoke-test.js';
import { expectSame } from '../../support/generated-repositories/smoke/subject.js';
import { viewSmokeTest } from '../../support/generated-repositories/smoke/view-smoke-test.js';
import {
  type GeneratedWorld,
  openGeneratedWorld,
  untilCached,
} from '../../support/generated-repositories/world.js';

/* Every scalar type and every native type of PostgreSQL: as columns of all kinds, and as keys. */

const SEED = 20_261_122;
/** `FIDELITY_RUNS=1000 npx jest test/integration/generated-repositories/types.test.ts` takes some minutes. */
const RUNS = Number(process.env['FIDELITY_RUNS'] ?? 12);
const TIMEOUT_MS = 30_000 + RUNS * 200;

const schema = schemaOf('types');
/** Those whose columns may hold anything. */
const COLUMNS = schema.models.filter((name) => /^(Plain|Native|Moment|Defaulted)/.test(name));

let world: GeneratedWorld;
let maker: RowMaker;

beforeAll(async () => {
  world = await openGeneratedWorld(schema.text, {
    before: 'CREATE EXTENSION citext',
    after: schema.viewsSql,
  });
  maker = new RowMaker(world, Xoshiro128.fromSeed(SEED), { Uncreatable: { point: "'(1,2)'" } });
  // There are no more than two rows by a Boolean, and four by the enum.
  await maker.fill(3, { except: ['ByBoolean', 'ByEnum'] });
}, 120_000);
afterAll(() => world?.close());

test('there is a repository of every model and view', () => {
  expect(Object.keys(world.metadata.models).sort()).toEqual([...schema.models, ...schema.views].sort());
  expect(COLUMNS).toHaveLength(10);
});

test.each(schema.models)(
  'the repository of %s does what Prisma does, and shows what was written at once',
  async (model) => {
    await smokeTest(world, maker, model, { thorough: COLUMNS.includes(model) });
  },
);

test.each(schema.views)(
  'the repository of the view %s reads what Prisma reads, and cannot write',
  async (view) => {
    await viewSmokeTest(world, maker, view);
  },
);

test.each(COLUMNS)(
  'whatever %s holds, it comes from the database, from Redis and from memory as Prisma gives it',
  async (model) => {
    const [here, elsewhere] = [world.here.repository(model), world.elsewhere.repository(model)];
    const rows = fc.array(rowValues(world, model), { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(rows, async (data) => {
      const created: Row[] = [];
      for (const each of data) created.push((await here.create(each)) as Row);
      const ids = created.map((row) => row['id']);
      const stored = await world
        .prisma(model)
        ['findMany']?.({ where: { id: { in: ids } }, orderBy: { id: 'asc' } });
      expectSame(created, stored);
      expectSame(await here.findByIds(ids), stored);
      // The first answer that sends no statement came out of Redis, the next out of memory.
      for (let time = 1; time <= 2; time += 1) {
        expectSame(await untilCached(world.elsewhere, () => elsewhere.findByIds(ids)), stored);
      }
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  },
  TIMEOUT_MS,
);

describe('a key that names no entry of the cache', () => {
  test('may be an empty text, by which a row is found, changed and deleted as by any other', async () => {
    const [here, elsewhere] = [world.here.repository('ByText'), world.elsewhere.repository('ByText')];
    await here.create({ id: '', label: 'first' });
    for (const service of [here, elsewhere]) {
      expect(await service.findById('')).toEqual({ id: '', label: 'first' });
      expect(await service.findByIds(['', 'none'])).toEqual([{ id: '', label: 'first' }, null]);
      expect(await service.findUnique({ where: { id: '' } })).toEqual({ id: '', label: 'first' });
    }
    await here.update('', { label: 'second' });
    expect(await elsewhere.findById('')).toEqual({ id: '', label: 'second' });
    expect(await elsewhere.invalidate('')).toBe(true);
    await here.delete('');
    expect(await elsewhere.findById('')).toBeNull();
    await expect(here.findById('\0')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('may be true and false, asked for in one turn', async () => {
    const here = world.here.repository('ByBoolean');
    await here.createMany({ data: [true, false].map((id) => ({ id, label: String(id) })) });
    expect(await Promise.all([here.findById(false), here.findById(true)])).toEqual([
      { id: false, label: 'false' },
      { id: true, label: 'true' },
    ]);
    expect(await here.findByIds([true, false])).toMatchObject([{ label: 'true' }, { label: 'false' }]);
    await here.deleteMany({});
  });
});
