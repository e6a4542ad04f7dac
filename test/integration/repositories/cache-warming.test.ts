import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { countOperations, domainFactory, someProject } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { servesInTime } from '../../support/patience.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';

/* Warmers in services that share a Redis and a PostgreSQL. */

const LEASE_MS = 15_000;

let database: TestDatabase;
let one: DomainRepositoryFactory;
let two: DomainRepositoryFactory;

beforeEach(async () => {
  database = await createDatabase();
  const redis = sharedRedis();
  const servers = { databaseUrl: database.url, redisUrl: redis.url, prefix: redis.keyPrefix };
  one = domainFactory(servers);
  two = domainFactory(servers);
  for (const factory of [one, two]) {
    await factory.initialize();
    expect(await servesInTime(factory.cache)).toBe(true);
  }
});

afterEach(async () => {
  await Promise.all([one?.shutdown(), two?.shutdown()]);
  await database?.drop();
});

const stateOf = (factory: DomainRepositoryFactory, warmer: string) => {
  const state = factory.cache.warming.getStatistics()[warmer];
  if (state === undefined) throw new Error(`There is no warmer "${warmer}".`);
  return state;
};

describe('a warmer of two services', () => {
  test('is run by one of them, and by the other soon after the first was shut down', async () => {
    const services = { one, two };
    const ran: ('one' | 'two')[] = [];
    for (const name of ['one', 'two'] as const) {
      services[name].cache.warming.add({
        name: 'report',
        intervalSeconds: 0.05,
        run: async ({ warm }) => {
          ran.push(name);
          await warm([{ key: 'report', load: async () => `of ${name}` }]);
        },
      });
    }
    await eventually(
      () => ran.length,
      (times) => times >= 5,
      LEASE_MS,
    );
    const first = ran[0] === 'one' ? 'one' : 'two';
    const second = first === 'one' ? 'two' : 'one';
    expect(new Set(ran)).toEqual(new Set([first]));
    expect(stateOf(services[first], 'report')).toMatchObject({ isLeader: true, failures: 0 });
    expect(stateOf(services[second], 'report')).toMatchObject({ isLeader: false, runs: 0 });
    await eventually(
      () => services[second].cache.get('report'),
      (value) => value === `of ${first}`,
    );

    await services[first].shutdown();
    const until = ran.length;
    await eventually(
      () => ran.length,
      (times) => times >= until + 3,
      LEASE_MS,
    );
    expect(new Set(ran.slice(until))).toEqual(new Set([second]));
    expect(stateOf(services[second], 'report').isLeader).toBe(true);
  }, 120_000);

  test('goes on after a run that failed, and what it warmed is there for both', async () => {
    let runs = 0;
    one.cache.warming.add({
      name: 'fails at first',
      intervalSeconds: 0.05,
      run: async ({ warm }) => {
        runs += 1;
        if (runs === 1) throw new Error('not yet');
        await warm([{ key: 'a', load: async () => 'warm', ttlSeconds: 60, tags: ['warmed'] }]);
      },
    });
    await eventually(
      () => stateOf(one, 'fails at first'),
      (state) => state.failures === 1 && state.runs > 0,
    );
    const cold = () => Promise.reject(new Error('it is there, so nobody computes it'));
    expect(await two.cache.getOrLoad('a', cold, { tags: ['warmed'] })).toBe('warm');
    // It is warmed again after an invalidation.
    await two.cache.invalidateTags(['warmed']);
    await eventually(
      () => two.cache.get('a'),
      (value) => value === 'warm',
    );
  });
});

test('what one service read most, its warmer reads again after everything was invalidated', async () => {
  const often = await someProject(one, 'often');
  const seldom = await someProject(one, 'seldom');
  const projects = one.getProjectRepository();
  one.cache.warming.addLoader('rates', { load: async () => ({ eur: 1.09 }) });
  await eventually(
    async () => {
      // One in 256 hits is noted.
      for (let n = 0; n < 500; n += 1) {
        await projects.findById(often.id);
        await one.cache.getOrLoad('rates', async () => ({ eur: 1.09 }));
      }
      return one.cache.warming.mostRead(10).map(({ name }) => name);
    },
    (names) => names.includes(often.id) && names.includes('rates'),
    20_000,
  );
  expect(one.cache.warming.mostRead(10).map(({ name }) => name)).not.toContain(seldom.id);
  expect(await one.cache.clear()).toBe(true);
  one.cache.warming.addMostRead({ intervalSeconds: 0.1 });
  await eventually(
    () => stateOf(one, 'most-read').runs,
    (runs) => runs >= 2,
    20_000,
  );
  const sqlOf = async (id: string) =>
    (await countOperations(two, () => two.getProjectRepository().findById(id))).sql;
  expect(await sqlOf(often.id)).toBe(0);
  expect(await sqlOf(seldom.id)).toBe(1);
  expect(await two.cache.get('rates')).toEqual({ eur: 1.09 });
}, 120_000);

test('a list of values is put in the cache by one service for the other, and what fails is told', async () => {
  const progress: number[] = [];
  let atOnce = 0;
  let most = 0;
  const load = (value: number) => async () => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await Promise.resolve();
    atOnce -= 1;
    if (value === 3) throw new Error('three is missing');
    return { value };
  };
  const entries = [1, 2, 3, 4, 5].map((value) => ({ key: `n:${value}`, load: load(value) }));
  const result = await one.cache.warmCache(entries, {
    concurrency: 2,
    onProgress: ({ done }) => progress.push(done),
  });
  expect(result).toMatchObject({ done: 5, total: 5, failed: 1 });
  expect(result.errors.map(({ key }) => key)).toEqual(['n:3']);
  expect(progress).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
  await eventually(
    () => two.cache.getMultiple(entries.map(({ key }) => key)),
    (values) => values.filter((value) => value === null).length === 1,
  );
  expect(await two.cache.get('n:3')).toBeNull();
});
