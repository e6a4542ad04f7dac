import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import type { EntryKey, Scope } from '../../../src/cache/store/shared-store.js';
import { type Client, loss, otherWriter, reader, rollback, writer } from '../../support/protocol/clients.js';
import { type Arena, type RunOptions, runOrders } from '../../support/protocol/run-orders.js';
import { SITUATIONS } from '../../support/protocol/situations.js';
import type { Situation } from '../../support/protocol/world.js';
import {
  type OpenRedisStore,
  openRedisClient,
  openRedisStore,
  passOnServer,
  type RedisClient,
} from '../../support/redis-stores.js';
import { ownRedis, sharedRedis } from '../../support/servers.js';
import { describeLossContract, describeStoreContract } from '../../support/store-contract.js';

/*
 * Reads that ask with one plain command first, always: what the contract says of a store, and what no order of readers and
 * writers may show, as `scripts.test.ts` has it of the scripts.
 */
const ALWAYS = 0;
const LEASE_MS = 60_000;

let first: OpenRedisStore;
let second: OpenRedisStore;
let client: RedisClient;

beforeAll(async () => {
  const { url, keyPrefix } = sharedRedis();
  const keys = new KeySpace(keyPrefix);
  [first, second, client] = await Promise.all([
    openRedisStore(url, keys, 'first', ALWAYS),
    openRedisStore(url, keys, 'second', ALWAYS),
    openRedisClient(url),
  ]);
});

afterAll(async () => {
  await client.flushDb();
  await Promise.all([first, second].map(({ store }) => store.close()));
  client.destroy();
});

async function openStore() {
  return {
    first: first.store,
    second: second.store,
    keys: new KeySpace(sharedRedis().keyPrefix),
    advance: (ms: number) => passOnServer(client, ms),
    lose: async (...names: string[]) => {
      await client.del(names);
    },
    loseAll: async () => {
      await client.flushDb();
    },
    close: async () => undefined,
  };
}

describeStoreContract('Redis, asked by MGET first', openStore);
describeLossContract('Redis, asked by MGET first', openStore);

describe.each(SITUATIONS.map((situation) => [situation.name, situation] as const))('%s', (_, situation) => {
  const inAnyOrder = async (clients: readonly Client[], options: RunOptions = {}): Promise<void> => {
    const arena: Arena = {
      store: first.store,
      lose: async (lost) => {
        await client.del([...lost]);
      },
    };
    const { problems, runs } = await runOrders(arena, situation satisfies Situation, clients, options);
    expect(problems).toEqual([]);
    expect(runs).toBeGreaterThan(0);
  };

  test.each([
    ['a writer', writer('w'), {}],
    ['a write that is rolled back', rollback('w'), {}],
    ['the relay of a commit by another writer', otherWriter('psql'), { inversionsToo: false }],
  ])('is never read old, whatever the order of a reader and %s', async (_who, other, options) => {
    await inAnyOrder([reader('a'), other], options);
  });

  test.each(['entry', 'versions'] as const)('is never read old, whatever is lost of: %s', async (what) => {
    await inAnyOrder([reader('a'), writer('w'), loss(what)], { views: [['warm', 'filling']] });
  });
});

describe('how often Redis is asked', () => {
  let server: Awaited<ReturnType<typeof ownRedis>>;
  let always: OpenRedisStore;
  let usual: OpenRedisStore;
  let watcher: RedisClient;
  let keys: KeySpace;
  let scope: Scope;
  const rows = { table: 'rows', schema: null };
  const key = (id: string): EntryKey => keys.entity(rows, id);
  const read = (store: OpenRedisStore, ...ids: string[]) =>
    store.store.read(scope, ids.map(key), 'a', LEASE_MS);
  const fill = async (...ids: string[]): Promise<void> => {
    const { versions } = await usual.store.read(scope, ids.map(key), 'filler', LEASE_MS);
    const value = new TextEncoder().encode('value');
    await usual.store.fill(
      scope,
      ids.map((id) => ({ key: key(id), token: 'filler', versions, value, ttlMs: LEASE_MS })),
    );
  };

  /** How many commands, and scripts among them, the server ran meanwhile for clients. */
  async function commandsOf(run: () => Promise<unknown>): Promise<{ mget: number; evalsha: number }> {
    await watcher.sendCommand(['CONFIG', 'RESETSTAT']);
    await run();
    const stats = String(await watcher.sendCommand(['INFO', 'commandstats']));
    const callsOf = (name: string) =>
      Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
    return { mget: callsOf('mget'), evalsha: callsOf('evalsha') };
  }

  beforeAll(async () => {
    // One of its own, whose counts are of nobody else.
    server = await ownRedis();
    keys = new KeySpace('plain');
    [always, usual, watcher] = await Promise.all([
      openRedisStore(server.url, keys, 'always', ALWAYS),
      openRedisStore(server.url, keys, 'usual'),
      openRedisClient(server.url),
    ]);
    scope = {
      guards: [keys.namespace, keys.rows(rows)],
      absence: keys.absence(rows),
      shape: 'shape--1',
      keyed: true,
    };
  });

  afterAll(async () => {
    await Promise.all([always.store.close(), usual.store.close()]);
    watcher.destroy();
    await server.stop();
  });

  test('is once by a plain command where all is there, and twice where something is missing', async () => {
    await fill('1', '2');
    expect(await commandsOf(() => read(always, '1', '2'))).toEqual({ mget: 1, evalsha: 0 });
    const { outcomes, roundTrips } = await read(always, '1', 'missing', '2');
    expect(outcomes.map(({ kind }) => kind)).toEqual(['hit', 'lease', 'hit']);
    expect(roundTrips).toBe(2);
  });

  test('is once by a script until most of what is asked for is there, and then by a plain command', async () => {
    const many = Array.from({ length: 100 }, (_, n) => `n${n}`);
    await fill(...many);
    // The filler has met nothing but misses.
    expect(await commandsOf(() => read(usual, ...many))).toMatchObject({ evalsha: 1 });
    expect(await commandsOf(() => read(usual, ...many))).toEqual({ mget: 1, evalsha: 0 });
  });

  test('never is by a plain command where versions depend on a rule', async () => {
    const ruled = { ...scope, guards: [...scope.guards, keys.otherRules(rows, 'rule---1')], keyed: false };
    const run = () => always.store.read(ruled, [keys.query(rows, 'findMany', 'hash')], 'a', LEASE_MS);
    expect((await commandsOf(run)).evalsha).toBe(1);
  });
});
