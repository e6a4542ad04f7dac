import type { UpstashConfig } from '../../../config/index.js';
import { WiringError } from '../../../errors.js';

/** What is needed of a client of `@upstash/redis`. */
export interface UpstashClient {
  evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown>;
  eval(source: string, keys: string[], args: string[]): Promise<unknown>;
  exec(command: [string, ...string[]]): Promise<unknown>;
}

/**
 * A client of Upstash, which sends nothing yet. The package is optional, so it is loaded here and nowhere else.
 *
 * @throws WiringError when it is not installed
 */
export async function loadUpstashClient(config: UpstashConfig): Promise<UpstashClient> {
  const { Redis } = await load();
  return new Redis({
    url: config.url,
    token: config.token,
    // Answers are text of ours, which must not be taken for JSON; all that is stored is UTF-8, so that base64 would only
    // make them longer.
    automaticDeserialization: false,
    responseEncoding: false,
    // Whether and when to try again is decided by the guard of the store.
    retry: { retries: 0 },
    enableAutoPipelining: false,
    enableTelemetry: false,
    signal: () => AbortSignal.timeout(config.commandTimeoutMs),
  });
}

async function load() {
  try {
    return await import('@upstash/redis');
  } catch (error) {
    throw new WiringError(
      'UPSTASH_REDIS_REST_URL is set, and the package that speaks to Upstash is not installed: run `npm install @upstash/redis`.',
      { cause: error },
    );
  }
}
