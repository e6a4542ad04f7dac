import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Xoshiro128 } from '../../../scripts/support/random.js';
import { loadConfig, silentLogger } from '../../../src/config/index.js';
import {
  BatchLoader,
  ConnectionPool,
  createPrismaClient,
  type ModelMetadata,
} from '../../../src/database/index.js';
import type { TextQueries } from '../../../src/database/loading/batch-loader.js';
import { type Row, RowMaker } from '../../support/generated-repositories/row-maker.js';
import { rowValues } from '../../support/generated-repositories/row-values.js';
import { schemaOf } from '../../support/generated-repositories/schemas.js';
import { expectSame } from '../../support/generated-repositories/smoke/subject.js';
import {
  type AnyClientDelegate,
  type GeneratedWorld,
  openGeneratedWorld,
} from '../../support/generated-repositories/world.js';
import { EXTREME_VALUES } from '../../support/loading/extreme-values.js';
import {
  columnsOf,
  expectAsPrisma,
  keysOf,
  type ReadBy,
  tableOf,
} from '../../support/loading/loaded-beside-prisma.js';

/* What the batch loader reads of every type and by every key, beside what Prisma reads. */

const SEED = 20_261_121;
const RUNS = Number(process.env['LOADING_RUNS'] ?? 12);
const ROWS = 3;

/** Columns for texts as PostgreSQL writes them, which Prisma may not be able to write. */
const ANYTHING = `
model Anything {
  id          Int        @id
  text        String?
  timestamp   DateTime?  @db.Timestamp(6)
  timestamptz DateTime?  @db.Timestamptz(6)
  date        DateTime?  @db.Date
  time        DateTime?  @db.Time(6)
  timetz      DateTime?  @db.Timetz(6)
  numeric     Decimal?   @db.Decimal
  real        Float?     @db.Real
  double      Float?
  bigint      BigInt?
  json        Json?      @db.Json
  jsonb       Json?
  bytes       Bytes?
  texts       String[]
  numerics    Decimal[]  @db.Decimal
  moments     DateTime[] @db.Timestamptz(6)
  jsons       Json[]
}

model Moneyed {
  id    Int     @id
  price Decimal @db.Money
}

model Renamed {
  key    Int    @id @map("the key's")
  value  String @map("a column, with % and 🦊")
  second Int    @map("key")

  @@map("re. named")
}
`;

const types = schemaOf('types');
// A column of Money leaves the whole model to Prisma. One model has it as its key.
const schema = types.text.replaceAll(/^\s+money\s.*\n/gm, '') + ANYTHING;
const MODELS = [...types.models, 'Anything', 'Moneyed', 'Renamed'];

/** The keys that only Prisma reads by: of an enum or of Money, and of several where one has no plain text. */
const LEFT_TO_PRISMA = [
  'Bare.left,right,day',
  'ByDecimalAndBoolean.amount,flag',
  'ByEnum.id',
  'ByMoney.id',
  'Keyless.mood,number',
  'Moneyed.id',
  'UniqueBy.citext,decimal',
  'UniqueBy.mood',
  'UniqueBy.mood,date',
  'UniqueBy.uuid,precise,bytes',
];

let world: GeneratedWorld;
let maker: RowMaker;

const modelOf = (name: string): ModelMetadata => {
  const model = world.metadata.models[name];
  if (model === undefined) throw new Error(`There is no model ${name}.`);
  return model;
};
const loaderBy = (
  model: string,
  key: readonly string[],
  pool: TextQueries = world.here.factory.pool,
): BatchLoader | null => BatchLoader.of(pool, world.metadata, model, key);
/** The loader by the primary key. */
const loaderOf = (model: string, pool?: TextQueries): BatchLoader =>
  loaderBy(model, modelOf(model).id, pool) as BatchLoader;
const findMany = (delegate: AnyClientDelegate, args: object = {}): Promise<Row[]> =>
  delegate['findMany']?.(args) as Promise<Row[]>;
