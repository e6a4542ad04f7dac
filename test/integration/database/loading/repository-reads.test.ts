import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { loadConfig, silentLogger } from '../../../../src/config/index.js';
import type { PrismaClientClass } from '../../../../src/database/index.js';
import { schemaMetadata } from '../../../../src/domain/generated/holdfast/metadata.js';
import { type DomainRepositoryFactory, PrismaClient, type User } from '../../../../src/domain/index.js';
import { BaseRepository, defineRepositoryFactory, type RepositoryContext } from '../../../../src/index.js';
import { domainFactory, someUser } from '../../../support/domain.js';
import { eventually } from '../../../support/eventually.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';
import { runSql } from '../../../support/sql.js';

const READERS = 50;
const NOW = { cache: false } as const;

let database: TestDatabase;
let factory: DomainRepositoryFactory;
let users: readonly User[];

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The statements that some work sends. */
async function statementsOf(
  { pool }: Pick<DomainRepositoryFactory, 'pool'>,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  const texts: string[] = [];
  const stop = pool.onStatement(({ text }) => texts.push(text));
  await work().finally(stop);
  return texts;
}

// As the pool reports them: without values.
const byLoader = expect.stringMatching(
  /^SELECT "id", "github_id".* FROM "public"\."users" WHERE "\w+" = ANY \(\?\)$/,
);
const byPrisma = expect.stringMatching(
  /^SELECT .*"public"\."users"\."id".* WHERE .*"public"\."users"\."\w+" IN \(/,
);
const wanted = (): readonly User[] =>
  Array.from({ length: READERS }, (_, n) => users[n % users.length] as User);

beforeAll(async () => {
  database = await createDatabase();
  // Without Redis, so that every read goes to the database.
  factory = domainFactory({ databaseUrl: database.url });
  await factory.initialize();
  users = await Promise.all(Array.from({ length: 10 }, () => someUser(factory)));
}, 60_000);
afterAll(async () => {
  await factory?.shutdown();
  await database?.drop();
});

describe(`${READERS} reads of one turn`, () => {
  test("by id are one statement, the loader's, and give what Prisma gives", async () => {
    const expected = await Promise.all(
      wanted().map(({ id }) => factory.prisma.user.findUnique({ where: { id } })),
    );
    const statements = await statementsOf(factory, async () => {
      const found = await Promise.all(
        wanted().map(({ id }) => factory.getUserRepository().findById(id, undefined, NOW)),
      );
      expect(found).toStrictEqual(expected);
      for (const user of found) expect(Object.isFrozen(user)).toBe(true);
    });
    expect(statements).toEqual([byLoader]);
  });

  test('by ids are one statement for each call, in the order of the ids', async () => {
    const ids = [randomUUID(), ...wanted().map(({ id }) => id), randomUUID()];
    const statements = await statementsOf(factory, async () => {
      const found = await factory.getUserRepository().findByIds(ids, NOW);
      expect(found.map((user) => user?.id ?? null)).toEqual([null, ...ids.slice(1, -1), null]);
    });
    expect(statements).toEqual([byLoader]);
  });

  test('by a unique field are one statement, and one more for each other field', async () => {
    const repository = factory.getUserRepository();
    const statements = await statementsOf(factory, async () => {
      const found = await Promise.all([
        ...wanted().map(({ email }) => repository.findUnique({ where: { email } }, NOW)),
        ...wanted().map(({ githubId }) => repository.findUnique({ where: { githubId } }, NOW)),
        repository.findUnique({ where: { email: 'nobody@example.test' } }, NOW),
      ]);
      expect(found.map((user) => user?.id ?? null)).toEqual(
        [...wanted(), ...wanted()].map(({ id }) => id).concat(null as never),
      );
    });
    expect(statements).toEqual([byLoader, byLoader]);
    const byMethod = await statementsOf(factory, () =>
      Promise.all(wanted().map(({ email }) => repository.findByEmail(email))),
    );
    expect(byMethod).toEqual([byLoader]);
  });
});

describe('while the pool has no connection left', () => {
  let busy: DomainRepositoryFactory;

  beforeAll(async () => {
    busy = domainFactory({ databaseUrl: database.url }, { database: { pool: { max: 1 } } });
    await busy.initialize();
  });
  afterAll(() => busy?.shutdown());

  /** Runs work while the only connection is lent to somebody else, who gives it back once the work says so. */
  async function whileLent(work: (giveBack: () => void) => Promise<void>): Promise<void> {
    let giveBack = (): void => undefined;
    let isLent = (): void => undefined;
    const lent = new Promise<void>((resolve) => {
      isLent = resolve;
    });
    const lending = busy.pool.withClient(async () => {
      isLent();
      await new Promise<void>((resolve) => {
        giveBack = resolve;
      });
    });
    await lent;
    await work(() => giveBack());
    await lending;
  }

  test('reads of several turns share the connection that the first of them waits for', async () => {
    const repository = busy.getUserRepository();
    const [{ id }] = users as [User];
    await whileLent(async (giveBack) => {
      const statements = await statementsOf(busy, async () => {
        const reads: Promise<unknown>[] = [];
        for (const user of users) {
          reads.push(repository.findById(user.id, undefined, NOW));
          await nextTurn();
        }
        reads.push(repository.findByIds([randomUUID(), id], NOW));
        await nextTurn();
        expect(busy.pool.getPoolStatistics().waitingRequests).toBe(1);
        // Nothing was sent yet, so all of them have to see this.
        await runSql(database.url, "UPDATE users SET name = 'meanwhile' WHERE id = $1", [id]);
        giveBack();
        const [first, ...others] = (await Promise.all(reads)) as [User, ...unknown[]];
        expect(first.name).toBe('meanwhile');
        expect(others).toEqual([...users.slice(1), [null, first]]);
      });
      expect(statements).toEqual([byLoader]);
    });
    await runSql(database.url, 'UPDATE users SET name = NULL WHERE id = $1', [id]);
  });

  test('who comes when the statement was sent is not answered with it', async () => {
    const repository = busy.getUserRepository();
    const [{ id }] = users as [User];
    const blocker = new pg.Client({ connectionString: database.url });
    await blocker.connect();
    try {
      await blocker.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
      const before = repository.findById(id, undefined, NOW);
      await eventually(
        () => blocker.query("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass"),
        ({ rows }) => rows.length === 1,
      );
      const after = repository.findById(id, undefined, NOW);
      await nextTurn();
      expect(busy.pool.getPoolStatistics().waitingRequests).toBe(1);
      const statements = await statementsOf(busy, async () => {
        await blocker.query('COMMIT');
        expect(await Promise.all([before, after])).toEqual([users[0], users[0]]);
      });
      expect(statements).toEqual([byLoader, byLoader]);
    } finally {
      await blocker.end();
    }
  });

  test('all who wait are told when none comes free', async () => {
    const impatient = domainFactory(
      { databaseUrl: database.url },
      { database: { pool: { max: 1, acquireTimeoutMs: 200 } } },
    );
    try {
      await impatient.initialize();
      const repository = impatient.getUserRepository();
      await impatient.pool.withClient(async () => {
        const reads = users.map(({ id }) => repository.findById(id, undefined, NOW));
        for (const read of await Promise.allSettled(reads))
          expect(read).toMatchObject({ status: 'rejected', reason: { code: 'POOL_TIMEOUT' } });
      });
      // The failed batch is over: the next one begins anew.
      expect(await repository.findById(users[0]?.id ?? '', undefined, NOW)).toEqual(users[0]);
    } finally {
      await impatient.shutdown();
    }
  });
});

describe('in a transaction', () => {
  test('each sees its own rows that are not committed, and others at the same time see none of them', async () => {
    const repository = factory.getUserRepository();
    const [{ id }] = users as [User];
    const names: (string | null | undefined)[] = [];
    const statements = await statementsOf(factory, () =>
      Promise.all([
        ...['first', 'second'].map((name, index) =>
          factory
            .transaction(async () => {
              // Each another row, so that they need not wait for one another.
              const own = users[index + 1] as User;
              await repository.update(own.id, { name });
              const [byId, [byIds], byEmail, other] = await Promise.all([
                repository.findById(own.id, undefined, NOW),
                repository.findByIds([own.id], NOW),
                repository.findUnique({ where: { email: own.email } }, NOW),
                repository.findById(users[2 - index]?.id ?? '', undefined, NOW),
              ]);
              names.push(byId?.name, byIds?.name, byEmail?.name);
              expect(other?.name).toBeNull();
              throw new Error('rolled back');
            })
            .catch((error: Error) => {
              if (error.message !== 'rolled back') throw error;
            }),
        ),
        repository.findById(id, undefined, NOW),
      ]),
    );
    expect(names.sort()).toEqual(['first', 'first', 'first', 'second', 'second', 'second']);
    expect(statements.filter((text) => text.includes('= ANY ('))).toHaveLength(1);
    expect(
      await repository.findByIds(
        users.map((user) => user.id),
        NOW,
      ),
    ).toEqual(users.map((user) => ({ ...user, name: null })));
  });

  test('a reader who began outside, and one who begins inside in the same turn, are answered each by their own', async () => {
    const repository = factory.getUserRepository();
    const [{ id }] = users as [User];
    await factory
      .transaction(async () => {
        await repository.update(id, { username: 'inside' });
        const before = factory.pool.getPoolStatistics().queryCount;
        expect((await repository.findById(id, undefined, NOW))?.username).toBe('inside');
        expect(factory.pool.getPoolStatistics().queryCount).toBe(before + 1);
        const rows = await runSql<{ username: string }>(
          database.url,
          'SELECT username FROM users WHERE id = $1',
          [id],
        );
        expect(rows).toEqual([{ username: 'someone' }]);
        throw new Error('rolled back');
      })
      .catch((error: Error) => {
        if (error.message !== 'rolled back') throw error;
      });
    expect((await repository.findById(id, undefined, NOW))?.username).toBe('someone');
  });
});

describe('a client that is not plain', () => {
  class People extends BaseRepository<PrismaClient['user'], string> {
    constructor(context: RepositoryContext) {
      super(context, { model: 'User' });
    }
  }

  async function withFactory(
    options: object,
    work: (factory: {
      readonly pool: DomainRepositoryFactory['pool'];
      getUserRepository(): People;
    }) => Promise<void>,
  ): Promise<void> {
    const Factory = defineRepositoryFactory(
      { user: People },
      { PrismaClient, metadata: schemaMetadata, ...options },
    );
    const own = new Factory({
      config: loadConfig({ NODE_ENV: 'test', DATABASE_URL: database.url, DB_POOL_MAX: '2' }),
      logger: silentLogger,
    });
    try {
      await own.initialize();
      await work(own);
    } finally {
      await own.shutdown();
    }
  }
  const readAll = (own: { getUserRepository(): People }) =>
    Promise.all(wanted().map(({ id }) => own.getUserRepository().findById(id, undefined, NOW)));

  test("but has computed fields gives them, by one statement of Prisma's", async () => {
    const extend = (client: PrismaClient) =>
      client.$extends({
        result: {
          user: { label: { needs: { username: true }, compute: ({ username }) => `<${username}>` } },
        },
      });
    await withFactory({ extend }, async (own) => {
      const statements = await statementsOf(own, async () => {
        expect((await readAll(own)).map((user) => user && Reflect.get(user, 'label'))).toEqual(
          wanted().map(() => '<someone>'),
        );
      });
      expect(statements).toEqual([byPrisma]);
    });
  });

  test("but changes what queries give has its way, by one statement of Prisma's", async () => {
    const extend = (client: PrismaClient) =>
      client.$extends({
        query: {
          user: {
            $allOperations: async ({
              args,
              query,
            }: {
              args: unknown;
              query(args: unknown): Promise<unknown>;
            }) => {
              const found: unknown = await query(args);
              for (const row of Array.isArray(found) ? found : [found])
                if (row) Reflect.set(row, 'name', 'extended');
              return found;
            },
          },
        },
      } as never);
    await withFactory({ extend }, async (own) => {
      const statements = await statementsOf(own, async () => {
        expect((await readAll(own)).map((user) => user?.name)).toEqual(wanted().map(() => 'extended'));
      });
      expect(statements).toEqual([byPrisma]);
    });
  });

  test("but of a class of one's own that leaves fields out gives rows without them", async () => {
    const Base = PrismaClient as unknown as new (options: object) => PrismaClient;
    class Discreet extends Base {
      constructor(options: object) {
        super({ ...options, omit: { user: { email: true } } });
      }
    }
    await withFactory(
      { PrismaClient: Discreet as unknown as PrismaClientClass<PrismaClient> },
      async (own) => {
        for (const user of await readAll(own)) expect(Object.keys(user ?? {})).not.toContain('email');
      },
    );
  });

  test("but of a class of one's own that is extended as it is made keeps what was added", async () => {
    const Base = PrismaClient as unknown as new (options: object) => PrismaClient;
    class Extended extends Base {
      constructor(options: object) {
        super(options);
        // biome-ignore lint/correctness/noConstructorReturn: how Prisma's users make such a class
        return this.$extends({
          result: {
            user: { label: { needs: { username: true }, compute: ({ username }) => `<${username}>` } },
          },
        }) as never;
      }
    }
    await withFactory(
      { PrismaClient: Extended as unknown as PrismaClientClass<PrismaClient> },
      async (own) => {
        for (const user of await readAll(own)) expect(user).toMatchObject({ label: '<someone>' });
      },
    );
  });

  test('without the metadata of the generator is asked itself, by one statement', async () => {
    await withFactory({ metadata: undefined }, async (own) => {
      const statements = await statementsOf(own, async () => {
        expect((await readAll(own)).map((user) => user?.id)).toEqual(wanted().map(({ id }) => id));
      });
      expect(statements).toEqual([byPrisma]);
    });
  });
});
