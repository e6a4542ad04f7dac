import { type Logger, maskUrl, type UpstashConfig } from '../../../config/index.js';
import { CacheUnavailableError } from '../../../errors.js';
import type { KeySpace } from '../../keys.js';
import { identifyBy } from '../redis-connection.js';
import type { RedisLink, ScriptArgument } from '../redis-link.js';
import type { RedisScript } from '../scripts.js';
import { loadUpstashClient, type UpstashClient } from './load-client.js';

/** The identity of a service that does not tell which server answers: then no restart and no failover is noticed. */
const NAMELESS = 'upstash';
// As in redis-connection.ts.
const SETTLED_UPTIME_SECONDS = 5;

/**
 * The way to Upstash over REST. Requests and answers are JSON, so bytes are stored as base64: a third longer, and exact. As
 * there is no connection that could be lost, the server is asked who it is at first, and again after each failure, before
 * anything else is asked.
 */
export class UpstashLink implements RedisLink {
  readonly #config: UpstashConfig;
  readonly #keys: KeySpace;
  readonly #logger: Logger;
  readonly #load: (config: UpstashConfig) => Promise<UpstashClient>;
  #client: UpstashClient | null = null;
  #identity: string | null = null;
  #identified = false;
  #known = false;
  #serverWasUp = false;
  #away = false;
  #closed = false;

  /** @param load makes the client. @default one of `@upstash/redis` */
  constructor(config: UpstashConfig, keys: KeySpace, logger: Logger, load = loadUpstashClient) {
    this.#config = config;
    this.#keys = keys;
    this.#logger = logger.child({ component: 'upstash' });
    this.#load = load;
  }

  /** @throws WiringError when `@upstash/redis` is not installed */
  async open(): Promise<void> {
    this.#client ??= await this.#load(this.#config);
    // Why it failed was logged; the guard of the store goes on trying.
    await this.ping().catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    this.#identified = false;
  }

  /** Asks which server answers, and has what is cached invalidated where it is another one than before. */
  async ping(): Promise<void> {
    const client = this.#usableClient();
    const info = await this.#serverInfo(client);
    const identity = /^run_id:(\w+)/m.exec(info)?.[1] ?? NAMELESS;
    if (this.#identified && identity === this.#identity) return;
    const isFirst = await identifyBy((...call) => this.#send(client, ...call), this.#keys, identity);
    const uptime = Number(/^uptime_in_seconds:(\d+)/m.exec(info)?.[1] ?? 0);
    this.#serverWasUp = isFirst && !this.#known && uptime >= SETTLED_UPTIME_SECONDS;
    this.#known = true;
    this.#identity = identity;
    this.#identified = !this.#closed;
    if (this.#away) this.#logger.info({ url: maskUrl(this.#config.url) }, 'Upstash is back');
    this.#away = false;
  }

  async run(script: RedisScript, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown> {
    const client = this.#usableClient();
    if (!this.#identified) {
      throw new CacheUnavailableError(
        'Upstash did not answer. Nothing is asked of it until a probe succeeds.',
      );
    }
    return this.#send(client, script, keys, args);
  }

  takeServerWasUp(): boolean {
    const was = this.#serverWasUp;
    this.#serverWasUp = false;
    return was;
  }

  encodeValue(value: Uint8Array): string {
    return asBuffer(value).toString('base64');
  }

  decodeValue(stored: Uint8Array): Uint8Array {
    return Buffer.from(asBuffer(stored).toString('latin1'), 'base64');
  }

  #usableClient(): UpstashClient {
    if (this.#client !== null && !this.#closed) return this.#client;
    throw new CacheUnavailableError('The cache in Upstash is not open: call `connect` first.');
  }

  async #serverInfo(client: UpstashClient): Promise<string> {
    try {
      return String(await client.exec(['INFO', 'server']));
    } catch (error) {
      // It answered, and does not tell: perhaps the token may not ask. What the script says then, counts.
      if (isAnswer(error)) return '';
      throw this.#failed(error);
    }
  }

  async #send(
    client: UpstashClient,
    script: RedisScript,
    keys: readonly string[],
    args: readonly ScriptArgument[],
  ): Promise<unknown> {
    const texts = args.map((arg) => (typeof arg === 'string' ? arg : this.encodeValue(arg)));
    try {
      return asBuffers(await this.#evaluate(client, script, [...keys], texts));
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async #evaluate(
    client: UpstashClient,
    script: RedisScript,
    keys: string[],
    args: string[],
  ): Promise<unknown> {
    try {
      return await client.evalsha(script.sha1, keys, args);
    } catch (error) {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
      return client.eval(script.source, keys, args);
    }
  }

  /** What to throw. An answer that refuses one script says nothing of the next one; no answer does. */
  #failed(error: unknown): CacheUnavailableError {
    const reason = messageOf(error);
    const isRefused = /WRONGPASS|NOAUTH|NOPERM|unauthorized/i.test(reason);
    if (isRefused || !isAnswer(error)) {
      this.#identified = false;
      if (!this.#away) {
        this.#logger.warn(
          { reason, url: maskUrl(this.#config.url) },
          isRefused
            ? 'Upstash refuses the token: check UPSTASH_REDIS_REST_TOKEN, which must not be the read-only one; reads are answered from PostgreSQL'
            : 'Upstash is away; reads are answered from PostgreSQL',
        );
      }
      this.#away = true;
    }
    // Without the cause: its message holds the whole command, keys and values.
    return new CacheUnavailableError(reason);
  }
}

/** Whether the service answered with an error of Redis, which begins with its code. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === 'UpstashError' && /^[A-Z]+ /.test(error.message);
}

/** The reason alone, as Redis says it. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [reason = ''] = message.split(', command was: ');
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${reason.replace(/^ERR (?=LATE|NOSCRIPT)/, '')}${isAnswer(error) ? '' : cause}`;
}

/** What a script answers, as a client that speaks Redis's own protocol gives it. */
function asBuffers(answer: unknown): unknown {
  if (typeof answer === 'string') return Buffer.from(answer);
  return Array.isArray(answer) ? answer.map(asBuffers) : answer;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
