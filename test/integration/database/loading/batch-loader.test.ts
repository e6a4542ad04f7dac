import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import fc from 'fast-check';
import { frozenDate } from '../../../../src/cache/index.js';
import { loadConfig, silentLogger } from '../../../../src/config/index.js';
import { BatchLoader, ConnectionPool, type ModelMetadata } from '../../../../src/database/index.js';
import { BaseRepository, defineRepositoryFactory, type RepositoryContext } from '../../../../src/index.js';
import { EntityKey } from '../../../../src/repositories/access/entity-key.js';
import { RowLoader } from '../../../../src/repositories/access/row-loader.js';
import type { AnyClientDelegate } from '../../../support/generated-repositories/world.js';
import { expectAsPrisma } from '../../../support/loading/loaded-beside-prisma.js';
import type { AnyDelegate } from '../../../support/prisma/feature-repositories.js';
import { openSchemaDatabase, type SchemaDatabase } from '../../../support/prisma/schema-database.js';

const SEED = 20_261_121;
const LONG = 'a_name_of_more_bytes_than_the_sixty_three_that_a_name_may_have_in_postgres';
const MODELS = `

model ByText {
  id    String @id
  label String
}

model ByUuid {
  id    String @id @db.Uuid
  label String
}

model ByInt {
  id    Int    @id
  label String
}

model BySmallInt {
  id    Int    @id @db.SmallInt
  label String
}

model ByBigInt {
  id    BigInt @id
  label String
}

model ByMany {
  text  String
  short String @db.VarChar(30)
  small Int    @db.SmallInt
  int   Int
  oid   Int    @db.Oid
  big   BigInt
  uuid  String @db.Uuid
  label String

  @@id([text, short, small, int, oid, big, uuid])
  @@map("by many")
}

// Names that every object of JavaScript has.
model Named {
  id             Int     @id
  toString       String?
  hasOwnProperty String?
  valueOf        BigInt?
}

model Classy {
  id          Int     @id
  constructor String?
  number      BigInt
}

model Long {
  id    Int    @id
  value String

  @@map("${LONG}")
}

model Altered {
  id     Int     @id
  number Int
  label  String
  extra  String?
}

model Dated {
  id   Int      @id
  at   DateTime
  day  DateTime @db.Date
  flag Boolean?
}

model Dates {
  id   Int        @id
  all  DateTime[]
  at   DateTime
}

model Pair {
  left  Int
  right Int
  label String

  @@id([left, right])
}

model Absent {
  id Int @id
}
`;
/** All of them in one schema, and another in a schema of its own, with a table of the same name as one of them. */
const SCHEMA = `
datasource db {
  provider = "postgresql"
  schemas  = ["public", "another one"]
}

${MODELS.replaceAll(/(model \w+ \{[^}]*)\}/g, '$1\n  @@schema("public")\n}')}

enum Mood {
  good @map("so good")
  bad

  @@schema("another one")
}

model Elsewhere {
  id   Int    @id
  mood Mood
  all  Mood[]

  @@map("ByInt")
  @@schema("another one")
}
`;

let database: SchemaDatabase;
let pool: ConnectionPool;
let prisma: { $disconnect(): Promise<void> };

const modelOf = (name: string): ModelMetadata => database.metadata.models[name] as ModelMetadata;
const delegateOf = (name: string): AnyClientDelegate =>
  Reflect.get(prisma, name.charAt(0).toLowerCase() + name.slice(1)) as AnyClientDelegate;
const findMany = (name: string, where: object): Promise<object[]> =>
  delegateOf(name)['findMany']?.({ where }) as Promise<object[]>;
const loaderOf = (name: string, on = pool): BatchLoader =>
  BatchLoader.of(on, database.metadata, name, modelOf(name).id) as BatchLoader;
const openPool = (settings: Readonly<Record<string, string>> = {}): ConnectionPool =>
  new ConnectionPool(
    loadConfig({ NODE_ENV: 'test', DATABASE_URL: database.url, DB_POOL_MAX: '1', ...settings }),
    silentLogger,
  );

/** Loads by the primary key, and fails where Prisma would have to be asked. */
function rowsBy(name: string): { readonly key: EntityKey; readonly rows: RowLoader } {
  const key = new EntityKey(modelOf(name), modelOf(name).id);
  const loader = loaderOf(name);
  const rows = new RowLoader(
    key,
    (keys) => loader.load(keys),
    () => Promise.reject(new Error('Prisma was asked.')),
  );
  return { key, rows };
}

