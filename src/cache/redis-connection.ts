import { createClient, RESP_TYPES } from 'redis';
import { type Logger, maskUrl } from '../config/index.js';
import type { RedisConfig } from '../config/types.js';
import type { RedisScript } from './redis-scripts.js';

const SLOW_RETRY_MS = 5_000;

/** How long to wait before the next attempt: doubling from 50 ms, jittered; rare after `maxRetries`, but never given up. */
export function reconnectDelayMs(
  attempt: number,
  maxRetries: number,
  random: () => number = Math.random,
): number {
  if (attempt >= maxRetries) return SLOW_RETRY_MS / 2 + (random() * SLOW_RETRY_MS) / 2;
  const ceiling = Math.min(50 * 2 ** attempt, 2_000);
  return ceiling / 2 + (random() * ceiling) / 2;
}

function makeClient(config: RedisConfig) {
  return createClient({
    url: config.url,
    // A command to a server that is gone fails at once; queued, it would wait for ever.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: config.connectTimeoutMs,
      reconnectStrategy: (attempt) => reconnectDelayMs(attempt, config.maxRetries),
    },
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
}

/** The one connection to Redis that a process has, with reconnection and scripts. */
export class RedisConnection {
  readonly #client: ReturnType<typeof makeClient>;
  #opening: Promise<void> | null = null;

  constructor(config: RedisConfig, logger: Logger) {
    this.#client = makeClient(config);
    const log = logger.child({ component: 'redis' });
    const url = maskUrl(config.url);
    let away = false;
    // The client emits an error for each failed attempt; one line for each outage is enough.
    this.#client.on('error', (error: unknown) => {
      if (!away)
        log.warn(
          { reason: error instanceof Error ? error.message : String(error), url },
          'Redis is away; reads are answered from PostgreSQL',
        );
      away = true;
    });
    this.#client.on('ready', () => {
      if (away) log.info({ url }, 'Redis is back');
      away = false;
    });
  }

  get isReady(): boolean {
    return this.#client.isReady;
  }

  /** Starts connecting; resolves with the first success or the first failure, after which attempts go on. */
  open(): Promise<void> {
    this.#opening ??= new Promise((resolve) => {
      this.#client.once('ready', resolve);
      this.#client.once('error', () => resolve());
      // Rejects only when the client is closed before it ever connected; each failed attempt is an 'error' event.
      this.#client.connect().then(
        () => resolve(),
        () => resolve(),
      );
    });
    return this.#opening;
  }

  close(): void {
    if (this.#client.isOpen) this.#client.destroy();
  }

  async ping(): Promise<void> {
    await this.#client.ping();
  }

  async set(key: string, value: string): Promise<void> {
    await this.#client.set(key, value);
  }

  /** Runs a script by its hash; sends its source once where Redis does not know it. */
  async run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | Uint8Array)[],
  ): Promise<unknown> {
    const parameters = args.map((arg) => (typeof arg === 'string' ? arg : asBuffer(arg)));
    const options = { keys: [...keys], arguments: parameters as string[] };
    try {
      return await this.#client.evalSha(script.sha1, options);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.#client.eval(script.source, options);
    }
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