const byIds = (model: string, ids: readonly unknown[]) => () =>
  findMany(world.prisma(model), { where: { id: { in: ids } } });

/** For each field of a key, its text in every row that has no null in it. */
async function textsOf(model: ModelMetadata, key: readonly string[]): Promise<readonly string[][]> {
  const columns = columnsOf(model, key);
  const rows = await world.sql(
    `SELECT ${columns.map((column, index) => `${column}::text AS k${index}`).join(', ')} FROM ${tableOf(model)} ` +
      `WHERE ${columns.map((column) => `${column} IS NOT NULL`).join(' AND ')}`,
  );
  return columns.map((_, index) => rows.map((row) => row[`k${index}`] as string));
}

beforeAll(async () => {
  world = await openGeneratedWorld(schema, { before: 'CREATE EXTENSION citext', after: types.viewsSql });
  maker = new RowMaker(world, Xoshiro128.fromSeed(SEED), { Uncreatable: { point: "'(1,2)'" } });
  await maker.fill(ROWS, { except: ['ByBoolean', 'ByEnum', 'Anything'] });
  await world.sql(`INSERT INTO "ByBoolean" VALUES (true, 'yes'), (false, 'no')`);
  await world.sql(`INSERT INTO "ByEnum" VALUES ('plain', 'plain'), ('😀 happy', 'happy')`);
}, 120_000);
afterAll(() => world?.close());

test.each([...MODELS, 'PlainView'].filter((name) => name !== 'Anything'))(
  'rows of %s are loaded by each of its keys as Prisma gives them',
  async (name) => {
    const model = modelOf(name);
    const left: string[] = [];
    for (const key of keysOf(model)) {
      const texts = await textsOf(model, key);
      const notNull = key.map((field) => ({ [field]: { not: null } }));
      const isNullable = key.some((field) => {
        const found = model.fields[field];
        return found?.kind === 'scalar' && found.nullable;
      });
      const where = isNullable ? { AND: notNull } : {};
      const loader = loaderBy(name, key);
      const readBy =
        loader === null
          ? 'Prisma alone'
          : await expectAsPrisma(model, loader, texts, () => findMany(world.prisma(name), { where }));
      if (readBy !== 'loader') left.push(`${name}.${key.join()}`);
    }
    expect(left.sort()).toEqual(LEFT_TO_PRISMA.filter((each) => each.startsWith(`${name}.`)));
  },
);