beforeAll(async () => {
  database = await openSchemaDatabase(SCHEMA);
  prisma = new database.PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 2 }) });
  await database.sql('DROP TABLE "Absent"');
}, 60_000);
beforeEach(() => {
  // One connection, so that what was prepared meets what was altered.
  pool = openPool();
});
afterEach(() => pool.close());
afterAll(async () => {
  await prisma?.$disconnect();
  await database?.close();
});

describe('rows are loaded by keys', () => {
  test('that are texts with all that means something in an array', async () => {
    const ids = [
      '',
      ' ',
      'NULL',
      'null',
      '"',
      '\\',
      '\\"',
      '{',
      '}',
      '{a,b}',
      ',',
      "'",
      '$1',
      '%',
      'a\nb\r\t',
      '漢字🦊',
      'x'.repeat(3_000),
    ];
    await database.sql('INSERT INTO "ByText" SELECT id, \'of \' || left(id, 20) FROM unnest($1::text[]) id', [
      ids,
    ]);
    const loader = loaderOf('ByText');
    for (const id of ids) {
      expect(await expectAsPrisma(modelOf('ByText'), loader, [[id]], () => findMany('ByText', { id }))).toBe(
        'loader',
      );
    }
    expect(await loader.load(() => [ids])).toHaveLength(ids.length);
    const { rows } = rowsBy('ByText');
    const wanted = ids.filter((id) => id !== '').reverse();
    expect((await rows.loadAll(wanted)).map((row) => row && Reflect.get(row, 'id'))).toEqual(wanted);
  });

  test(`that are any texts (seed ${SEED})`, async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', ',', ' ', 'NULL', "'", '\n'), maxLength: 6 }),
    );
    const keys = fc.uniqueArray(
      texts.filter((text) => !text.includes('\0')),
      { minLength: 1, maxLength: 12 },
    );
    const loader = loaderOf('ByText');
    const property = fc.asyncProperty(keys, async (ids) => {
      await database.sql(
        'INSERT INTO "ByText" SELECT id, id FROM unnest($1::text[]) id ON CONFLICT DO NOTHING',
        [ids],
      );
      const found = await expectAsPrisma(modelOf('ByText'), loader, [ids], () =>
        findMany('ByText', { id: { in: ids } }),
      );
      expect(found).toBe('loader');
    });
    await fc.assert(property, { numRuns: 40, seed: SEED });
  });

  test('in the order of the keys, each as often as it was asked for, and null for those that are not there', async () => {
    await database.sql(
      `INSERT INTO "ByInt" VALUES (-2147483648, 'least'), (-1, 'minus'), (0, 'zero'), (2147483647, 'most')`,
    );
    const { rows } = rowsBy('ByInt');
    const ids = ['2147483647', '5', '-1', '0', '-1', '-2147483648', '5', '0'];
    const expected = ['most', null, 'minus', 'zero', 'minus', 'least', null, 'zero'];
    const labels = (found: readonly (object | null)[]) =>
      found.map((row) => row && Reflect.get(row, 'label'));
    expect(labels(await rows.loadAll(ids))).toEqual(expected);
    expect(labels(await Promise.all(ids.map((id) => rows.load(id))))).toEqual(expected);
    expect(await rows.loadAll([])).toEqual([]);
  });

  test('that are more than one statement takes', async () => {
    const { rows } = rowsBy('ByInt');
    const ids = Array.from({ length: 10_001 }, (_, n) => String(n + 1_000));
    const { queryCount } = pool.getPoolStatistics();
    expect(new Set(await rows.loadAll([...ids, ...ids]))).toEqual(new Set([null]));
    expect(pool.getPoolStatistics().queryCount).toBe(queryCount + 2);
  });

  test('frozen, where a maker of frozen dates is given and nothing else in them can be changed', async () => {
    await pool.query(`INSERT INTO "Dated" VALUES (1, '2026-01-02 03:04:05.678', '2026-01-02', NULL)`);
    await pool.query(
      `INSERT INTO "Dates" VALUES (1, '{2026-01-02 03:04:05.678}', '2026-01-02 03:04:05.678')`,
    );
    const frozenOf = (name: string) =>
      BatchLoader.of(pool, database.metadata, name, ['id'], frozenDate) as BatchLoader;
    const load = async (loader: BatchLoader) =>
      ((await loader.load(() => [['1']])) ?? []) as Record<string, Date>[];

    const [dated] = await load(frozenOf('Dated'));
    expect(Object.isFrozen(dated)).toBe(true);
    expect(() => dated?.['at']?.setTime(0)).toThrow(TypeError);
    expect(() => dated?.['day']?.setTime(0)).toThrow(TypeError);
    expect([dated]).toEqual(await findMany('Dated', { id: 1 }));
    // A list can be changed, so whoever shares the row has to freeze it.
    const [dates] = await load(frozenOf('Dates'));
    expect(Object.isFrozen(dates)).toBe(false);
    expect([dates]).toEqual(await findMany('Dates', { id: 1 }));

    const [own] = await load(loaderOf('Dated'));
    expect(Object.isFrozen(own)).toBe(false);
    expect(own?.['at']?.setTime(0)).toBe(0);
  });

  test('that no number of JavaScript can hold', async () => {
    const ids = [-(2n ** 63n), -(2n ** 53n) - 1n, -1n, 0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n];
    await database.sql('INSERT INTO "ByBigInt" SELECT id, id::text FROM unnest($1::int8[]) id', [
      ids.map(String),
    ]);
    const { rows } = rowsBy('ByBigInt');
    expect(await rows.loadAll(ids.map(String))).toEqual(ids.map((id) => ({ id, label: String(id) })));
  });

  test('of many columns, with commas and percent signs in their texts', async () => {
    const { key, rows } = rowsBy('ByMany');
    const base = {
      text: 'a',
      short: 'b',
      small: -32_768,
      int: -1,
      oid: 4_000_000_000,
      big: -(2n ** 63n),
      uuid: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    };
    const ids = [
      base,
      { ...base, text: 'a,b' },
      { ...base, text: 'a', short: 'b,' },
      { ...base, text: '%2C', short: ',' },
      { ...base, text: 'a%', short: '"\\{}NULL' },
      { ...base, small: 32_767, int: 2_147_483_647, oid: 0, big: 2n ** 63n - 1n },
      { ...base, uuid: '00000000-0000-0000-0000-000000000000' },
    ];
    for (const id of ids) {
      await database.sql('INSERT INTO "by many" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [
        ...Object.values(id),
        key.canonical(id),
      ]);
    }
    const expected = ids.map((id) => ({ ...id, label: key.canonical(id) }));
    // Parts of two keys do not make a third one.
    const strangers = [
      { ...base, text: 'a,b', short: 'b,' },
      { ...base, small: 32_767 },
    ];
    const found = await rows.loadAll([...ids, ...strangers, base].map((id) => key.canonical(id)));
    expect(found).toEqual([...expected, null, null, expected[0]]);
    const upper = key.canonical({ ...base, uuid: base.uuid.toUpperCase() });
    expect(await rows.load(upper)).toEqual(expected[0]);
    expect(await findMany('ByMany', {})).toEqual(expect.arrayContaining(expected));
  });

  test('that are uuids in any case', async () => {
    const id = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
    await database.sql(`INSERT INTO "ByUuid" VALUES ($1, 'it')`, [id]);
    expect(await loaderOf('ByUuid').load(() => [[id.toUpperCase(), `{${id}}`]])).toEqual([
      { id, label: 'it' },
    ]);
    const { key, rows } = rowsBy('ByUuid');
    expect(await rows.load(key.canonical(id.toUpperCase()))).toEqual({ id, label: 'it' });
  });
});

