import { performance } from 'node:perf_hooks';
import { type Logger, maskUrl, type RedisConfig } from '../../config/index.js';
import { CacheUnavailableError } from '../../errors.js';
import { newEpoch } from '../epoch.js';
import type { ChannelListener, FleetChannel } from '../fleet/fleet-channel.js';
import type { KeySpace } from '../keys.js';
import {
  clientsOf,
  isConnectionTimeout,
  loadNodeRedis,
  type RedisClient,
  type ScriptCall,
  SILENCE_MS,
} from './redis-client.js';
import type { RedisLink, ScriptArgument } from './redis-link.js';
import { IDENTIFY, type RedisScript } from './scripts.js';

export { MAX_RECONNECT_DELAY_MS, reconnectDelayMs } from './redis-client.js';

// A server that has been up for so long, and holds no registry, was not lost a moment ago.
const SETTLED_UPTIME_SECONDS = 5;

/** The server at the other end of a new connection, to which nothing else is sent yet. */
export interface NewServer {
  readonly runId: string;
  readonly uptimeSeconds: number;
  /** Whether this is still the connection that there is. */
  readonly isCurrent: () => boolean;
  readonly run: (
    script: RedisScript,
    keys: readonly string[],
    args: readonly ScriptArgument[],
  ) => Promise<unknown>;
}

/**
 * Finds out whether a server is the one from before, and sees to it that it answers nothing that is not. Resolves to whether
 * there was no other: where there was one, writers may have been without it a moment ago.
 */
export type Identify = (server: NewServer) => Promise<boolean>;

const ANOTHER = 1;

/** Runs `identify.lua`; whether there was no other server before. */
export async function identifyBy(
  run: NewServer['run'],
  { identity, namespace, registry }: KeySpace,
  runId: string,
): Promise<boolean> {
  const answer = await run(IDENTIFY, [identity, namespace.version, registry], [runId, newEpoch()]);
  return answer !== ANOTHER;
}

/**
 * The connection to Redis that a process has, with reconnection and scripts; and a second one where it listens. Nothing
 * is sent to a server that was not asked first whether it is the one from before: see `identify.lua`.
 */
export class RedisConnection implements RedisLink, FleetChannel {
  /** Null until `open` has loaded what it is made by. */
  #client: RedisClient | null = null;
  readonly #config: RedisConfig;
  readonly #identifyServer: Identify;
  readonly #logger: Logger;
  readonly #makeClient: () => RedisClient;
  #subscriber: RedisClient | null = null;
  #closed = false;
  #opening: Promise<void> | null = null;
  #identified = false;
  #connections = 0;
  #answeredAt = performance.now();
  #serverWasUp = false;
  #onUsable: (() => void) | null = null;
  /** When the last attempt to connect that failed began, on the clock of `performance.now()`. */
  #awayAsOf = Number.NEGATIVE_INFINITY;

  /**
   * @param newClient makes what it connects by. @default a client of the server at `config.url`
   * @param identify runs on each new connection before anything else. @default `identify.lua`
   */
  constructor(
    config: RedisConfig,
    keys: KeySpace,
    logger: Logger,
    newClient: () => RedisClient = clientsOf(config),
    identify: Identify = ({ run, runId }) => identifyBy(run, keys, runId),
  ) {
    this.#config = config;
    this.#identifyServer = identify;
    this.#makeClient = newClient;
    this.#logger = logger.child({ component: 'redis' });
  }

