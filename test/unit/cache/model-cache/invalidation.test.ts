import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CacheManager, ModelCache } from '../../../../src/cache/index.js';
import { CountedLoad, memoryCache, plainModel, schemaOf } from '../../../support/memory-cache.js';

const TTL = { entity: 60, query: 60 };

describe('an invalidation', () => {
  let manager: CacheManager;
  let tasks: ModelCache;
  let users: ModelCache;
  let load: CountedLoad<object | null>;

  beforeEach(() => {
    ({ manager } = memoryCache(schemaOf(plainModel('Task'), plainModel('User'))));
    [tasks, users] = ['Task', 'User'].map((model) => manager.model(model, TTL)) as [ModelCache, ModelCache];
    load = new CountedLoad<object | null>(Object.freeze({ id: 1 }));
  });

  const reads: Readonly<Record<string, () => Promise<unknown>>> = {
    'row 1': () => tasks.row('1', load.run),
    'row 2': () => tasks.row('2', load.run),
    list: () => tasks.query({ models: ['Task'], operation: 'count', text: '{}' }, load.run),
    'list within a tag': () =>
      tasks.query({ models: ['Task'], operation: 'count', text: '{}', within: 'team:1' }, load.run),
    'list of users and tasks': () =>
      users.query({ models: ['Task', 'User'], operation: 'count', text: '{ tasks }' }, load.run),
    'row of a user': () => users.row('1', load.run),
    'list of users': () => users.query({ models: ['User'], operation: 'count', text: '{}' }, load.run),
  };
  const left = async (): Promise<string[]> => {
    const names: string[] = [];
    for (const [name, read] of Object.entries(reads)) if ((await load.during(read)) === 0) names.push(name);
    return names;
  };
  const fill = async (): Promise<void> => {
    for (const read of Object.values(reads)) await read();
    expect(await left()).toEqual(Object.keys(reads));
  };

  test('of rows takes those, and nothing else', async () => {
    await fill();
    expect(await tasks.invalidateRows(['2', '3'])).toBe(true);
    expect(await left()).toEqual(Object.keys(reads).filter((name) => name !== 'row 2'));
    expect(await tasks.invalidateRows([])).toBe(true);
    expect(await left()).toEqual(Object.keys(reads));
  });

  test('of very many rows takes all rows of the model', async () => {
    await fill();
    expect(await tasks.invalidateRows(Array.from({ length: 100_000 }, (_, id) => `${id + 10}`))).toBe(true);
    expect(await left()).toEqual(
      Object.keys(reads).filter((name) => !name.startsWith('row ') || name === 'row of a user'),
    );
  });

  test('of a model takes its rows and all queries that read it, and leaves other models alone', async () => {
    await fill();
    expect(await tasks.invalidateAll()).toBe(true);
    expect(await left()).toEqual(['row of a user', 'list of users']);
  });

  test('of a model forgets that there is none', async () => {
    load.value = null;
    await tasks.row('1', load.run);
    expect(await load.during(() => tasks.row('1', load.run))).toBe(0);
    expect(await tasks.invalidateAll()).toBe(true);
    expect(await load.during(() => tasks.row('1', load.run))).toBe(1);
  });

  test('forgets which row has a unique value', async () => {
    const row = Object.freeze({ id: '1', email: 'a' });
    const byUnique = (find: () => Promise<typeof row | null>) =>
      tasks.rowByUnique('email', 'a', {
        idOf: ({ id }) => id,
        valueIn: ({ email }) => email,
        load: find,
        byId: async () => row,
      });
    const finds = new CountedLoad<typeof row | null>(row);
    await byUnique(finds.run);
    expect(await finds.during(() => byUnique(finds.run))).toBe(0);
    expect(await tasks.invalidateAll()).toBe(true);
    expect(await finds.during(() => byUnique(finds.run))).toBe(1);
  });
});
