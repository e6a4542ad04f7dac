import { describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import { RedisConnection } from '../../../src/cache/redis-connection.js';
import { RedisStore } from '../../../src/cache/redis-store.js';
import { silentLogger } from '../../../src/config/index.js';
import { ownRedis, sharedRedis } from '../../support/servers.js';
import { describeStoreContract } from '../../support/store-contract.js';

function openStore(url: string): RedisStore {
  const settings = { url, maxRetries: 3, connectTimeoutMs: 2_000, commandTimeoutMs: 250 };
  return new RedisStore(new RedisConnection(settings, silentLogger));
}

describeStoreContract('Redis', async () => {
  const { url, keyPrefix } = sharedRedis();
  const [first, second] = [openStore(url), openStore(url)];
  await Promise.all([first.connect(), second.connect()]);
  return {
    first,
    second,
    prefix: keyPrefix,
    // Redis keeps its own time; the contract then asks until it has passed.
    advance: async () => undefined,
    close: async () => {
      await Promise.all([first.close(), second.close()]);
    },
  };
});

describe('the Redis store', () => {
  test('fails at once, and queues nothing, while the server is away; works again when it is back', async () => {
    const server = await ownRedis();
    const store = openStore(server.url);
    try {
      await store.connect();
      await store.ping();
      await server.kill('SIGKILL');
      const startedAt = performance.now();
      await expect(store.ping()).rejects.toThrow();
      await expect(store.ping()).rejects.toThrow();
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    } finally {
      await store.close();
      await server.stop();
    }
  });

  test('treats an epoch that was lost as changed', async () => {
    const { url, keyPrefix } = sharedRedis();
    const store = openStore(url);
    await store.connect();
    try {
      const keys = new KeySpace(keyPrefix, 'shape');
      const [scope, key] = [keys.scope('User'), keys.entry('User', '1')];
      const { guard } = await store.read(scope, [key], 'a', 60_000);
      await store.fill(scope, [{ key, token: 'a', guard, value: new Uint8Array([1]), ttlMs: 60_000 }]);
      const connection = new RedisConnection(
        { url, maxRetries: 3, connectTimeoutMs: 2_000, commandTimeoutMs: 250 },
        silentLogger,
      );
      await connection.open();
      await connection.set(scope.epochKey, '');
      connection.close();
      const after = await store.read(scope, [key], 'b', 60_000);
      expect(after.guard).not.toBe(guard);
      expect(after.outcomes[0]?.kind).not.toBe('hit');
    } finally {
      await store.close();
    }
  });
});
