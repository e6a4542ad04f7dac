import { readFileSync } from 'node:fs';
import type { RedisConfig } from '../../config/index.js';
import { CacheUnavailableError, ConfigurationError } from '../../errors.js';

/** The longest pause between two attempts to connect. Readers wait for a multiple of it after an outage: `fleet/timing.ts`. */
export const MAX_RECONNECT_DELAY_MS = 250;
/** A connection on which nothing moves for so long is given up. */
export const SILENCE_MS = 5_000;

/** How long to wait before the next attempt: doubling from 25 ms, jittered, and never given up. */
export function reconnectDelayMs(
  attempt: number,
  maxRetries: number,
  random: () => number = Math.random,
): number {
  const ceiling =
    attempt >= maxRetries ? MAX_RECONNECT_DELAY_MS : Math.min(25 * 2 ** attempt, MAX_RECONNECT_DELAY_MS);
  return ceiling / 2 + (random() * ceiling) / 2;
}

/** What a connection needs of a client of node-redis, which may be another thing that behaves alike. */
export interface RedisClient {
  /** Connected, or trying to. */
  readonly isOpen: boolean;
  readonly isReady: boolean;
  on(event: RedisClientEvent, listener: (error: unknown) => void): unknown;
  once(event: RedisClientEvent, listener: (error: unknown) => void): unknown;
  removeAllListeners(): unknown;
  /** Resolves with the first connection that was made; rejects only when it is closed before. */
  connect(): Promise<unknown>;
  destroy(): void;
  ping(): Promise<unknown>;
  info(section: string): Promise<unknown>;
  evalSha(sha1: string, options: ScriptCall): Promise<unknown>;
  eval(source: string, options: ScriptCall): Promise<unknown>;
  /** Lets the next command go to a server that is taking the slot of its keys over. Only in a cluster. */
  asking?(): Promise<unknown>;
  mGet(keys: string[]): Promise<unknown>;
  publish(channel: string, message: string): Promise<unknown>;
  subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<unknown>;
}

/** `error`: an attempt failed, or a connection was lost; `end`: it was closed for good. */
export type RedisClientEvent = 'error' | 'reconnecting' | 'ready' | 'end';

/** What a script is run with. A Buffer counts as a string here. */
export interface ScriptCall {
  readonly keys: string[];
  readonly arguments: string[];
}

type NodeRedis = typeof import('@redis/client');

let nodeRedis: NodeRedis | null = null;

/**
 * Loads node-redis, without which `makeClient` makes nothing. A process that has no Redis never does: its nearly 500 files take a
 * tenth of a second.
 */
export async function loadNodeRedis(): Promise<void> {
  nodeRedis ??= await import('@redis/client');
}

/** Whether a connection could not be made in time. */
export function isConnectionTimeout(error: unknown): boolean {
  return nodeRedis !== null && error instanceof nodeRedis.ConnectionTimeoutError;
}

/**
 * What makes clients of one server, none of which is connected yet. Each needs `loadNodeRedis` before.
 *
 * @throws ConfigurationError when the file of certificates cannot be read
 */
export function clientsOf(config: RedisConfig): () => RedisClient {
  certificates(config);
  return () => makeClient(config);
}

/**
 * A client of one server, not connected yet; needs `loadNodeRedis` before. By default it never gives up to reconnect.
 *
 * @throws ConfigurationError when the file of certificates cannot be read
 */
export function makeClient(config: RedisConfig, options: { readonly reconnects?: boolean } = {}) {
  const { reconnects = true } = options;
  original ??= makeOriginal(nodeRedis);
  return original.duplicate({
    url: config.url,
    socket: {
      connectTimeout: config.connectTimeoutMs,
      // Its peer may be gone without a word. What is written counts as movement, so for the connection that commands go
      // through see `RedisConnection.ping`.
      socketTimeout: SILENCE_MS,
      reconnectStrategy: reconnects && ((attempt) => reconnectDelayMs(attempt, config.maxRetries)),
      ...certificates(config),
    },
  });
}

let original: ReturnType<typeof makeOriginal> | null = null;

/**
 * What all clients are copies of, itself never connected. Node-redis makes a class of its own for each URL, which is 50 ms of
 * computing for each server of a cluster; copies share one.
 */
function makeOriginal(library: NodeRedis | null) {
  if (library === null)
    throw new CacheUnavailableError('The client of Redis is not loaded: nothing was opened yet.');
  return library.createClient({
    // A command to a server that is gone fails at once; queued, it would wait for ever.
    disableOfflineQueue: true,
    commandOptions: {
      // Its own bounds the time before a command is sent, by an abort signal for each, which is dear; ours, in `StoreGuard`, bounds
      // all of it.
      timeout: 0,
      typeMapping: { [library.RESP_TYPES.BLOB_STRING]: Buffer },
    },
  });
}

/** The authorities that a server's certificate may come from, besides none: with a file, those of the system do not count. */
function certificates({ url, tlsCaFile }: RedisConfig): { tls?: true; ca?: Buffer } {
  if (typeof tlsCaFile !== 'string' || !url.startsWith('rediss:')) return {};
  try {
    return { tls: true, ca: readFileSync(tlsCaFile) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError([
      { variable: 'REDIS_TLS_CA', value: tlsCaFile, expected: `a PEM file that can be read (${reason})` },
    ]);
  }
}