describe('a key that the column cannot hold', () => {
  test.each([
    ['ByInt', 2 ** 31],
    ['ByInt', -(2 ** 31) - 1],
    ['BySmallInt', 40_000],
    ['ByBigInt', 2n ** 63n],
  ])('is left to Prisma by the loader of %s: %s', async (name, id) => {
    const loader = loaderOf(name);
    expect(await loader.load(() => [['1', String(id)]])).toBeNull();
    await expect(findMany(name, { id })).rejects.toMatchObject({ code: 'P2020' });
    // It goes on with others.
    expect(await loader.load(() => [['17']])).toEqual([]);
  });

  describe('in a repository', () => {
    const repositoryOf = (model: string) =>
      class extends BaseRepository<AnyDelegate, unknown> {
        constructor(context: RepositoryContext) {
          super(context, { model });
        }
      };
    const open = () => {
      const Factory = defineRepositoryFactory(
        {
          byInt: repositoryOf('ByInt'),
          bySmallInt: repositoryOf('BySmallInt'),
          byBigInt: repositoryOf('ByBigInt'),
        },
        { PrismaClient: database.PrismaClient, metadata: database.metadata },
      );
      return new Factory({
        config: loadConfig({ NODE_ENV: 'test', DATABASE_URL: database.url, DB_POOL_MAX: '2' }),
        logger: silentLogger,
      });
    };
    let factory: ReturnType<typeof open>;

    beforeAll(async () => {
      await database.sql(
        `INSERT INTO "ByInt" VALUES (1, 'one'); INSERT INTO "BySmallInt" VALUES (1, 'one'); INSERT INTO "ByBigInt" VALUES (1, 'one')`,
      );
      factory = open();
      await factory.initialize();
    });
    afterAll(() => factory?.shutdown());

    test.each([
      ['ByInt', () => factory.getByIntRepository(), 1, 2 ** 31],
      ['BySmallInt', () => factory.getBySmallIntRepository(), 1, 40_000],
      ['ByBigInt', () => factory.getByBigIntRepository(), 1n, 2n ** 63n],
    ] as const)(
      'of %s is refused, and does no harm to who reads in the same turn',
      async (_, repository, good, bad) => {
        const reads = [good, bad, good].map((id) => repository().findById(id, undefined, { cache: false }));
        const [first, refused, last] = await Promise.allSettled(reads);
        expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'INVALID_ARGUMENT' } });
        for (const read of [first, last])
          expect(read).toMatchObject({ status: 'fulfilled', value: { label: 'one' } });
      },
    );
  });
});

