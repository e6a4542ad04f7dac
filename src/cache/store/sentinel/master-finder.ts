import { isIPv6 } from 'node:net';
import { maskUrl, type RedisSentinelConfig } from '../../../config/index.js';
import { withinMs } from '../../../database/index.js';
import { CacheUnavailableError } from '../../../errors.js';
import { loadNodeRedis, makeClient } from '../redis-client.js';

/** Finds out from the sentinels which server is the master now. */
export class MasterFinder {
  readonly #config: RedisSentinelConfig;
  /** The one that answered last comes first. */
  #urls: readonly string[];

  constructor(config: RedisSentinelConfig) {
    this.#config = config;
    this.#urls = config.urls;
  }

  /**
   * The URL of the master: its address, with what the configuration says of user, password, database and TLS.
   *
   * @throws CacheUnavailableError when no sentinel tells
   */
  async find(): Promise<string> {
    const reasons: string[] = [];
    for (const sentinel of this.#urls) {
      try {
        const address = await this.#ask(sentinel);
        this.askFirst(sentinel);
        return this.urlOf(address);
      } catch (error) {
        reasons.push(`${maskUrl(sentinel)}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    throw new CacheUnavailableError(
      `No sentinel tells where the master "${this.#config.master}" is. ${reasons.join('; ')}`,
      { context: { master: this.#config.master } },
    );
  }

  /** The URL of a server at this address. */
  urlOf({ host, port }: { readonly host: string; readonly port: string }): string {
    const url = new URL(this.#config.url);
    url.hostname = isIPv6(host) ? `[${host}]` : host;
    url.port = port;
    return url.href;
  }

  /** Asks this one before the others from now on. */
  askFirst(sentinel: string): void {
    this.#urls = [sentinel, ...this.#urls.filter((url) => url !== sentinel)];
  }

  async #ask(url: string): Promise<{ host: string; port: string }> {
    const timeoutMs = this.#config.connectTimeoutMs + this.#config.commandTimeoutMs;
    await loadNodeRedis();
    const client = makeClient({ ...this.#config, url }, { reconnects: false });
    // What it emits, `connect` rejects with.
    client.on('error', () => undefined);
    try {
      const asked = client
        .connect()
        .then(() => client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.#config.master]));
      const answer = await withinMs<unknown>(timeoutMs, asked);
      if (!answer.inTime) throw new CacheUnavailableError(`no answer within ${timeoutMs} ms`);
      const address = answer.value;
      if (!Array.isArray(address)) throw new CacheUnavailableError('it knows no master of this name');
      return { host: String(address[0]), port: String(address[1]) };
    } finally {
      if (client.isOpen) client.destroy();
    }
  }
}