test.each([...EXTREME_VALUES])(
  'extreme values of $model $field are loaded as Prisma gives them, or left to it',
  async ({ model: name, field, values }) => {
    const model = modelOf(name);
    const row = (await maker.store(name)) as Row;
    const loader = loaderOf(name);
    const left: string[] = [];
    const [column] = columnsOf(model, [field]);
    for (const value of values) {
      await world.sql(`UPDATE ${tableOf(model)} SET ${column} = ${value} WHERE id = $1`, [row['id']]);
      const readBy = await expectAsPrisma(model, loader, [[String(row['id'])]], byIds(name, [row['id']]));
      if (readBy !== 'loader') left.push(value);
    }
    // All else the loader itself has to read.
    const isUnusual = (value: string): boolean =>
      /infinity| BC'|'5874897|'0001-01-01 00:00:00\+05:30|[+-]\d\d:\d\d:\d\d'/.test(value) ||
      /^ARRAY\[(?:NULL|ARRAY)|^array_append/.test(value);
    expect(left.filter((value) => !isUnusual(value))).toEqual([]);
  },
);

test('a value that the schema does not know of an enum is left to Prisma, which refuses it', async () => {
  await world.sql(`ALTER TYPE "mood-type" ADD VALUE 'later'`);
  const plain = (await maker.store('Plain')) as Row;
  const list = (await maker.store('PlainList')) as Row;
  for (const [name, row, value] of [
    ['Plain', plain, "'later'"],
    ['PlainList', list, `ARRAY['plain', 'later']::"mood-type"[]`],
  ] as const) {
    const loader = loaderOf(name);
    const id = String(row['id']);
    expect(await loader.load(() => [[id]])).toHaveLength(1);
    await world.sql(`UPDATE "${name}" SET mood = ${value} WHERE id = $1`, [row['id']]);
    expect(await loader.load(() => [[id]])).toBeNull();
    await expect(byIds(name, [row['id']])()).rejects.toMatchObject({ code: 'P2023' });
    await world.sql(`DELETE FROM "${name}" WHERE id = $1`, [row['id']]);
    // One row that only Prisma can say does not make it give up for good.
    expect(await loader.load(() => [[id]])).toEqual([]);
  }
});

test('Bytes of a row that several read at once, past the cache and through it, are the own ones of each', async () => {
  const { id } = (await maker.store('Anything', { bytes: Buffer.from('as stored') })) as Row;
  const repository = world.here.repository('Anything');
  const reads = [{ cache: false }, { cache: false }, {}].map(async (options) => {
    const row = (await repository.findById(id, undefined, options)) as Row;
    return row['bytes'] as Uint8Array;
  });
  for (const bytes of await Promise.all(reads)) {
    expect(Buffer.from(bytes).toString()).toBe('as stored');
    bytes.fill(0);
  }
  // What was kept of it is nobody's.
  const [again] = (await repository.findByIds([id])) as [Row];
  expect(Buffer.from(again['bytes'] as Uint8Array).toString()).toBe('as stored');
});

test('a repository of a model that has a column of Money reads by Prisma, with one statement a turn', async () => {
  const { pool } = world.here.factory;
  const repository = world.here.repository('Moneyed');
  await world.sql(
    `INSERT INTO "Moneyed" SELECT id, (id * 1.25)::numeric::money FROM generate_series(100, 149) id`,
  );
  const expected = await findMany(world.prisma('Moneyed'), {
    where: { id: { gte: 100 } },
    orderBy: { id: 'asc' },
  });
  const ids = expected.map(({ id }) => id);
  const texts: string[] = [];
  const stop = pool.onStatement(({ text }) => texts.push(text));
  for (let time = 1; time <= 3; time += 1) {
    expectSame(
      await Promise.all(ids.map((id) => repository.findById(id, undefined, { cache: false }))),
      expected,
    );
  }
  stop();
  // The first time the loader has to see the type.
  expect(texts.filter((text) => text.includes('ANY ('))).toHaveLength(1);
  expect(texts.filter((text) => text.includes(' IN ('))).toHaveLength(3);
  expect(texts).toHaveLength(4);
});

describe(`whatever the columns hold (seed ${SEED})`, () => {
  test.each([
    'Plain',
    'PlainOptional',
    'PlainList',
    'Native',
    'NativeOptional',
    'NativeList',
    'Moment',
    'MomentOptional',
    'MomentList',
    'Defaulted',
  ])('of %s, it is loaded as Prisma gives it', async (name) => {
    const model = modelOf(name);
    const loader = loaderOf(name);
    const rows = fc.array(rowValues(world, name), { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(rows, async (data) => {
      const created = (await world.prisma(name)['createManyAndReturn']?.({ data })) as Row[];
      const ids = created.map((row) => row['id']);
      expect(await expectAsPrisma(model, loader, [ids.map(String)], byIds(name, ids))).toBe('loader');
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  });

  test('as texts that PostgreSQL itself writes, it is loaded as Prisma gives it', async () => {
    const model = modelOf('Anything');
    const loader = loaderOf('Anything');
    const columns = Object.keys(ANYTHING_VALUES) as (keyof typeof ANYTHING_VALUES)[];
    const values = Object.fromEntries(
      columns.map((column) => [column, fc.option(ANYTHING_VALUES[column].texts, { freq: 5 })]),
    );
    let next = 1;
    let loadedRows = 0;
    const property = fc.asyncProperty(
      fc.array(fc.record(values), { minLength: 4, maxLength: 12 }),
      async (rows) => {
        const ids = rows.map(() => next++);
        const parameters: unknown[] = [];
        const bound = (value: unknown): string => `$${parameters.push(value)}`;
        const tuples = rows.map((row, index) => {
          const texts = columns.map(
            (column) => `${bound(row[column])}::text::${ANYTHING_VALUES[column].type}`,
          );
          return `(${[ids[index], ...texts].join(', ')})`;
        });
        await world.sql(
          `INSERT INTO "Anything" (id, ${columns.map((column) => `"${column}"`).join(', ')}) VALUES ${tuples.join(', ')}`,
          parameters,
        );
        const readBy = await expectAsPrisma(model, loader, [ids.map(String)], byIds('Anything', ids));
        if (readBy === 'loader') loadedRows += ids.length;
        else {
          // Some of them is unusual; the others are not.
          for (const id of ids) {
            if ((await expectAsPrisma(model, loader, [[String(id)]], byIds('Anything', [id]))) === 'loader')
              loadedRows += 1;
          }
        }
      },
    );
    await fc.assert(property, { numRuns: 3 * RUNS, seed: SEED });
    expect(loadedRows).toBeGreaterThan(0.5 * (next - 1));
  });
});

const number = (min: number, max: number, digits = 2): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map((value) => String(value).padStart(digits, '0'));
const days = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: number(1, 9_999, 4) },
      { weight: 1, arbitrary: number(10_000, 290_000) },
    ),
    number(1, 12),
    number(1, 28),
  )
  .map((parts) => parts.join('-'));
const clocks = fc
  .tuple(
    number(0, 23),
    number(0, 59),
    number(0, 59),
    fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,6}$/)),
  )
  .map(([hours, minutes, seconds, fraction]) => `${hours}:${minutes}:${seconds}${fraction}`);
