import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'redis';
import type { Arena } from './arena.js';

/** How much more than it uses now the server may use: little, so that what others fill in displaces what is there. */
const ROOM_BYTES = 96 * 1024;
const FILLER = 'x'.repeat(1_024);
const FILLERS_AT_ONCE = 50;

/**
 * Limits the server's memory to what it uses, writes keys of no use until others are evicted, and goes on with that for
 * a while. Their keys go with them in the end.
 *
 * @throws when nothing was evicted: the fault was none
 */
export async function fillUntilEvicted(
  { redis, healing }: Arena,
  policy: 'allkeys-lru' | 'allkeys-random',
  ms: number,
): Promise<void> {
  const client = createClient({ url: redis.url });
  client.on('error', () => undefined);
  await client.connect();
  const figure = async (section: string, name: string): Promise<number> =>
    Number(new RegExp(`${name}:(\\d+)`).exec(await client.info(section))?.[1]);
  try {
    const evictedBefore = await figure('stats', 'evicted_keys');
    const used = await figure('memory', 'used_memory');
    await client.configSet({ 'maxmemory-policy': policy, maxmemory: String(used + ROOM_BYTES) });
    const until = performance.now() + ms;
    let [evicted, keys] = [0, 0];
    while (evicted === 0 || (performance.now() < until && !healing.aborted)) {
      const names = Array.from({ length: FILLERS_AT_ONCE }, (_, n) => `filler:${keys + n}`);
      keys += FILLERS_AT_ONCE;
      // Refused where nothing is left to evict, which is as good.
      await Promise.allSettled(
        names.map((name) => client.set(name, FILLER, { expiration: { type: 'EX', value: 10 } })),
      );
      evicted = (await figure('stats', 'evicted_keys')) - evictedBefore;
      if (keys > 100_000 && evicted === 0) throw new Error('Redis evicted nothing, though it was full.');
      await delay(10);
    }
  } finally {
    await client.configSet({ 'maxmemory-policy': 'noeviction', maxmemory: '0' });
    client.destroy();
  }
}