  /** Starts connecting; resolves with the first success or the first failure, after which attempts go on. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  close(): void {
    this.#closed = true;
    for (const client of [this.#client, this.#subscriber]) if (client?.isOpen) client.destroy();
  }

  /** Asks for an answer. Where none has come to anything for long, although the connection is open, it makes another. */
  async ping(): Promise<void> {
    const client = this.#usableClient();
    if (performance.now() - this.#answeredAt > SILENCE_MS) this.#renew(client);
    await this.#usableClient().ping();
    this.#answeredAt = performance.now();
  }

  /** True once: where this process never spoke to the server before, and the server has been up for long enough. */
  takeServerWasUp(): boolean {
    const was = this.#serverWasUp;
    this.#serverWasUp = false;
    return was;
  }

  /** Runs a script by its hash; sends its source once where Redis does not know it. */
  async run(script: RedisScript, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown> {
    return this.#send(this.#usableClient(), script, keys, args);
  }

  async getAll(keys: readonly string[]): Promise<readonly (Buffer | null)[]> {
    const found = await this.#usableClient().mGet([...keys]);
    this.#answeredAt = performance.now();
    return found as readonly (Buffer | null)[];
  }

  /** Runs a script on a server of a cluster that is taking the slot of its keys over. */
  async runAsking(
    script: RedisScript,
    keys: readonly string[],
    args: readonly ScriptArgument[],
  ): Promise<unknown> {
    const client = this.#usableClient();
    // It holds for one command, so the script is sent whole, which needs no second.
    const [, reply] = await Promise.all([client.asking?.(), client.eval(script.source, callOf(keys, args))]);
    this.#answeredAt = performance.now();
    return reply;
  }

  async publish(channel: string, message: string): Promise<unknown> {
    return this.#usableClient().publish(channel, message);
  }

  /** Subscribes, now and whenever the connection was lost. */
  listen(channels: readonly string[], listener: ChannelListener): void {
    const subscriber = this.#makeClient();
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

  async #open(): Promise<void> {
    await loadNodeRedis();
    // Closed while it was loaded.
    if (this.#closed) return;
    const client = this.#makeClient();
    this.#watch(client);
    await new Promise<void>((resolve) => {
      this.#onUsable = resolve;
      client.once('error', () => resolve());
      // Rejects only when the client is closed before it ever connected; each failed attempt is an 'error' event.
      client.connect().catch(() => resolve());
    });
  }

  #renew(silent: RedisClient): void {
    this.#logger.warn('Redis has not answered for long on a connection that is open; trying another');
    this.#identified = false;
    silent.removeAllListeners();
    // It may still report how it ends, which is of no interest now.
    silent.on('error', () => undefined);
    silent.destroy();
    const client = this.#makeClient();
    this.#watch(client);
    client.connect().catch((error: unknown) => {
      this.#logger.debug(
        { reason: messageOf(error) },
        'the connection to Redis was closed before it was made',
      );
    });
  }

  async #send(
    client: RedisClient,
    script: RedisScript,
    keys: readonly string[],
    args: readonly ScriptArgument[],
  ): Promise<unknown> {
    const options = callOf(keys, args);
    try {
      const reply = await client.evalSha(script.sha1, options);
      this.#answeredAt = performance.now();
      return reply;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.eval(script.source, options);
    }
  }

  /** Takes a client as the one that commands go through. */
  #watch(client: RedisClient): void {
    this.#client = client;
    const log = this.#logger;
    const url = maskUrl(this.#config.url);
    let away = false;
    let connected = false;
    // The client emits an error for each failed attempt; one line for each outage is enough.
    client.on('error', (error: unknown) => {
      this.#identified = false;
      // That a connection was lost says nothing of the server: this process may have been stopped for long. That one could
      // not be made does.
      const tookMs = isConnectionTimeout(error) ? this.#config.connectTimeoutMs : 0;
      if (!connected) this.#awayAsOf = performance.now() - tookMs;
      connected = false;
      if (!away)
        log.warn({ reason: messageOf(error), url }, 'Redis is away; reads are answered from PostgreSQL');
      away = true;
    });
    client.on('reconnecting', () => {
      this.#identified = false;
    });
    client.on('ready', () => {
      if (away) log.info({ url }, 'Redis is back');
      away = false;
      connected = true;
      this.#awayAsOf = Number.NEGATIVE_INFINITY;
      void this.#identify(client);
    });
  }

  async #identify(client: RedisClient): Promise<void> {
    this.#connections += 1;
    const connection = this.#connections;
    try {
      const info = String(await client.info('server'));
      const runId = /^run_id:(\w+)/m.exec(info)?.[1];
      const uptime = Number(/^uptime_in_seconds:(\d+)/m.exec(info)?.[1]);
      if (runId === undefined)
        throw new CacheUnavailableError('Redis does not tell its run_id. Is it Redis 7 or later?');
      // Another connection may come meanwhile, perhaps to another server; or this one may go.
      const isCurrent = (): boolean => connection === this.#connections && client.isReady;
      const run: NewServer['run'] = (...call) => this.#send(client, ...call);
      const isFirst = await this.#identifyServer({ runId, uptimeSeconds: uptime, isCurrent, run });
      if (!isCurrent()) return;
      this.#identified = true;
      this.#answeredAt = performance.now();
      this.#serverWasUp = isFirst && connection === 1 && uptime >= SETTLED_UPTIME_SECONDS;
      this.#onUsable?.();
    } catch (error) {
      // Without an answer nothing is asked of it; where the connection broke, the next one tries again.
      this.#logger.warn(
        { reason: messageOf(error) },
        'Redis was reached, but did not say which server it is',
      );
    }
  }

  #usableClient(): RedisClient {
    if (this.#identified && this.#client !== null) return this.#client;
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

/** A Buffer counts as a string here. */
function callOf(keys: readonly string[], args: readonly ScriptArgument[]): ScriptCall {
  const parameters = args.map((arg) => (typeof arg === 'string' ? arg : asBuffer(arg)));
  return { keys: [...keys], arguments: parameters as string[] };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
