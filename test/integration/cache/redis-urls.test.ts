import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import { redisOpener } from '../../../src/cache/store/open-redis.js';
import type { RemoteStore } from '../../../src/cache/store/remote-store.js';
import { loadConfig, type RedisConfig, silentLogger } from '../../../src/config/index.js';
import { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { type Certificates, canMakeCertificates, makeCertificates } from '../../support/certificates.js';
import { someUser } from '../../support/domain.js';
import { COMMAND_PATIENCE_MS, servesInTime } from '../../support/patience.js';
import { openRedisClient, passOnServer, type RedisClient } from '../../support/redis-stores.js';
import { createDatabase, ownRedis, type TestDatabase } from '../../support/servers.js';
import { describeStoreContract, type StoreUnderTest } from '../../support/store-contract.js';

const TIMES = { maxRetries: 3, connectTimeoutMs: 2_000, commandTimeoutMs: COMMAND_PATIENCE_MS };
const PREFIX = 'shop';

type Server = Awaited<ReturnType<typeof ownRedis>>;

function openStore(config: Partial<RedisConfig> & { readonly url: string }, process = 'one'): RemoteStore {
  const keys = new KeySpace(PREFIX);
  return redisOpener({ ...TIMES, ...config })({ keys, process, logger: silentLogger });
}

async function answers({ store }: RemoteStore): Promise<boolean> {
  try {
    await store.connect();
    await store.ping();
    return true;
  } catch {
    return false;
  } finally {
    await store.close();
  }
}

const whereCertificatesCanBeMade = canMakeCertificates() ? describe : describe.skip;

whereCertificatesCanBeMade('a Redis that speaks TLS', () => {
  let certificates: Certificates;
  let server: Server;
  let port = 0;

  beforeAll(async () => {
    certificates = await makeCertificates();
    server = await ownRedis();
    const admin = await openRedisClient(server.url);
    // The plain port is the one that it was found by; the other one follows it.
    port = server.port === 65_535 ? server.port - 1 : server.port + 1;
    await admin.configSet({
      'tls-cert-file': certificates.certificate,
      'tls-key-file': certificates.key,
      'tls-ca-cert-file': certificates.ca,
      'tls-auth-clients': 'no',
    });
    await admin.configSet('tls-port', String(port));
    admin.destroy();
  });

  afterAll(async () => {
    await server?.stop();
    certificates?.remove();
  });

  const url = (): string => `rediss://127.0.0.1:${port}`;

  test('is used where REDIS_TLS_CA names the authority that signed its certificate', async () => {
    expect(await answers(openStore({ url: url(), tlsCaFile: certificates.ca }))).toBe(true);
  });

  test('is refused where nothing is known of that authority', async () => {
    expect(await answers(openStore({ url: url() }))).toBe(false);
  });

  test('is refused where its certificate is of another authority', async () => {
    const others = await makeCertificates();
    expect(await answers(openStore({ url: url(), tlsCaFile: others.ca }))).toBe(false);
    others.remove();
  });

  test('a file of certificates that cannot be read is named before anything is connected to', () => {
    expect(() => openStore({ url: url(), tlsCaFile: '/nowhere/ca.pem' })).toThrow(
      'REDIS_TLS_CA=/nowhere/ca.pem',
    );
  });
});

/** The rule of docs/stores.md, as words. */
function documentedRule(): string[] {
  const page = readFileSync('docs/stores.md', 'utf8');
  const text = /```text\n(user shop [^`]+)```/.exec(page)?.[1] ?? '';
  return text.split(/\s+/).filter((word) => word !== '');
}

describe('a user that may do what docs/stores.md says, and nothing else', () => {
  let server: Server;
  let admin: RedisClient;
  let first: RemoteStore;
  let second: RemoteStore;
  let database: TestDatabase;

  beforeAll(async () => {
    [server, database] = await Promise.all([ownRedis(), createDatabase()]);
    admin = await openRedisClient(server.url);
    const [, name = '', ...rules] = documentedRule();
    await admin.sendCommand(['ACL', 'SETUSER', name, 'reset', ...rules]);
    const config = { url: userUrl() };
    first = openStore(config, 'first');
    second = openStore(config, 'second');
    await Promise.all([first.store.connect(), second.store.connect()]);
  });

  afterAll(async () => {
    await Promise.all([first, second].map((opened) => opened?.store.close()));
    admin.destroy();
    await Promise.all([server.stop(), database.drop()]);
  });

  const userUrl = (password = 'password'): string => `redis://shop:${password}@127.0.0.1:${server.port}/2`;

  async function open(): Promise<StoreUnderTest> {
    await admin.sendCommand(['SELECT', '2']);
    await admin.flushDb();
    return {
      first: first.store,
      second: second.store,
      keys: new KeySpace(PREFIX),
      advance: (ms) => passOnServer(admin, ms),
      close: async () => undefined,
    };
  }

  describeStoreContract('a user with few rights', open);

  test('is refused with a wrong password', async () => {
    expect(await answers(openStore({ url: userUrl('wrong') }))).toBe(false);
    expect(await answers(openStore({ url: userUrl() }))).toBe(true);
  });

  test('runs repositories with near caches, of which each hears the other, without one refusal', async () => {
    await admin.sendCommand(['ACL', 'LOG', 'RESET']);
    const factories = [1, 2].map(
      () =>
        new DomainRepositoryFactory({
          config: loadConfig({
            NODE_ENV: 'test',
            DATABASE_URL: database.url,
            DB_POOL_MAX: '2',
            CACHE_PREFIX: PREFIX,
            REDIS_URL: userUrl(),
            REDIS_COMMAND_TIMEOUT: String(COMMAND_PATIENCE_MS),
          }),
        }),
    );
    try {
      for (const factory of factories) {
        await factory.initialize();
        expect(await servesInTime(factory.cache)).toBe(true);
      }
      const [one, two] = factories as [DomainRepositoryFactory, DomainRepositoryFactory];
      const { id } = await someUser(one);
      await two.getUserRepository().findById(id);
      await one.getUserRepository().update(id, { username: 'other' });
      expect((await two.getUserRepository().findById(id))?.username).toBe('other');
      await two.getUserRepository().findMany({});
      const { queryCount } = two.pool.getPoolStatistics();
      expect((await two.getUserRepository().findById(id))?.username).toBe('other');
      expect(two.pool.getPoolStatistics().queryCount).toBe(queryCount);
    } finally {
      await Promise.all(factories.map((factory) => factory.shutdown()));
    }
    const refusals = await admin.sendCommand<unknown[]>(['ACL', 'LOG']);
    // Asked from Redis 7.2 on, whatever comes of it.
    expect(
      refusals
        .map((refusal) => JSON.stringify(refusal))
        .filter((refusal) => !refusal.includes('client|setinfo')),
    ).toEqual([]);
  });

  test('has no right that no script and no connection needs, and what a cluster needs besides is named', () => {
    const connection = ['ping', 'info', 'select', 'evalsha', 'eval', 'publish', 'subscribe'];
    const needed = new Set([...connection, ...commandsOf((name) => !name.includes('cluster'))]);
    const granted = documentedRule().filter((word) => word.startsWith('+'));
    expect(granted.toSorted()).toEqual([...needed].map((command) => `+${command}`).toSorted());

    const besides = /with a cluster `([^`]+)`/.exec(readFileSync('docs/stores.md', 'utf8'))?.[1]?.split(' ');
    const inCluster = commandsOf((name) => name.includes('cluster')).filter(
      (command) => !needed.has(command),
    );
    expect(besides?.toSorted()).toEqual(
      [...new Set(['asking', ...inCluster])].map((command) => `+${command}`).toSorted(),
    );
  });
});

/** What the scripts of these names call; the names of commands on sets are passed to one. */
function commandsOf(has: (name: string) => boolean): string[] {
  const folder = 'src/cache/store/lua';
  const calls = readdirSync(folder)
    .filter(has)
    .flatMap((name) => [...readFileSync(`${folder}/${name}`, 'utf8').matchAll(/redis\.call\('([A-Z]+)'/g)])
    .map(([, command = '']) => command.toLowerCase());
  return has('each-members.lua') ? [...calls, 'sadd', 'srem'] : calls;
}
