import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeySpace } from '../../../src/cache/keys.js';
import { RedisStore } from '../../../src/cache/store/redis-store.js';
import type { Scope } from '../../../src/cache/store/shared-store.js';
import { loadUpstashClient } from '../../../src/cache/store/upstash/load-client.js';
import { UpstashLink } from '../../../src/cache/store/upstash/upstash-link.js';
import { type Logger, loadConfig, silentLogger, type UpstashConfig } from '../../../src/config/index.js';
import { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { WiringError } from '../../../src/errors.js';
import { someProject, someUser } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { COMMAND_PATIENCE_MS, servesInTime } from '../../support/patience.js';
import { openRedisClient, passOnServer, type RedisClient } from '../../support/redis-stores.js';
import { createDatabase, ownRedis, sharedRedis, type TestDatabase } from '../../support/servers.js';
import {
  describeLossContract,
  describeStoreContract,
  type Loss,
  type StoreUnderTest,
} from '../../support/store-contract.js';
import { UpstashServer } from '../../support/upstash-server.js';

const TIMES = { connectTimeoutMs: 2_000, commandTimeoutMs: COMMAND_PATIENCE_MS };

function linkTo(server: UpstashServer, keys: KeySpace, more: Partial<UpstashConfig> = {}): UpstashLink {
  return new UpstashLink({ url: server.url, token: server.token, ...TIMES, ...more }, keys, silentLogger);
}

function storeOver(link: UpstashLink, keys: KeySpace, process: string): RedisStore {
  return new RedisStore(link, keys, process, TIMES.commandTimeoutMs, 'upstash');
}

/** What is logged from `warn` on. */
function recording(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const note = (context: object | string, message = ''): void => {
    lines.push(`${message} ${JSON.stringify(context)}`);
  };
  const logger: Logger = { ...silentLogger, warn: note, error: note, child: () => logger };
  return { logger, lines };
}

describe('over a service that stands', () => {
  let service: UpstashServer;
  let client: RedisClient;
  let first: RedisStore;
  let second: RedisStore;

  beforeAll(async () => {
    const { url, keyPrefix } = sharedRedis();
    service = await UpstashServer.start(url);
    client = await openRedisClient(url);
    const keys = new KeySpace(keyPrefix);
    first = storeOver(linkTo(service, keys), keys, 'first');
    second = storeOver(linkTo(service, keys), keys, 'second');
    await Promise.all([first.connect(), second.connect()]);
  });

  afterAll(async () => {
    await Promise.all([first.close(), second.close()]);
    await service.stop();
    client.destroy();
  });

  async function openShared(): Promise<StoreUnderTest & Loss> {
    return {
      first,
      second,
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

  describeStoreContract('Upstash', openShared);
  describeLossContract('Upstash', openShared);

  test('any bytes come back as they were, under any name', async () => {
    const keys = new KeySpace(sharedRedis().keyPrefix);
    const things = { table: 'things', schema: null };
    const scope: Scope = {
      guards: [keys.namespace, keys.rows(things)],
      absence: null,
      shape: 'shape--1',
      keyed: true,
    };
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ unit: 'grapheme', minLength: 1 }).filter((id) => id.isWellFormed()),
        fc.nat(),
        async (value, id, n) => {
          const key = keys.entity(things, `${n}:${id}`);
          await first.lift({ keys: [key], guards: [] }, 'w');
          const { versions, outcomes } = await first.read(scope, [key], 'a', 60_000);
          expect(outcomes).toEqual([{ kind: 'lease' }]);
          expect(await first.fill(scope, [{ key, token: 'a', versions, value, ttlMs: 60_000 }])).toBe(1);
          const read = await second.read(scope, [key], 'b', 60_000);
          expect(read.outcomes.map((o) => o.kind === 'hit' && [...o.value])).toEqual([[...value]]);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('each operation is one command, once the service knows the scripts', async () => {
    const keys = new KeySpace(sharedRedis().keyPrefix);
    const targets = { keys: [keys.entity({ table: 'things', schema: null }, '1')], guards: [] };
    await first.fence(targets, 'w', 1_000);
    await first.lift(targets, 'w');
    const before = service.commands.length;
    await first.fence(targets, 'w', 1_000);
    await first.lift(targets, 'w');
    expect(service.commands.slice(before)).toEqual(['evalsha', 'evalsha']);
  });

  test('a service that forgot its scripts is given them again', async () => {
    const keys = new KeySpace(sharedRedis().keyPrefix);
    await client.scriptFlush();
    await first.fence(
      { keys: [keys.entity({ table: 'things', schema: null }, '1')], guards: [] },
      'w',
      1_000,
    );
    expect(service.commands.slice(-2)).toEqual(['evalsha', 'eval']);
  });

  test('what a failure says holds neither keys nor values', async () => {
    const keys = new KeySpace(sharedRedis().keyPrefix);
    const things = { table: 'things', schema: null };
    await client.lPush(keys.rows(things).version, 'x');
    const scope: Scope = {
      guards: [keys.namespace, keys.rows(things)],
      absence: null,
      shape: 'shape--1',
      keyed: true,
    };
    const reading = first.read(scope, [keys.entity(things, 'private')], 'a', 1_000);
    const error = await reading.catch((reason: unknown) => reason);
    expect(String(error)).toContain('WRONGTYPE');
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('private');
    // An answer that refuses one operation is no outage.
    await expect(first.ping()).resolves.toBeUndefined();
  });

  test('a service that does not tell which server answers is used all the same', async () => {
    const nameless = await UpstashServer.start(sharedRedis().url, { tellsRunId: false });
    const keys = new KeySpace(sharedRedis().keyPrefix);
    const link = linkTo(nameless, keys);
    try {
      await link.open();
      await expect(
        storeOver(link, keys, 'one').fence({ keys: [], guards: [] }, 'w', 1_000),
      ).resolves.toBeDefined();
      expect(await client.get(keys.identity)).toBe('upstash');
      expect(link.takeServerWasUp()).toBe(false);
    } finally {
      link.close();
      await nameless.stop();
    }
  });
});

describe('when the service fails', () => {
  const keys = new KeySpace('own');
  const targets = { keys: [], guards: [keys.namespace] };

  test('it is asked who it is again, and another server is given a new epoch before anything is read', async () => {
    const redis = await ownRedis({ appendOnly: true });
    const service = await UpstashServer.start(redis.url);
    const link = linkTo(service, keys);
    const store = storeOver(link, keys, 'one');
    try {
      await store.connect();
      const scope: Scope = { guards: [keys.namespace], absence: null, shape: 'shape--1', keyed: false };
      const before = await store.read(scope, ['{own}:a'], 'a', 60_000);
      await redis.kill();
      await expect(store.fence(targets, 'w', 1_000)).rejects.toMatchObject({ code: 'CACHE_UNAVAILABLE' });
      const sent = service.commands.length;
      await expect(store.fence(targets, 'w', 1_000)).rejects.toThrow('Nothing is asked of it');
      expect(service.commands).toHaveLength(sent);
      await redis.start();
      await eventually(
        () =>
          store.ping().then(
            () => true,
            () => false,
          ),
        (answers) => answers,
      );
      const after = await store.read(scope, ['{own}:a'], 'b', 60_000);
      expect(after.outcomes).toEqual([{ kind: 'lease' }]);
      expect(after.versions.prefix).not.toBe(before.versions.prefix);
    } finally {
      await store.close();
      await service.stop();
      await redis.stop();
    }
  });

  test('a package that is not installed is named when the cache is connected to', async () => {
    const config = { url: 'http://127.0.0.1:1', token: 't', ...TIMES };
    const missing = new WiringError('run `npm install @upstash/redis`');
    const link = new UpstashLink(config, keys, silentLogger, () => Promise.reject(missing));
    await expect(link.open()).rejects.toBe(missing);
    await expect(link.run({ source: '', sha1: '' }, [], [])).rejects.toMatchObject({
      code: 'CACHE_UNAVAILABLE',
    });
    await expect(loadUpstashClient(config)).resolves.toBeDefined();
  });
});

describe('repositories over Upstash', () => {
  let database: TestDatabase;
  let service: UpstashServer;
  let factories: DomainRepositoryFactory[];

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    service = await UpstashServer.start(sharedRedis().url);
    factories = [];
  });
  afterEach(async () => {
    service.resume();
    await Promise.all(factories.map((factory) => factory.shutdown()));
    await service.stop();
  });

  async function processOver(
    prefix: string,
    more: Record<string, string> = {},
    logger: Logger = silentLogger,
  ): Promise<DomainRepositoryFactory> {
    const config = loadConfig({
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      DB_POOL_MAX: '3',
      CACHE_PREFIX: prefix,
      UPSTASH_REDIS_REST_URL: service.url,
      UPSTASH_REDIS_REST_TOKEN: service.token,
      REDIS_COMMAND_TIMEOUT: String(COMMAND_PATIENCE_MS),
      ...more,
    });
    const factory = new DomainRepositoryFactory({ config, logger });
    factories.push(factory);
    await factory.initialize();
    return factory;
  }

  test('what one process wrote the other reads at once, and what one read the other has from the cache', async () => {
    const { keyPrefix } = sharedRedis();
    const [one, two] = await Promise.all([processOver(keyPrefix), processOver(keyPrefix)]);
    await Promise.all([one, two].map((factory) => servesInTime(factory.cache)));
    expect(one.cache.tier).toBe('upstash');
    const { id } = await someProject(one);
    for (let round = 0; round < 5; round += 1) {
      const [writer, reader] = round % 2 === 0 ? [one, two] : [two, one];
      await writer.getProjectRepository().update(id, { name: `name ${round}` });
      expect((await reader.getProjectRepository().findById(id))?.name).toBe(`name ${round}`);
      const { queryCount } = writer.pool.getPoolStatistics();
      expect((await writer.getProjectRepository().findById(id))?.name).toBe(`name ${round}`);
      expect(writer.pool.getPoolStatistics().queryCount).toBe(queryCount);
    }
  });

  test('a wrong token leaves the cache out with one clear line, and no request is hurt', async () => {
    const { logger, lines } = recording();
    const factory = await processOver(
      sharedRedis().keyPrefix,
      { UPSTASH_REDIS_REST_TOKEN: 'not-the-token' },
      logger,
    );
    const { id } = await someUser(factory);
    await factory.getUserRepository().update(id, { username: 'other' });
    expect((await factory.getUserRepository().findById(id))?.username).toBe('other');
    const told = lines.filter((line) => line.includes('UPSTASH_REDIS_REST_TOKEN'));
    expect(told).toHaveLength(1);
    expect(lines.join()).not.toContain('not-the-token');
  });

  test('a service that hangs costs one timeout, and then nothing', async () => {
    const timeoutMs = 2_000;
    const factory = await processOver(sharedRedis().keyPrefix, { REDIS_COMMAND_TIMEOUT: String(timeoutMs) });
    await servesInTime(factory.cache);
    const { id } = await someUser(factory);
    await factory.getUserRepository().findById(id);
    service.hang();
    const startedAt = performance.now();
    expect(await factory.getUserRepository().findById(id)).not.toBeNull();
    const hungAt = performance.now();
    expect(hungAt - startedAt).toBeLessThan(2 * timeoutMs);
    for (let n = 0; n < 20; n += 1) expect(await factory.getUserRepository().findById(id)).not.toBeNull();
    expect(performance.now() - hungAt).toBeLessThan(2 * timeoutMs);
    service.resume();
    expect(await servesInTime(factory.cache)).toBe(true);
  });
});