const offsets = fc
  .tuple(fc.constantFrom('+', '-'), number(0, 15), fc.constantFrom('', ':30', ':59'))
  .map((parts) => parts.join(''));
const moments = fc.oneof(
  { weight: 30, arbitrary: fc.tuple(days, clocks).map((parts) => parts.join(' ')) },
  { weight: 1, arbitrary: fc.constantFrom('infinity', '-infinity', '0001-01-01 00:00:00.000001 BC') },
);
const anyText = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({
      unit: fc.constantFrom('"', '\\', '{', '}', ',', ' ', 'NULL', "'", '\n', 'a', '🦊', '[1:2]='),
      maxLength: 8,
    }),
  )
  .map((text) => text.replaceAll('\0', '0'));
const numerics = fc.oneof(
  fc.constantFrom('NaN', '-0', '0.0', '1e131000'),
  fc
    .tuple(fc.bigInt(-(10n ** 40n), 10n ** 40n), fc.integer({ min: -60, max: 60 }))
    .map((parts) => parts.join('e')),
  fc.tuple(fc.integer(), fc.stringMatching(/^\d{1,30}$/)).map((parts) => parts.join('.')),
);
const jsonValues = fc.oneof(
  fc.jsonValue({ stringUnit: 'grapheme' }),
  fc.dictionary(fc.oneof(anyText, fc.constantFrom('__proto__', 'constructor', '$type', 'value')), anyText, {
    maxKeys: 3,
  }),
);
const jsonTexts = jsonValues
  .map((value) => JSON.stringify(value))
  .filter((text) => !text.includes('\\u0000'));
const literal = (elements: readonly string[]): string =>
  `{${elements.map((element) => `"${element.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;

