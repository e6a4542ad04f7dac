import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import type { RemoteStore } from '../../../src/cache/store/remote-store.js';
import { identifyMaster } from '../../../src/cache/store/sentinel/identify-master.js';
import { MasterFinder } from '../../../src/cache/store/sentinel/master-finder.js';
import { sentinelOpener } from '../../../src/cache/store/sentinel/open-sentinel.js';
import { loadConfig, silentLogger } from '../../../src/config/index.js';
import { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { someUser } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { COMMAND_PATIENCE_MS, servesInTime } from '../../support/patience.js';
import { SentinelGroup } from '../../support/redis-sentinel.js';
import {
  openRedisClient,
  openRedisStore,
  passOnServer,
  type RedisClient,
} from '../../support/redis-stores.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';
import {
  describeLossContract,
  describeStoreContract,
  type Loss,
  type StoreUnderTest,
} from '../../support/store-contract.js';

const TIMES = { maxRetries: 10, connectTimeoutMs: 2_000, commandTimeoutMs: COMMAND_PATIENCE_MS };

function configOf(group: SentinelGroup, urls = group.urls) {
  return { url: group.serverUrl, urls, master: group.master, ...TIMES };
}

describe('a master that stays', () => {
  let group: SentinelGroup;
  let client: RedisClient;
  let first: RemoteStore;
  let second: RemoteStore;

  beforeAll(async () => {
    group = await SentinelGroup.start();
    client = await openRedisClient(group.urlOf(await group.currentMaster()));
    const keys = new KeySpace(sharedRedis().keyPrefix);
    const open = sentinelOpener(configOf(group));
    first = open({ keys, process: 'first', logger: silentLogger });
    second = open({ keys, process: 'second', logger: silentLogger });
    await Promise.all([first.store.connect(), second.store.connect()]);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([first, second].map(({ store }) => store.close()));
    client.destroy();
    await group.stop();
  });

  async function openShared(): Promise<StoreUnderTest & Loss> {
    return {
      first: first.store,
      second: second.store,
      keys: new KeySpace(sharedRedis().keyPrefix),
      advance: (ms) => passOnServer(client, ms),
      lose: async (...names) => {
        await client.del(names);
      },
      loseAll: async () => {
        await client.flushDb();
      },
      close: async () => undefined,
    };
  }

  describeStoreContract('Redis with Sentinel', openShared);
  describeLossContract('Redis with Sentinel', openShared);

  test('is found by the sentinels that answer, with what the URL says of user and database', async () => {
    const { port } = await group.currentMaster();
    const dead = 'redis://127.0.0.1:1';
    const finder = new MasterFinder({ ...configOf(group, [dead, ...group.urls]), url: 'redis://u:p@x/3' });
    expect(await finder.find()).toBe(`redis://u:p@127.0.0.1:${port}/3`);
  });

  test('is not found where the sentinels know no master of this name, or want another password', async () => {
    const unknown = new MasterFinder({ ...configOf(group), master: 'other' });
    await expect(unknown.find()).rejects.toThrow('it knows no master of this name');
    const url = new URL(group.urls[0] ?? '');
    url.password = 'wrong';
    const refused = await new MasterFinder(configOf(group, [url.href]))
      .find()
      .catch((error: unknown) => error);
    expect(String(refused)).toContain('WRONGPASS');
    expect(String(refused)).not.toContain(':wrong@');
  });
});

test('who comes over from another master invalidates what was cached before on this one', async () => {
  const { url, keyPrefix } = sharedRedis();
  const keys = new KeySpace(keyPrefix);
  const { connection, store } = await openRedisStore(url, keys, 'one');
  const scope = { guards: [keys.namespace], absence: null, shape: 'shape--1', keyed: false };
  const key = keys.query({ table: 'things', schema: null }, 'findMany', 'x');
  const look = async () => (await store.read(scope, [key], 'looker', 60_000)).outcomes[0]?.kind;
  const put = async (): Promise<void> => {
    await store.lift({ keys: [key], guards: [] }, 'w');
    const { versions } = await store.read(scope, [key], 'a', 60_000);
    const value = new TextEncoder().encode('value');
    expect(await store.fill(scope, [{ key, token: 'a', versions, value, ttlMs: 60_000 }])).toBe(1);
  };
  const met = (runId: string) => ({
    runId,
    uptimeSeconds: 1,
    isCurrent: () => true,
    run: (...call: Parameters<typeof connection.run>) => connection.run(...call),
  });
  try {
    const [early, late] = [identifyMaster(keys, 'early'), identifyMaster(keys, 'late')];
    await late(met('old'));
    await put();
    await early(met('new'));
    expect(await look()).toBe('lease');
    await put();
    await early(met('new'));
    expect(await look()).toBe('hit');
    await late(met('new'));
    expect(await look()).toBe('lease');
  } finally {
    await store.close();
  }
});

describe('repositories over sentinels', () => {
  let database: TestDatabase;
  let group: SentinelGroup;
  let factories: DomainRepositoryFactory[];

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    group = await SentinelGroup.start();
    factories = [];
  }, 120_000);
  afterEach(async () => {
    await Promise.all(factories.map((factory) => factory.shutdown()));
    await group.stop();
  }, 120_000);

  async function processOver(prefix: string): Promise<DomainRepositoryFactory> {
    const config = loadConfig({
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      DB_POOL_MAX: '3',
      CACHE_PREFIX: prefix,
      REDIS_URL: group.serverUrl,
      REDIS_SENTINEL_URLS: group.urls.join(','),
      REDIS_SENTINEL_MASTER: group.master,
      REDIS_COMMAND_TIMEOUT: '1000',
    });
    const factory = new DomainRepositoryFactory({ config });
    factories.push(factory);
    await factory.initialize();
    expect(await servesInTime(factory.cache)).toBe(true);
    return factory;
  }

  /** Whether both read this from the cache alone. */
  async function bothHit(id: string): Promise<boolean> {
    const sql = () => factories.reduce((sum, { pool }) => sum + pool.getPoolStatistics().queryCount, 0);
    const before = sql();
    for (const factory of factories) await factory.getUserRepository().findById(id);
    return sql() === before;
  }

  test.each([
    ['the master is killed', async () => (await group.currentMaster()).kill()],
    ['the master hangs', async () => (await group.currentMaster()).pause()],
    ['a replica is made the master while the master runs', () => group.failover()],
  ])(
    'when %s, reads and writes go on, nothing old is read, and there are hits again',
    async (_, change) => {
      const { keyPrefix } = sharedRedis();
      const [one, two] = [await processOver(keyPrefix), await processOver(keyPrefix)];
      expect(one.cache.tier).toBe('redis-sentinel');
      const { id } = await someUser(one);
      const before = (await group.currentMaster()).port;

      let count = 0;
      let changed = false;
      const writeAndRead = async (): Promise<void> => {
        count += 1;
        const [writer, reader] = count % 2 === 0 ? [one, two] : [two, one];
        await writer.getUserRepository().update(id, { username: `name ${count}` });
        for (const factory of [reader, writer]) {
          expect((await factory.getUserRepository().findById(id))?.username).toBe(`name ${count}`);
        }
      };
      for (let n = 0; n < 10; n += 1) await writeAndRead();
      const changing = change().then(() => {
        changed = true;
      });
      await eventually(
        async () => {
          await writeAndRead();
          return changed && (await group.currentMaster()).port !== before;
        },
        (moved) => moved,
        60_000,
      );
      await changing;
      // A newcomer knows the new master alone.
      const three = await processOver(keyPrefix);
      for (let n = 0; n < 50; n += 1) {
        await writeAndRead();
        expect((await three.getUserRepository().findById(id))?.username).toBe(`name ${count}`);
      }
      await eventually(
        () => bothHit(id),
        (hit) => hit,
        60_000,
      );
    },
    180_000,
  );
});
