import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainRepositoryFactory, Project } from '../../../src/domain/index.js';
import type { RepositoryEvents } from '../../../src/repositories/index.js';
import { domainFactory, someProject, someUser } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { servesInTime } from '../../support/patience.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';

/* Rules of the cache, which events of repositories set off, on a real PostgreSQL and Redis. */

type Updated = RepositoryEvents<Project>['updated'];

let database: TestDatabase;
let here: DomainRepositoryFactory;
let elsewhere: DomainRepositoryFactory;
const endings: (() => void)[] = [];

beforeAll(async () => {
  database = await createDatabase();
  const redis = sharedRedis();
  const servers = { databaseUrl: database.url, redisUrl: redis.url, prefix: redis.keyPrefix };
  here = domainFactory(servers);
  elsewhere = domainFactory(servers);
  for (const factory of [here, elsewhere]) {
    await factory.initialize();
    expect(await servesInTime(factory.cache)).toBe(true);
  }
});

afterEach(() => {
  for (const end of endings.splice(0)) end();
});

afterAll(async () => {
  await Promise.all([here?.shutdown(), elsewhere?.shutdown()]);
  await database?.drop();
});

const statisticsOf = (rule: string) => here.cache.rules.getStatistics().get(rule);
const timesOf = (rule: string) => () => statisticsOf(rule)?.times ?? 0;

/** Puts a value in the memory of both processes. */
async function setInBoth(key: string, options: { readonly tags?: readonly string[] } = {}): Promise<void> {
  expect(await here.cache.set(key, 'old', options)).toBe(true);
  for (const { cache } of [here, elsewhere]) {
    const { nearHits } = cache.getStatistics();
    await eventually(
      async () => [await cache.get(key), cache.getStatistics().nearHits] as const,
      ([value, hits]) => value === 'old' && hits > nearHits,
    );
  }
}

/** Has the names of changed projects noted by a rule, in the order in which it runs. */
function noteNames(rule: string): readonly (string | undefined)[] {
  const names: (string | undefined)[] = [];
  const note = (event: Updated): void => {
    names.push(event.after?.name);
  };
  endings.push(
    here.cache.invalidateOn<Updated>('Project.updated', Object.defineProperty(note, 'name', { value: rule })),
  );
  return names;
}

