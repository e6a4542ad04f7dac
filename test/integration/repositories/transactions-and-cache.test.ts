import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { codeOf, signalled } from '../../support/async.js';
import { countOperations, domainFactory, someProject } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';

let database: TestDatabase;
let here: DomainRepositoryFactory;
/** Another service on the same servers. */
let elsewhere: DomainRepositoryFactory;

beforeAll(async () => {
  database = await createDatabase();
  const redis = sharedRedis();
  const servers = { databaseUrl: database.url, redisUrl: redis.url, prefix: redis.keyPrefix };
  here = domainFactory(servers);
  elsewhere = domainFactory(servers);
  await Promise.all([here.initialize(), elsewhere.initialize()]);
});

afterAll(async () => {
  await Promise.all([here.shutdown(), elsewhere.shutdown()]);
  await database.drop();
});

const nameSeen = async (factory: DomainRepositoryFactory, id: string): Promise<string | undefined> =>
  (await factory.getProjectRepository().findById(id))?.name;

/** Reads until the entity comes from the cache. */
const warm = (factory: DomainRepositoryFactory, id: string) =>
  eventually(
    () => countOperations(factory, () => nameSeen(factory, id)),
    ({ sql }) => sql === 0,
  );

describe('a transaction and the cache', () => {
  test('nobody else sees what is not committed, and everybody what is', async () => {
    const { id } = await someProject(here, 'before');
    await warm(elsewhere, id);
    await here.transaction(async () => {
      await here.getProjectRepository().update(id, { name: 'after' });
      expect(await nameSeen(here, id)).toBe('after');
      expect(await nameSeen(elsewhere, id)).toBe('before');
    });
    expect(await nameSeen(elsewhere, id)).toBe('after');
    await warm(elsewhere, id);
    expect(await nameSeen(elsewhere, id)).toBe('after');
  });

  test('a read inside fills nothing that a rollback would make wrong', async () => {
    const { id } = await someProject(here, 'before');
    const undone = here.transaction(async () => {
      await here.getProjectRepository().update(id, { name: 'never' });
      expect(await nameSeen(here, id)).toBe('never');
      throw new Error('undo');
    });
    await expect(undone).rejects.toThrow('undo');
    expect(await nameSeen(elsewhere, id)).toBe('before');
    await warm(elsewhere, id);
    expect(await nameSeen(here, id)).toBe('before');
  });

  test('a rollback leaves the entity cacheable at once', async () => {
    const { id } = await someProject(here, 'before');
    await here
      .transaction(async () => {
        await here.getProjectRepository().update(id, { name: 'never' });
        throw new Error('undo');
      })
      .catch(() => undefined);
    await nameSeen(here, id);
    await warm(here, id);
  });

  test('a savepoint that was undone is forgotten, what the transaction kept is seen', async () => {
    const [{ id: kept }, { id: undone }] = [
      await someProject(here, 'kept 0'),
      await someProject(here, 'undone 0'),
    ];
    await warm(elsewhere, kept);
    await warm(elsewhere, undone);
    await here.transaction(async () => {
      await here.getProjectRepository().update(kept, { name: 'kept 1' });
      await here
        .transaction(async () => {
          await here.getProjectRepository().update(undone, { name: 'undone 1' });
          throw new Error('undo');
        })
        .catch(() => undefined);
    });
    expect(await nameSeen(elsewhere, kept)).toBe('kept 1');
    expect(await nameSeen(elsewhere, undone)).toBe('undone 0');
  });

  test('a write that comes after the end leaves no fence behind', async () => {
    const { id } = await someProject(here, 'before');
    const returned = signalled();
    let late: Promise<unknown> = Promise.resolve();
    await here.transaction(async () => {
      late = returned.promise.then(() => here.getProjectRepository().update(id, { name: 'late' }));
    });
    returned.fire();
    expect(await codeOf(late)).toBe('TRANSACTION_CLOSED');
    await nameSeen(here, id);
    await warm(here, id);
    expect(await nameSeen(here, id)).toBe('before');
  });

  test('a retried transaction is seen once, as it committed', async () => {
    const { id } = await someProject(here, '');
    await warm(elsewhere, id);
    let attempts = 0;
    await here.transaction(async () => {
      attempts += 1;
      await here.getProjectRepository().update(id, { name: `attempt ${attempts}` });
      if (attempts < 3) {
        await here.pool.query(`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`);
      }
    });
    expect(attempts).toBe(3);
    expect(await nameSeen(elsewhere, id)).toBe('attempt 3');
  });

  test('a job goes through its states in one transaction, or not at all', async () => {
    const { id: projectId } = await someProject(here);
    const jobs = here.getConversionJobRepository();
    const { id } = await jobs.create({ projectId, type: 'CONVERSION' });
    await jobs.findById(id);
    const failing = here.transaction(async () => {
      await jobs.start(id);
      await jobs.updateProgress(id, 50);
      await jobs.markCompleted(id, {});
      await jobs.start(id);
    });
    await expect(failing).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    expect((await elsewhere.getConversionJobRepository().findById(id))?.status).toBe('PENDING');
  });
});