describe('a model whose names mean something elsewhere', () => {
  test('is loaded from its own schema, its enums too', async () => {
    await database.sql(
      `INSERT INTO "another one"."ByInt" VALUES (1, 'so good', '{bad,"so good"}'), (2, 'bad', '{}')`,
    );
    const readBy = await expectAsPrisma(modelOf('Elsewhere'), loaderOf('Elsewhere'), [['1', '2']], () =>
      findMany('Elsewhere', {}),
    );
    expect(readBy).toBe('loader');
    expect(await loaderOf('Elsewhere').load(() => [['1']])).toEqual([
      { id: 1, mood: 'good', all: ['bad', 'good'] },
    ]);
  });

  test('is loaded as Prisma gives it where objects have fields of these names', async () => {
    await database.sql(`INSERT INTO "Named" VALUES (1, 'text', null, 5), (2, null, 'own', null)`);
    const readBy = await expectAsPrisma(modelOf('Named'), loaderOf('Named'), [['1', '2']], () =>
      findMany('Named', {}),
    );
    expect(readBy).toBe('loader');
  });

  test('is left to Prisma where a field is called constructor, which Prisma takes for that of a class', async () => {
    await database.sql(`INSERT INTO "Classy" VALUES (1, null, 5), (2, 'x', 6)`);
    const loader = BatchLoader.of(pool, database.metadata, 'Classy', ['id']);
    const ids = ['1', '2'];
    if (loader !== null) await expectAsPrisma(modelOf('Classy'), loader, [ids], () => findMany('Classy', {}));
  });

  test('may be of a table with a name that PostgreSQL cuts off', async () => {
    await database.sql(`INSERT INTO "${LONG}" VALUES (1, 'it')`);
    const expected = [{ id: 1, value: 'it' }];
    expect(await findMany('Long', {})).toEqual(expected);
    const loader = BatchLoader.of(pool, database.metadata, 'Long', ['id']);
    if (loader !== null) expect(await loader.load(() => [['1']])).toEqual(expected);
  });
});

