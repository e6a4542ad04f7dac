import { createClient } from 'redis';
import type { KeySpace } from '../../src/cache/keys.js';
import { RedisConnection } from '../../src/cache/store/redis-connection.js';
import { RedisStore } from '../../src/cache/store/redis-store.js';
import { silentLogger } from '../../src/config/index.js';
import { eventually } from './eventually.js';
import { COMMAND_PATIENCE_MS } from './patience.js';

/** A store over Redis as one process has it, with the connection that it speaks through. */
export interface OpenRedisStore {
  readonly store: RedisStore;
  readonly connection: RedisConnection;
}

/** Opens a store over a connection of its own. */
export async function openRedisStore(
  url: string,
  keys: KeySpace,
  process: string,
  plainReadsFrom?: number,
): Promise<OpenRedisStore> {
  const settings = { url, maxRetries: 3, connectTimeoutMs: 10_000, commandTimeoutMs: COMMAND_PATIENCE_MS };
  const connection = new RedisConnection(settings, keys, silentLogger);
  const store = new RedisStore(connection, keys, process, settings.commandTimeoutMs, 'redis', plainReadsFrom);
  await store.connect();
  return { store, connection };
}

/** A plain client, for what a test does behind the back of the store: losing a key, looking at an expiry. */
export async function openRedisClient(url: string) {
  const client = createClient({ url });
  await client.connect();
  return client;
}

export type RedisClient = Awaited<ReturnType<typeof openRedisClient>>;

/** Resolves when so much time has passed on the clock of the server, which is the one that its expiries follow. */
export async function passOnServer(client: RedisClient, ms: number): Promise<void> {
  const startedAt = await serverNow(client);
  await eventually(
    () => serverNow(client),
    (now) => now - startedAt >= ms,
    ms + 5_000,
  );
}

async function serverNow(client: RedisClient): Promise<number> {
  const [seconds, microseconds] = await client.sendCommand<string[]>(['TIME']);
  return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
}
