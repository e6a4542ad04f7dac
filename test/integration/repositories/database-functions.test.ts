import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { PrismaClient } from '../../../src/domain/index.js';
import { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { type DatabaseFunctions, databaseFunctions, withRetry } from '../../../src/index.js';
import { domainFactory } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { closedPort, createDatabase, ownPostgres, type TestDatabase } from '../../support/servers.js';

let database: TestDatabase;
let factory: DomainRepositoryFactory;
let functions: DatabaseFunctions<PrismaClient>;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

beforeEach(() => {
  factory = domainFactory({ databaseUrl: database.url });
  functions = databaseFunctions(factory);
});
afterEach(() => factory.shutdown());

describe('the plain functions of a database', () => {
  test('connect, answer and disconnect, and can do so again', async () => {
    expect(functions.isConnectedToDatabase()).toBe(false);
    await functions.connectDatabase();
    expect(functions.isConnectedToDatabase()).toBe(true);
    expect(await functions.checkDatabaseHealth()).toMatchObject({
      healthy: true,
      error: null,
      details: { role: 'primary', readOnly: false },
    });
    expect(await functions.prisma.user.count()).toBe(0);
    expect(functions.getPrismaClient()).toBe(factory.prisma);
    expect(await functions.databasePool.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);

    await functions.disconnectDatabase();
    await functions.disconnectDatabase();
    expect(functions.isConnectedToDatabase()).toBe(false);
    expect(await functions.checkDatabaseHealth()).toMatchObject({ healthy: false, details: null });

    await functions.connectDatabase();
    expect(await functions.prisma.user.count()).toBe(0);
  });

  test('try again while the server is not there, and say where it was looked for, without the password', async () => {
    const lines: object[] = [];
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      error: () => undefined,
      warn: (context: object | string) => void lines.push(context as object),
      child: () => logger,
    };
    const port = await closedPort();
    const away = domainFactory({ databaseUrl: `postgresql://me:s3cret@127.0.0.1:${port}/x` }, {}, logger);
    const connecting = databaseFunctions(away).connectDatabase({ attempts: 3, initialDelayMs: 1 });
    await expect(connecting).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    const attempts = lines.filter((line) => 'attempt' in line);
    expect(attempts).toEqual([1, 2, 3].map((attempt) => expect.objectContaining({ attempt, attempts: 3 })));
    expect(JSON.stringify(lines)).not.toContain('s3cret');
    await away.shutdown();
  });

  test('connect to a server that comes up meanwhile', async () => {
    const server = await ownPostgres({ migrated: true });
    const late = domainFactory({ databaseUrl: server.url });
    try {
      await server.kill();
      const connecting = databaseFunctions(late).connectDatabase({
        attempts: 1_000,
        initialDelayMs: 20,
        maxDelayMs: 50,
      });
      await server.start();
      await connecting;
      expect(databaseFunctions(late).isConnectedToDatabase()).toBe(true);
      await server.kill();
      await late
        .getUserRepository()
        .findMany()
        .catch(() => undefined);
      await eventually(
        async () => {
          await late
            .getUserRepository()
            .findMany()
            .catch(() => undefined);
          return databaseFunctions(late).isConnectedToDatabase();
        },
        (connected) => !connected,
      );
    } finally {
      await late.shutdown();
      await server.stop();
    }
  });
});

describe('the pool of a factory', () => {
  test('maintains its database, in a session of its own', async () => {
    await functions.connectDatabase();
    const { databasePool } = functions;
    await databasePool.query(
      "INSERT INTO users (id, github_id, email, username, updated_at) VALUES (gen_random_uuid(), 'v', 'v@x', 'v', now())",
    );
    await databasePool.query("DELETE FROM users WHERE github_id = 'v'");
    const [users] = (await databasePool.vacuum({ tables: ['users'], analyze: true })).results;
    expect(users).toMatchObject({ status: 'done', ok: true });
    await expect(databasePool.reindex({ tables: ['users'] })).rejects.toMatchObject({
      code: 'REINDEX_DISABLED',
    });
  });
});

describe('withRetry', () => {
  const conflict = (): Error => Object.assign(new Error('again'), { code: '40001' });

  test('runs an operation again that collided, and gives what it then returns', async () => {
    let calls = 0;
    const value = await withRetry(async () => {
      calls += 1;
      if (calls < 3) throw conflict();
      return 'done';
    });
    expect([value, calls]).toEqual(['done', 3]);
  });

  test('throws the last failure after the last attempt', async () => {
    let calls = 0;
    const failing = withRetry(async () => {
      calls += 1;
      throw conflict();
    }, 2);
    await expect(failing).rejects.toMatchObject({ code: '40001' });
    expect(calls).toBe(2);
  });

  test('does not run again what failed for another reason', async () => {
    let calls = 0;
    const failing = withRetry(async () => {
      calls += 1;
      throw new Error('a bug');
    });
    await expect(failing).rejects.toThrow('a bug');
    expect(calls).toBe(1);
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses %p attempts', async (attempts) => {
    await expect(withRetry(async () => 1, attempts)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
