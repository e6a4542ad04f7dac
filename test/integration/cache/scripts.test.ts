import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import {
  type Client,
  crashing,
  loss,
  otherWriter,
  reader,
  rollback,
  writer,
} from '../../support/protocol/clients.js';
import { interleavings } from '../../support/protocol/interleavings.js';
import { type Arena, type RunOptions, runOrders } from '../../support/protocol/run-orders.js';
import { SITUATIONS } from '../../support/protocol/situations.js';
import type { Situation } from '../../support/protocol/world.js';
import {
  type OpenRedisStore,
  openRedisClient,
  openRedisStore,
  type RedisClient,
} from '../../support/redis-stores.js';
import { sharedRedis } from '../../support/servers.js';

/*
 * The scripts on a real Redis, with every order in which the steps of their clients can follow one another. Clients are
 * simple: a database that is a number, readers that ask, load and fill, writers that fence, commit and lift. What must hold
 * of all answers, and of what is stored at the end, is in `World`.
 */

// Long enough for all steps of a run in the usual case; a commit that comes later does not happen.
const SHORT_MS = 250;

let redis: OpenRedisStore;
let client: RedisClient;
let arena: Arena;

beforeAll(async () => {
  const { url, keyPrefix } = sharedRedis();
  [redis, client] = await Promise.all([
    openRedisStore(url, new KeySpace(keyPrefix), 'one'),
    openRedisClient(url),
  ]);
  arena = {
    store: redis.store,
    lose: async (lost) => {
      await client.del([...lost]);
    },
  };
});

afterAll(async () => {
  await client.flushDb();
  await redis.store.close();
  client.destroy();
});

/** Of the ways in which a run can begin and be looked at, those that differ most: orders of more steps are many. */
const FEW: RunOptions = {
  views: [
    ['cold', 'nobody'],
    ['cold', 'filling'],
    ['warm', 'filling'],
  ],
};
/** And of those the one that shows most. */
const ONE: RunOptions = { views: [['warm', 'filling']] };
const viewsOf = ({ name }: Situation): RunOptions => (THOROUGH.has(name) ? FEW : ONE);
// Of three clients there are so many orders that they look at each other.
const ALONE: RunOptions = { views: [['cold', 'nobody']] };

/** Passes when no order of the clients' steps goes wrong; names the orders that do. */
async function holdInAnyOrder(situation: Situation, clients: readonly Client[], options: RunOptions = {}) {
  const { problems, runs } = await runOrders(arena, situation, clients, options);
  expect(problems).toEqual([]);
  expect(runs).toBeGreaterThan(0);
}

const cases = SITUATIONS.map((situation) => [situation.name, situation] as const);
// One of each way to be fenced: by its key, by a guard, by the guard of absence.
const THOROUGH = new Set(['a row whose key is known', 'a list under two tags', 'a row that is created']);
// What appears twice has been there before: the second write is of another kind.
const repeatable = cases.filter(([, { exists }]) => exists(1) === exists(2) && exists(0) === exists(1));

test('two clients of three steps have twenty orders, and three of them 1,680', () => {
  expect([...interleavings([3, 3])]).toHaveLength(20);
  expect(new Set([...interleavings([3, 3])].map(String)).size).toBe(20);
  expect([...interleavings([3, 3, 3])]).toHaveLength(1_680);
});

test('runs like these find fault where there is one: a commit that no fence goes before', async () => {
  for (const [, situation] of cases) {
    const { problems } = await runOrders(arena, situation, [reader('a'), otherWriter('psql')]);
    expect(problems.join()).toContain('psql commits');
  }
});

describe.each(cases)('%s', (_, situation) => {
  test('is never read old, whatever the order of a reader and a writer', async () => {
    await holdInAnyOrder(situation, [reader('a'), writer('w')]);
  });

  test('is never read otherwise than it is, whatever the order of a reader and a write that is rolled back', async () => {
    await holdInAnyOrder(situation, [reader('a'), rollback('w')]);
  });

  test('has one lease at a time, whatever the order of two readers', async () => {
    await holdInAnyOrder(situation, [reader('a'), reader('b')]);
  });

  test('is not read old after the relay, whatever its order with a reader and a commit by another writer', async () => {
    await holdInAnyOrder(situation, [reader('a'), otherWriter('psql')], { inversionsToo: false });
  });

  test('is never read old, whatever the order of a reader and a writer of which one ends early', async () => {
    const [a, w] = [reader('a', SHORT_MS), writer('w', SHORT_MS)];
    const ends = [0, 1, 2].flatMap((after) => [
      [crashing(a, after), writer('w')],
      [reader('a'), crashing(w, after)],
    ]);
    await Promise.all(ends.map((clients) => holdInAnyOrder(situation, clients, { expiring: true })));
  });

  test('is never read old, whatever the order of a reader and a writer that both end early', async () => {
    const [a, w] = [reader('a', SHORT_MS), writer('w', SHORT_MS)];
    const ends = [1, 2].flatMap((after) => [1, 2].map((until) => [crashing(a, after), crashing(w, until)]));
    await Promise.all(ends.map((clients) => holdInAnyOrder(situation, clients, { expiring: true })));
  });

  describe('when something is lost between any two steps of a reader and a writer', () => {
    test.each(['fences', 'everything'] as const)('%s, it is not read old after the lift', async (what) => {
      await holdInAnyOrder(situation, [reader('a'), writer('w'), loss(what)], {
        ...viewsOf(situation),
        inversionsToo: false,
      });
    });

    test.each(['entry', 'versions'] as const)('%s, it is never read old', async (what) => {
      await holdInAnyOrder(situation, [reader('a'), writer('w'), loss(what)], viewsOf(situation));
    });
  });
});

describe.each(cases.filter(([name]) => THOROUGH.has(name)))('%s', (_, situation) => {
  test('is never read old, whatever the order of two readers and a writer', async () => {
    await holdInAnyOrder(situation, [reader('a'), reader('b'), writer('w')], ALONE);
  });

  if (repeatable.some(([, { name }]) => name === situation.name)) {
    test('is never read old, whatever the order of a reader and two writers', async () => {
      await holdInAnyOrder(situation, [reader('a'), writer('v'), writer('w')], ALONE);
    });
  }
});

describe.each(repeatable)('%s, written by two', (_, situation) => {
  test('is never read old, whatever their order', async () => {
    await holdInAnyOrder(situation, [writer('v'), writer('w')]);
  });

  test('is never read old, whatever their order with a write that is rolled back', async () => {
    await holdInAnyOrder(situation, [writer('v'), rollback('w')]);
  });

  test('is not read old after the lift, whatever their order and that of a commit by another writer', async () => {
    await holdInAnyOrder(situation, [writer('v'), otherWriter('psql')], { inversionsToo: false });
  });
});
