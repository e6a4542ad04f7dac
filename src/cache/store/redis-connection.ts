import { performance } from 'node:perf_hooks';
import { ConnectionTimeoutError, createClient, RESP_TYPES } from 'redis';
import { type Logger, maskUrl, type RedisConfig } from '../../config/index.js';
import { CacheUnavailableError } from '../../errors.js';
import { newEpoch } from '../epoch.js';
import type { KeySpace } from '../keys.js';
import { IDENTIFY, type RedisScript } from './scripts.js';

/** The longest pause between two attempts to connect. Readers wait for a multiple of it after an outage: `fleet/timing.ts`. */
export const MAX_RECONNECT_DELAY_MS = 250;
const SILENCE_MS = 5_000;
// A server that has been up for so long, and holds no registry, was not lost a moment ago.
const SETTLED_UPTIME_SECONDS = 5;

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

function makeClient(config: RedisConfig) {
  return createClient({
    url: config.url,
    // A command to a server that is gone fails at once; queued, it would wait for ever.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: config.connectTimeoutMs,
      // A connection on which nothing moves is given up: its peer may be gone without a word. What is written counts as
      // movement, so for the connection that commands go through see `ping`.
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (attempt) => reconnectDelayMs(attempt, config.maxRetries),
    },
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
}

/** Listens on channels through a connection of its own. */
export interface RedisListener {
  /** Called in the order in which the messages were published. */
  onMessage(channel: string, message: string): void;
  /** Messages may be missing from now on, until one comes again. */
  onLost(): void;
}

/**
 * The connection to Redis that a process has, with reconnection and scripts; and a second one where it listens. Nothing
 * is sent to a server that was not asked first whether it is the one from before: see `identify.lua`.
 */
export class RedisConnection {
  #client: ReturnType<typeof makeClient>;
  readonly #config: RedisConfig;
  readonly #keys: KeySpace;
  readonly #logger: Logger;
  #subscriber: ReturnType<typeof makeClient> | null = null;
  #opening: Promise<void> | null = null;
  #identified = false;
  #connections = 0;
  #answeredAt = performance.now();
  #serverWasUp = false;
  #onUsable: (() => void) | null = null;
  /** When the last attempt to connect that failed began, on the clock of `performance.now()`. */
  #awayAsOf = Number.NEGATIVE_INFINITY;

  constructor(config: RedisConfig, keys: KeySpace, logger: Logger) {
    this.#config = config;
    this.#keys = keys;
    this.#client = makeClient(config);
    this.#logger = logger.child({ component: 'redis' });
    this.#watch();
  }

  /** Starts connecting; resolves with the first success or the first failure, after which attempts go on. */
  open(): Promise<void> {
    this.#opening ??= new Promise((resolve) => {
      this.#onUsable = resolve;
      this.#client.once('error', () => resolve());
      // Rejects only when the client is closed before it ever connected; each failed attempt is an 'error' event.
      this.#client.connect().catch(() => resolve());
    });
    return this.#opening;
  }

  close(): void {
    for (const client of [this.#client, this.#subscriber]) if (client?.isOpen) client.destroy();
  }

  /** Asks for an answer. Where none has come to anything for long, although the connection is open, it makes another. */
  async ping(): Promise<void> {
    this.#assertUsable();
    if (performance.now() - this.#answeredAt > SILENCE_MS) this.#renew();
    this.#assertUsable();
    await this.#client.ping();
    this.#answeredAt = performance.now();
  }

  /** True once: where this process never spoke to the server before, and the server has been up for long enough. */
  takeServerWasUp(): boolean {
    const was = this.#serverWasUp;
    this.#serverWasUp = false;
    return was;
  }

  /** Runs a script by its hash; sends its source once where Redis does not know it. */
  async run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | Uint8Array)[],
  ): Promise<unknown> {
    this.#assertUsable();
    return this.#send(script, keys, args);
  }

  publish(channel: string, message: string): Promise<unknown> {
    this.#assertUsable();
    return this.#client.publish(channel, message);
  }

  /** Subscribes, now and whenever the connection was lost. */
  listen(channels: readonly string[], listener: RedisListener): void {
    const subscriber = makeClient(this.#config);
    this.#subscriber = subscriber;
    const lost = (): void => listener.onLost();
    subscriber.on('error', lost);
    subscriber.on('reconnecting', lost);
    subscriber.on('end', lost);
    subscriber
      .connect()
      .then(
        () =>
          subscriber.subscribe([...channels], (message, channel) =>
            listener.onMessage(String(channel), String(message)),
          ),
        () => undefined,
      )
      .catch(lost);
  }

  #renew(): void {
    this.#logger.warn('Redis has not answered for long on a connection that is open; trying another');
    this.#identified = false;
    const silent = this.#client;
    silent.removeAllListeners();
    // It may still report how it ends, which is of no interest now.
    silent.on('error', () => undefined);
    silent.destroy();
    this.#client = makeClient(this.#config);
    this.#watch();
    this.#client.connect().catch((error: unknown) => {
      this.#logger.debug(
        { reason: messageOf(error) },
        'the connection to Redis was closed before it was made',
      );
    });
  }

  async #send(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | Uint8Array)[],
  ): Promise<unknown> {
    const parameters = args.map((arg) => (typeof arg === 'string' ? arg : asBuffer(arg)));
    const options = { keys: [...keys], arguments: parameters as string[] };
    try {
      const reply = await this.#client.evalSha(script.sha1, options);
      this.#answeredAt = performance.now();
      return reply;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.#client.eval(script.source, options);
    }
  }

  #watch(): void {
    const log = this.#logger;
    const url = maskUrl(this.#config.url);
    let away = false;
    let connected = false;
    // The client emits an error for each failed attempt; one line for each outage is enough.
    this.#client.on('error', (error: unknown) => {
      this.#identified = false;
      // That a connection was lost says nothing of the server: this process may have been stopped for long. That one could
      // not be made does.
      const tookMs = error instanceof ConnectionTimeoutError ? this.#config.connectTimeoutMs : 0;
      if (!connected) this.#awayAsOf = performance.now() - tookMs;
      connected = false;
      if (!away)
        log.warn({ reason: messageOf(error), url }, 'Redis is away; reads are answered from PostgreSQL');
      away = true;
    });
    this.#client.on('reconnecting', () => {
      this.#identified = false;
    });
    this.#client.on('ready', () => {
      if (away) log.info({ url }, 'Redis is back');
      away = false;
      connected = true;
      this.#awayAsOf = Number.NEGATIVE_INFINITY;
      void this.#identify();
    });
  }

  async #identify(): Promise<void> {
    this.#connections += 1;
    const connection = this.#connections;
    try {
      const info = String(await this.#client.info('server'));
      const runId = /^run_id:(\w+)/m.exec(info)?.[1];
      const uptime = Number(/^uptime_in_seconds:(\d+)/m.exec(info)?.[1]);
      if (runId === undefined)
        throw new CacheUnavailableError('Redis does not tell its run_id. Is it Redis 7 or later?');
      const { identity, namespace, registry } = this.#keys;
      await this.#send(IDENTIFY, [identity, namespace.version, registry], [runId, newEpoch()]);
      // Another connection may have come meanwhile, perhaps to another server; or this one may have gone.
      if (connection !== this.#connections || !this.#client.isReady) return;
      this.#identified = true;
      this.#answeredAt = performance.now();
      this.#serverWasUp = connection === 1 && uptime >= SETTLED_UPTIME_SECONDS;
      this.#onUsable?.();
    } catch (error) {
      // Without an answer nothing is asked of it; where the connection broke, the next one tries again.
      this.#logger.warn(
        { reason: messageOf(error) },
        'Redis was reached, but did not say which server it is',
      );
    }
  }

  #assertUsable(): void {
    if (this.#identified) return;
    throw new CacheUnavailableError(
      'Redis is not connected. Commands are refused, not queued, until it is.',
      {
        context: { awayAsOf: this.#awayAsOf },
      },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