describe('a table that was altered since its rows were last loaded on the same connection', () => {
  const model = () => modelOf('Altered');
  const byPrisma = () => findMany('Altered', { id: { in: [1, 2] } });
  const compare = (loader: BatchLoader) => expectAsPrisma(model(), loader, [['1', '2']], byPrisma);
  const preparedBy = async (on: ConnectionPool): Promise<number> => {
    const rows = await on.query(`SELECT 1 FROM pg_prepared_statements WHERE name LIKE 'holdfast_load%'`);
    return rows.length;
  };

  beforeEach(async () => {
    await database.sql('DROP TABLE IF EXISTS "Altered"');
    await database.sql(
      'CREATE TABLE "Altered" (id int PRIMARY KEY, number int NOT NULL, label text NOT NULL, extra text)',
    );
    await database.sql(`INSERT INTO "Altered" VALUES (1, 10, 'one', null), (2, -20, 'two', 'more')`);
  });

  test.each([
    ['a number made longer', 'ALTER COLUMN number TYPE bigint', 'Prisma alone'],
    ['a number made shorter', 'ALTER COLUMN number TYPE smallint', 'loader'],
    ['the key made longer', 'ALTER COLUMN id TYPE bigint', 'Prisma alone'],
    ['a text bounded', 'ALTER COLUMN label TYPE varchar(50)', 'loader'],
    ['a text of a new type', 'ALTER COLUMN label TYPE mood USING label::mood', 'loader'],
    ['a number made a text', 'ALTER COLUMN number TYPE text', 'Prisma alone'],
    ['a number made Money', 'ALTER COLUMN number TYPE money USING number::money', 'Prisma alone'],
    ['a column more', 'ADD COLUMN another int DEFAULT 5', 'loader'],
    ['a column less', 'DROP COLUMN extra', 'Prisma alone'],
    ['a column of another name', 'RENAME COLUMN extra TO other', 'Prisma alone'],
    ['columns in another order', 'DROP COLUMN label, ADD COLUMN label text', 'loader'],
  ])('with %s is read as Prisma reads it', async (_, change, readBy) => {
    await database.sql('DROP TYPE IF EXISTS mood CASCADE');
    await database.sql(`CREATE TYPE mood AS ENUM ('one', 'two')`);
    const loader = loaderOf('Altered');
    expect(await compare(loader)).toBe('loader');
    await database.sql(`ALTER TABLE "Altered" ${change}`);
    for (let time = 1; time <= 3; time += 1) expect(await compare(loader)).toBe(readBy);
    expect(await preparedBy(pool)).toBeLessThanOrEqual(2);
  });

  test('is read by all who ask for it at once', async () => {
    const loader = loaderOf('Altered');
    await loader.load(() => [['1']]);
    await database.sql('ALTER TABLE "Altered" ALTER COLUMN number TYPE smallint');
    const answers = await Promise.all(Array.from({ length: 8 }, () => loader.load(() => [['2']])));
    expect(new Set(answers.map((rows) => JSON.stringify(rows)))).toEqual(
      new Set([JSON.stringify([{ id: 2, number: -20, label: 'two', extra: 'more' }])]),
    );
    expect(await preparedBy(pool)).toBe(2);
  });

  test('may be altered again and again', async () => {
    const loader = loaderOf('Altered');
    for (const type of ['smallint', 'int', 'smallint', 'int', 'smallint']) {
      await database.sql(`ALTER TABLE "Altered" ALTER COLUMN number TYPE ${type}`);
      expect(await compare(loader)).toBe('loader');
    }
  });

  test('needs no prepared statements behind a pooler', async () => {
    const pooled = openPool({ DB_TRANSACTION_POOLER: 'true' });
    try {
      const loader = loaderOf('Altered', pooled);
      expect(await compare(loader)).toBe('loader');
      await database.sql('ALTER TABLE "Altered" ALTER COLUMN number TYPE smallint');
      expect(await compare(loader)).toBe('loader');
      expect(await preparedBy(pooled)).toBe(0);
    } finally {
      await pooled.close();
    }
  });

  test('is left to Prisma, which says what is missing, where it lacks a column or is gone', async () => {
    const loader = loaderOf('Altered');
    expect(await compare(loader)).toBe('loader');
    await database.sql('ALTER TABLE "Altered" DROP COLUMN extra');
    expect(await loader.load(() => [['1']])).toBeNull();
    await expect(byPrisma()).rejects.toMatchObject({ code: 'P2022' });
    await database.sql('ALTER TABLE "Altered" ADD COLUMN extra text');
    expect(await compare(loader)).toBe('loader');
    await database.sql('DROP TABLE "Altered"');
    expect(await loader.load(() => [['1']])).toBeNull();
    await expect(byPrisma()).rejects.toMatchObject({ code: 'P2021' });
  });

  test('is left to Prisma where it never was', async () => {
    expect(await loaderOf('Absent').load(() => [['1']])).toBeNull();
    await expect(findMany('Absent', {})).rejects.toMatchObject({ code: 'P2021' });
  });

  test('is given up where the types of a compound key are others than the schema says', async () => {
    await database.sql(`INSERT INTO "Pair" VALUES (1, 2, 'it') ON CONFLICT DO NOTHING`);
    const loader = loaderOf('Pair');
    expect(await loader.load(() => [['1'], ['2']])).toEqual([{ left: 1, right: 2, label: 'it' }]);
    await database.sql('ALTER TABLE "Pair" ALTER COLUMN "right" TYPE text');
    expect(await loader.load(() => [['1'], ['2']])).toBeNull();
    const { queryCount } = pool.getPoolStatistics();
    expect(await loader.load(() => [['1'], ['2']])).toBeNull();
    expect(pool.getPoolStatistics().queryCount).toBe(queryCount);
  });
});

test('a failure that says nothing of the rows is thrown, and the next load is tried again', async () => {
  const loader = loaderOf('ByInt');
  const rows = await loader.load(() => [['2147483647']]);
  await database.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%ANY($1)%'`,
  );
  const outcomes = await Promise.allSettled([loader.load(() => [['2147483647']])]);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  }
  expect(await loader.load(() => [['2147483647']])).toEqual(rows);
});
