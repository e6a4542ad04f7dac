import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { silentLogger } from '../../../../src/config/index.js';
import { observedClientClass } from '../../../../src/database/query-log/observed-client.js';
import {
  type ObservedStatement,
  StatementObserver,
} from '../../../../src/database/query-log/statement-observer.js';
import { PrismaClient } from '../../../../src/domain/generated/prisma/client.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';

let database: TestDatabase;
let pool: pg.Pool;
let prisma: PrismaClient;
let observer: StatementObserver;
let seen: ObservedStatement[] = [];

beforeAll(async () => {
  database = await createDatabase();
  observer = new StatementObserver(
    { slowThresholdMs: 60_000, logQueries: false, logParams: false },
    silentLogger,
  );
  pool = new pg.Pool({ connectionString: database.url, max: 2, Client: observedClientClass(observer) });
  // Its end does not wait for that of its connections, which the drop of the database then breaks off.
  pool.on('error', () => undefined);
  prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  observer.onStatement((statement) => seen.push(statement));
});
beforeEach(() => {
  seen = [];
});
afterAll(async () => {
  await prisma.$disconnect();
  await pool.end();
  await database.drop();
});

const user = (name: string) => ({ githubId: name, email: `${name}@example.test`, username: name });

describe('statements of Prisma on an observed pool', () => {
  test('are observed with their rows, and one shape whatever the values and however many', async () => {
    await prisma.user.createMany({ data: ['a', 'b', 'c'].map(user) });
    await prisma.user.createMany({ data: ['d'].map(user) });
    const inserts = seen.filter(({ text }) => text.startsWith('INSERT'));
    expect(inserts.map(({ rows }) => rows)).toEqual([3, 1]);
    expect(new Set(inserts.map(({ fingerprint }) => fingerprint)).size).toBe(1);

    seen = [];
    const ids = (await prisma.user.findMany({ where: { githubId: { in: ['a', 'b'] } } })).map(({ id }) => id);
    await prisma.user.findMany({ where: { githubId: { in: ['a', 'c', 'd', 'nobody'] } } });
    expect(ids).toHaveLength(2);
    expect(seen.map(({ rows }) => rows)).toEqual([2, 3]);
    expect(new Set(seen.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  });

  test('are observed in a transaction, with its BEGIN and COMMIT', async () => {
    await prisma.$transaction(async (transaction) => {
      await transaction.user.create({ data: user('t') });
      await transaction.$queryRaw`SELECT ${1}::int`;
    });
    const texts = seen.map(({ text }) => text);
    expect(texts[0]).toBe('BEGIN');
    expect(texts.at(-1)).toBe('COMMIT');
    expect(texts).toContain('SELECT ?::int');
  });

  test('are observed when they fail', async () => {
    await prisma.user.create({ data: user('twice') });
    seen = [];
    await expect(prisma.user.create({ data: user('twice') })).rejects.toMatchObject({ code: 'P2002' });
    expect(seen.filter(({ error }) => error !== null)).toMatchObject([{ error: { code: '23505' } }]);
  });
});