describe('a rule for an event of a repository', () => {
  test('runs after the write, and what it names is gone from the memory of every process', async () => {
    const { id } = await someProject(here);
    const names = [`summary:${id}`, `price:${id}`, `page:${id}:1`, `page:${id}:2`, `whole:${id}`];
    await setInBoth(`summary:${id}`);
    await setInBoth(`price:${id}`, { tags: [`prices:${id}`] });
    await setInBoth(`page:${id}:1`);
    await setInBoth(`page:${id}:2`);
    await here.cache.set(`whole:${id}`, 'old', { dependsOn: [`summary:${id}`] });
    endings.push(
      here.cache.invalidateOn<Updated>('Project.updated', {
        name: 'all kinds',
        keys: (event) => [`summary:${event.id}`],
        tags: (event) => [`prices:${event.id}`],
        patterns: (event) => [`page:${event.id}:*`],
        dependents: (event) => [`summary:${event.id}`],
      }),
    );
    await here.getProjectRepository().update(id, { name: 'changed' });
    await eventually(timesOf('all kinds'), (times) => times === 1);
    for (const { cache } of [here, elsewhere])
      expect(await cache.getMultiple(names)).toEqual(names.map(() => null));
    expect(statisticsOf('all kinds')).toMatchObject({
      event: 'Project.updated',
      invalidated: 5,
      failures: 0,
      lastError: null,
    });
  });

  test('is told what the write was, of every kind of write', async () => {
    const events: [string, unknown][] = [];
    for (const kind of ['created', 'updated', 'upserted', 'deleted', 'changedMany']) {
      endings.push(
        here.cache.invalidateOn(`User.${kind}`, {
          name: `of users ${kind}`,
          keys: (event) => {
            events.push([kind, event]);
            return [];
          },
        }),
      );
    }
    const users = here.getUserRepository();
    const { id, githubId } = await someUser(here);
    await users.update(id, { username: 'changed' });
    await users.upsert({
      where: { githubId },
      create: { githubId, email: `${githubId}@elsewhere.test`, username: 'nobody' },
      update: { username: 'upserted' },
    });
    await users.updateMany({ where: { id }, data: { username: 'one of many' } });
    await users.delete(id);
    await eventually(
      () => events.length,
      (count) => count === 5,
    );
    expect(events).toEqual([
      ['created', expect.objectContaining({ model: 'User', after: expect.objectContaining({ id }) })],
      ['updated', expect.objectContaining({ id, after: expect.objectContaining({ username: 'changed' }) })],
      ['upserted', expect.objectContaining({ after: expect.objectContaining({ username: 'upserted' }) })],
      ['changedMany', expect.objectContaining({ operation: 'updateMany', count: 1, where: { id } })],
      ['deleted', expect.objectContaining({ model: 'User', id })],
    ]);
  });

  test('runs in a transaction once that has committed, and not before', async () => {
    const names = noteNames('committed');
    const { id } = await someProject(here);
    const projects = here.getProjectRepository();
    await setInBoth(`summary:${id}`);
    endings.push(
      here.cache.invalidateOn<Updated>('Project.updated', {
        name: 'summary',
        keys: (event) => [`summary:${event.id}`],
      }),
    );
    await here.transaction(async () => {
      await projects.update(id, { name: 'first' });
      await projects.update(id, { name: 'second' });
      // A write of somebody else, whose event comes through: those of the transaction would have come before it.
      await here.cache.rules.emit('Project.updated', { id: 'another', after: { name: 'outside' } });
      expect(names).toEqual(['outside']);
      expect(await elsewhere.cache.get(`summary:${id}`)).toBe('old');
    });
    await eventually(timesOf('summary'), (times) => times === 3);
    expect(names).toEqual(['outside', 'first', 'second']);
    expect(await elsewhere.cache.get(`summary:${id}`)).toBeNull();
  });

  test('does not run for a transaction or a savepoint that was rolled back', async () => {
    const names = noteNames('rolled back');
    const { id } = await someProject(here);
    const projects = here.getProjectRepository();
    const failing = (name: string) =>
      here.transaction(async () => {
        await projects.update(id, { name });
        throw new Error('meant to fail');
      });
    await expect(failing('never committed')).rejects.toThrow('meant to fail');
    await here.transaction(async () => {
      await expect(failing('back to the savepoint')).rejects.toThrow('meant to fail');
      await projects.update(id, { name: 'beside it' });
    });
    await projects.update(id, { name: 'last' });
    await eventually(
      () => names.at(-1),
      (name) => name === 'last',
    );
    expect(names).toEqual(['beside it', 'last']);
  });

  test('that fails hurts neither the write nor other rules, and is counted', async () => {
    const { id } = await someProject(here);
    await setInBoth(`summary:${id}`);
    const failing = (): never => {
      throw new Error('this rule is wrong');
    };
    endings.push(
      here.cache.invalidateOn('Project.updated', { name: 'throws', keys: failing }),
      here.cache.invalidateOn('Project.updated', { name: 'names no text', keys: () => [7 as never] }),
      here.cache.invalidateOn('Project.updated', {
        name: 'rejects',
        tags: () => Promise.reject(new Error('this one too')),
      }),
      here.cache.invalidateOn('Project.updated', { name: 'right', keys: () => [`summary:${id}`] }),
    );
    const { name } = await here.getProjectRepository().update(id, { name: 'written' });
    expect(name).toBe('written');
    for (const rule of ['throws', 'names no text', 'rejects', 'right'])
      await eventually(timesOf(rule), (times) => times === 1);
    expect(statisticsOf('throws')).toMatchObject({ failures: 1, lastError: 'this rule is wrong' });
    expect(statisticsOf('names no text')).toMatchObject({ failures: 1, lastError: expect.any(String) });
    expect(statisticsOf('rejects')).toMatchObject({ failures: 1, lastError: 'this one too' });
    expect(statisticsOf('right')).toMatchObject({ failures: 0, invalidated: 1 });
    expect(await elsewhere.cache.get(`summary:${id}`)).toBeNull();
    expect((await elsewhere.getProjectRepository().findById(id))?.name).toBe('written');
  });

  test('runs in the process that wrote, and in no other', async () => {
    const names = noteNames('here');
    const elsewhereNames: unknown[] = [];
    endings.push(
      elsewhere.cache.invalidateOn<Updated>('Project.updated', {
        name: 'elsewhere',
        keys: (event) => {
          elsewhereNames.push(event.after?.name);
          return [];
        },
      }),
    );
    const { id } = await someProject(here);
    await here.getProjectRepository().update(id, { name: 'by here' });
    await elsewhere.getProjectRepository().update(id, { name: 'by elsewhere' });
    await eventually(
      () => [names.length, elsewhereNames.length],
      ([one, other]) => one === 1 && other === 1,
    );
    expect(names).toEqual(['by here']);
    expect(elsewhereNames).toEqual(['by elsewhere']);
  });

  test('runs no more when it was taken away, and another may have its name then', async () => {
    const names = noteNames('taken away');
    const { id } = await someProject(here);
    expect(() => noteNames('taken away')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    for (const end of endings.splice(0)) end();
    const after = noteNames('taken away');
    await here.getProjectRepository().update(id, { name: 'heard by one' });
    await eventually(
      () => after.length,
      (count) => count === 1,
    );
    expect(names).toEqual([]);
  });
});