/** What PostgreSQL can read for each column, besides null. */
const ANYTHING_VALUES = {
  text: { type: 'text', texts: anyText },
  timestamp: { type: 'timestamp', texts: moments },
  timestamptz: {
    type: 'timestamptz',
    texts: fc
      .tuple(moments, offsets)
      .map(([moment, offset]) => (/infinity|BC/.test(moment) ? moment : moment + offset)),
  },
  date: { type: 'date', texts: days },
  time: { type: 'time', texts: clocks },
  timetz: { type: 'timetz', texts: fc.tuple(clocks, offsets).map((parts) => parts.join('')) },
  numeric: { type: 'numeric', texts: numerics },
  real: { type: 'real', texts: fc.float().map((value) => (Object.is(value, -0) ? '-0' : String(value))) },
  double: {
    type: 'float8',
    texts: fc.double().map((value) => (Object.is(value, -0) ? '-0' : String(value))),
  },
  bigint: { type: 'int8', texts: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String) },
  json: { type: 'json', texts: jsonTexts },
  jsonb: { type: 'jsonb', texts: jsonTexts },
  bytes: {
    type: 'bytea',
    texts: fc.uint8Array({ maxLength: 40 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`),
  },
  texts: { type: 'text[]', texts: fc.array(anyText, { maxLength: 5 }).map(literal) },
  numerics: { type: 'numeric[]', texts: fc.array(numerics, { maxLength: 4 }).map(literal) },
  moments: { type: 'timestamptz[]', texts: fc.array(moments, { maxLength: 4 }).map(literal) },
  jsons: { type: 'jsonb[]', texts: fc.array(jsonTexts, { maxLength: 4 }).map(literal) },
} as const satisfies Readonly<
  Record<string, { readonly type: string; readonly texts: fc.Arbitrary<string> }>
>;

describe.each([
  ['time zone Asia/Kolkata', '-c TimeZone=Asia/Kolkata', true],
  ['time zone America/St_Johns', '-c TimeZone=America/St_Johns', true],
  ['another search path', '-c search_path=pg_catalog', true],
  ['few digits of floats', '-c extra_float_digits=-5', true],
  ['dates as Germans write them', '-c DateStyle=German', false],
  ['dates as SQL has them', '-c DateStyle=SQL,DMY', false],
  ['bytes with escapes', '-c bytea_output=escape', false],
] as const)('in a session of %s', (_, options, isLoaded) => {
  let pool: ConnectionPool;
  let delegate: (model: string) => AnyClientDelegate;

  beforeAll(() => {
    const url = new URL(world.here.factory.pool.pgPool.options.connectionString ?? '');
    url.searchParams.set('options', options);
    pool = new ConnectionPool(
      loadConfig({ NODE_ENV: 'test', DATABASE_URL: url.href, DB_POOL_MAX: '2' }),
      silentLogger,
    );
    const prisma = createPrismaClient(world.generated.client.PrismaClient, pool);
    delegate = (model) =>
      Reflect.get(prisma, model.charAt(0).toLowerCase() + model.slice(1)) as AnyClientDelegate;
  });
  afterAll(() => pool.close());

  test.each(['Moment', 'MomentList', 'Native', 'NativeList', 'Defaulted'])(
    'rows of %s are loaded as Prisma reads them there',
    async (name) => {
      const model = modelOf(name);
      const loader = loaderOf(name, pool);
      const compare = (row: Row): Promise<ReadBy> =>
        expectAsPrisma(model, loader, [[String(row['id'])]], () =>
          findMany(delegate(name), { where: { id: row['id'] } }),
        );
      for (const row of maker.rows(name)) await compare(row);
      // Far from years that this zone had an odd time in, or whose beginning is before Christ there.
      const ordinary = await maker.store(name, momentsOf(model, new Date('2024-02-29T22:34:56.789Z')));
      const readBy = await compare(ordinary as Row);
      if (isLoaded) expect(readBy).toBe('loader');
    },
  );
});

/** One point in time for each column that has one. */
function momentsOf({ fields }: ModelMetadata, moment: Date): Row {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => {
      if (field.kind !== 'scalar' || field.type !== 'DateTime') return [];
      return [[name, field.list ? [moment, moment] : moment]];
    }),
  );
}
