import { setImmediate as loopTurn } from 'node:timers/promises';
import { interleaved } from '../measure/index.js';
import { loadBentoCache, loadBentoMemory, loadCacheable } from '../peers.js';
import type { Scenario } from '../scenario.js';
import { comparison } from './comparison.js';
import { scatteredIds } from './users.js';
import { hitsSince, warmUsers } from './warm.js';

const USERS = 1_000;
const BATCH = 2_000;
const ROUND_MS = 1_000;
const NEAR_MAX_ENTRIES = 10_000;

/**
 * One caller in one process, who awaits each answer before the next read: what a hit in memory costs. All sides hold the same
 * thousand users as objects and are asked for the same ids in the same order, and every answer is looked at. The peers
 * serialize and copy nothing and hold as many entries; they are asked for their tier in memory alone, without a bus to tell
 * other processes, while ours is strictly coherent. The Map is what an asynchronous lookup costs at least.
 *
 * Each side has a loop of its own, so that the compiler sees one kind of call in it, and the loop turns now and then, as in
 * a server: else the heartbeats of the strict near cache would never run.
 */
export const nearHit: Scenario = {
  name: 'near-hit',
  category: 'cache',
  async run(world) {
    await world.seedUsers(USERS, false);
    const ids = scatteredIds(USERS);
    const factory = await world.factory();
    const users = factory.getUserRepository();

    const { BentoCache, bentostore } = await loadBentoCache();
    const { memoryDriver } = await loadBentoMemory();
    const store = bentostore().useL1Layer(memoryDriver({ maxItems: NEAR_MAX_ENTRIES, serialize: false }));
    const bento = new BentoCache({ default: 'memory', stores: { memory: store } });
    world.onClose(() => bento.disconnectAll());
    const { Cacheable, createKeyv } = await loadCacheable();
    const primary = createKeyv({ useClone: false, lruSize: NEAR_MAX_ENTRIES });
    const cacheable = new Cacheable({ primary });
    world.onClose(() => cacheable.disconnect());
    const map = new Map<string, unknown>();
    for (const [n, user] of (await users.findByIds(ids)).entries()) {
      const id = ids[n] ?? '';
      map.set(id, user);
      await bento.set({ key: id, value: user, ttl: '1h' });
      await cacheable.set(id, user, '1h');
    }

    let reads = 0;
    let fromMemory = 0;
    const ours = async (): Promise<number> => {
      // Entries may have reached their age since the round before.
      await warmUsers(factory, ids);
      const before = factory.getCacheStatistics();
      const [rate, count] = await timed(async () => {
        let wrong = 0;
        for (let n = 0; n < BATCH; n += 1) {
          const id = ids[n % USERS] ?? '';
          if ((await users.findById(id))?.id !== id) wrong += 1;
        }
        return wrong;
      });
      reads += count;
      fromMemory += hitsSince(factory, 'nearHits', before);
      return rate;
    };
    const bentoGet = async (): Promise<number> => {
      const [rate] = await timed(async () => {
        let wrong = 0;
        for (let n = 0; n < BATCH; n += 1) {
          const id = ids[n % USERS] ?? '';
          if (((await bento.get({ key: id })) as { id?: string } | undefined)?.id !== id) wrong += 1;
        }
        return wrong;
      });
      return rate;
    };
    const cacheableGet = async (): Promise<number> => {
      const [rate] = await timed(async () => {
        let wrong = 0;
        for (let n = 0; n < BATCH; n += 1) {
          const id = ids[n % USERS] ?? '';
          if (((await cacheable.get(id)) as { id?: string } | undefined)?.id !== id) wrong += 1;
        }
        return wrong;
      });
      return rate;
    };
    const lookup = async (id: string): Promise<unknown> => map.get(id);
    const mapGet = async (): Promise<number> => {
      const [rate] = await timed(async () => {
        let wrong = 0;
        for (let n = 0; n < BATCH; n += 1) {
          const id = ids[n % USERS] ?? '';
          if (((await lookup(id)) as { id?: string } | undefined)?.id !== id) wrong += 1;
        }
        return wrong;
      });
      return rate;
    };

    const againstBento = await interleaved(world.rounds, { ours, peer: bentoGet });
    const againstCacheable = await interleaved(world.rounds, { ours, peer: cacheableGet });
    const againstMap = await interleaved(world.rounds, { ours, peer: mapGet });
    const path = 'near-cache hit, findById, 1 caller';
    const checks = [{ what: '99.9 % answered from memory', holds: reads > 0 && fromMemory / reads >= 0.999 }];
    return [
      comparison(
        {
          id: 'near-hit-bentocache',
          path,
          peer: 'bentocache get, in memory',
          unit: 'ops/s',
          target: { atLeast: 6 },
          judged: 'ratio',
          checks,
        },
        againstBento,
      ),
      comparison(
        {
          id: 'near-hit-cacheable',
          path,
          peer: 'cacheable get, in memory',
          unit: 'ops/s',
          target: { atLeast: 6 },
          judged: 'ratio',
          checks,
        },
        againstCacheable,
      ),
      comparison(
        {
          id: 'near-hit-map',
          path,
          peer: 'async Map lookup',
          unit: 'ops/s',
          target: { atLeast: 0.2 },
          judged: 'ratio',
          checks,
        },
        againstMap,
      ),
    ];
  },
};

/** Runs batches for the length of a round; gives the reads per second of the batches alone, and their number. */
async function timed(batch: () => Promise<number>): Promise<[rate: number, reads: number]> {
  let spentMs = 0;
  let reads = 0;
  while (spentMs < ROUND_MS) {
    const begunAt = performance.now();
    const wrong = await batch();
    spentMs += performance.now() - begunAt;
    reads += BATCH;
    if (wrong > 0) throw new Error(`${wrong} of ${BATCH} answers from memory were wrong.`);
    await loopTurn();
  }
  return [(reads / spentMs) * 1_000, reads];
}
