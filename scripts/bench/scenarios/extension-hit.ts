import { interleaved, throughput } from '../measure/index.js';
import { loadIoredis, loadPrismaExtensionRedis } from '../peers.js';
import type { BenchRow } from '../report/row.js';
import type { Scenario } from '../scenario.js';
import { comparison } from './comparison.js';
import { idAt, scatteredIds } from './users.js';
import { warmUsers } from './warm.js';

const USERS = 1_000;
const CALLERS = 50;
const SECONDS = 2;
const TTL_SECONDS = 3_600;

/**
 * A hit of prisma-extension-redis, a cache that stands before Prisma's own calls, on ioredis as its documentation shows. It is
 * given a key for each call, which spares it the hash of the arguments, and values as strings, since JSON needs a module
 * that most servers lack. All sides have the same thousand users cached, and 50 callers ask for them in the same order. Its
 * answers have dates as text.
 */
export const extensionHit: Scenario = {
  name: 'extension-hit',
  category: 'cache',
  async run(world) {
    await world.seedUsers(USERS);
    const ids = scatteredIds(USERS);
    const near = await world.factory();
    const shared = await world.factory({ near: false });
    const { Redis } = await loadIoredis();
    const { PrismaExtensionRedis } = await loadPrismaExtensionRedis();
    const redis = new Redis(world.redisUrl);
    world.onClose(async () => redis.disconnect());
    const lifetime = { ttl: TTL_SECONDS, stale: 0 };
    const extended = (await world.barePrisma()).$extends(
      PrismaExtensionRedis({
        config: { ...lifetime, type: 'STRING', auto: { ...lifetime, invalidateOnWrite: true } },
        client: redis,
      }),
    ) as unknown as Extended;

    type Read = (id: string) => Promise<{ readonly id: string } | null>;
    const atOnce = (read: Read): Promise<number> =>
      throughput(CALLERS, { seconds: SECONDS }, async (n) => {
        const id = idAt(ids, n);
        return (await read(id))?.id === id;
      });
    const byExtension: Read = (id) =>
      extended.user.findUnique({ where: { id }, cache: { key: `user:${id}`, ttl: TTL_SECONDS } });
    for (const id of ids) await byExtension(id);

    const rows: BenchRow[] = [];
    for (const { id, path, factory, atLeast } of [
      { id: 'extension-hit-near', path: 'with the near cache', factory: near, atLeast: 10 },
      { id: 'extension-hit-shared', path: 'without a near cache', factory: shared, atLeast: 4 },
    ]) {
      const users = factory.getUserRepository();
      const rounds = await interleaved(world.rounds, {
        ours: async () => {
          await warmUsers(factory, ids);
          return atOnce((user) => users.findById(user));
        },
        peer: () => atOnce(byExtension),
      });
      rows.push(
        comparison(
          {
            id,
            path: `hit, findById, ${path}, ${CALLERS} callers`,
            peer: 'prisma-extension-redis',
            unit: 'ops/s',
            target: { atLeast },
            judged: 'ratio',
          },
          rounds,
        ),
      );
    }
    return rows;
  },
};

/** Prisma's client as the extension makes it, as far as it is used here. */
interface Extended {
  readonly user: {
    findUnique(args: {
      readonly where: { readonly id: string };
      readonly cache: { readonly key: string; readonly ttl: number };
    }): Promise<{ readonly id: string } | null>;
  };
}
