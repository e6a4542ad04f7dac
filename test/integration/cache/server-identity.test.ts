import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import { eventually } from '../../support/eventually.js';
import { openRedisClient, openRedisStore, type RedisClient } from '../../support/redis-stores.js';
import { sharedRedis } from '../../support/servers.js';

describe('a process that comes to a server which has been up for long', () => {
  let client: RedisClient;
  let keys: KeySpace;
  let url: string;

  beforeEach(async () => {
    const shared = sharedRedis();
    url = shared.url;
    keys = new KeySpace(shared.keyPrefix);
    client = await openRedisClient(url);
    await eventually(
      async () => Number(/uptime_in_seconds:(\d+)/.exec(await client.info('server'))?.[1]),
      (seconds) => seconds >= 5,
      10_000,
    );
  });
  afterEach(() => client.destroy());

  const wasUp = async (): Promise<boolean> => {
    const { connection, store } = await openRedisStore(url, keys, 'one');
    try {
      return connection.takeServerWasUp();
    } finally {
      await store.close();
    }
  };

  test('knows that there was no outage, where it is the first or the server the same', async () => {
    expect(await wasUp()).toBe(true);
    expect(await wasUp()).toBe(true);
  });

  test('does not, where there was another server before: it may have been promoted a moment ago', async () => {
    await client.set(keys.identity, 'another');
    expect(await wasUp()).toBe(false);
    expect(await wasUp()).toBe(true);
  });
});
