import { setTimeout as delay } from 'node:timers/promises';

/**
 * How long a process of these tests waits for an answer of Redis, where how long it waits is not what is tested: a busy
 * machine may stop any of the programs for a second, and with the product's own 250 ms that would be an outage, after
 * which the cache is rightly passed by.
 */
export const COMMAND_PATIENCE_MS = 3_000;

/** How long a test waits until the cache answers: a young Redis is believed only `settleMs` after it was first heard of. */
export const SERVING_PATIENCE_MS = 25_000;

/**
 * Whether the cache answers within that time. `waitUntilServing` gives up where the process is held up just when its
 * cache is to be believed, so that it is not for now, though there is time left.
 */
export async function servesInTime(cache: {
  waitUntilServing(timeoutMs: number): Promise<boolean>;
}): Promise<boolean> {
  const until = performance.now() + SERVING_PATIENCE_MS;
  for (let left = SERVING_PATIENCE_MS; left > 0; left = until - performance.now()) {
    if (await cache.waitUntilServing(left)) return true;
    await delay(5);
  }
  return false;
}
