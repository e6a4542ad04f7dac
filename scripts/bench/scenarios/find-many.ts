import { interleaved, throughput } from '../measure/index.js';
import type { Scenario } from '../scenario.js';
import { userId } from '../world.js';
import { comparison } from './comparison.js';
import { hitsSince } from './warm.js';

const ROWS = 50;
const LISTS = 100;
const CALLERS = 50;
const SECONDS = 2;

/**
 * A list of 50 rows that was read before. A hundred different lists are asked for in turn, by 50 callers: each the 50 users
 * from an id on, which the index of the primary key gives the database at once. Default settings; the first and the last
 * row of every answer are looked at.
 */
export const findMany: Scenario = {
  name: 'find-many',
  category: 'queries',
  async run(world) {
    await world.seedUsers(ROWS * LISTS);
    const lists = Array.from({ length: LISTS }, (_, n) => {
      const [first, last] = [userId(n * ROWS), userId((n + 1) * ROWS - 1)];
      return {
        first,
        last,
        args: { where: { id: { gte: first } }, orderBy: { id: 'asc' }, take: ROWS } as const,
      };
    });
    const factory = await world.factory();
    const users = factory.getUserRepository();
    const prisma = await world.barePrisma();
    type Read = (args: (typeof lists)[number]['args']) => Promise<readonly { readonly id: string }[]>;
    const atOnce = (read: Read): Promise<number> =>
      throughput(CALLERS, { seconds: SECONDS }, async (n) => {
        const list = lists[n % LISTS];
        if (list === undefined) return false;
        const rows = await read(list.args);
        return rows.length === ROWS && rows[0]?.id === list.first && rows.at(-1)?.id === list.last;
      });

    let loads = 0;
    let reads = 0;
    const rounds = await interleaved(world.rounds, {
      ours: async () => {
        for (const { args } of lists) await users.findMany(args);
        const before = factory.getCacheStatistics();
        const figure = await atOnce((args) => users.findMany(args));
        loads += factory.getCacheStatistics().loads - before.loads;
        reads += hitsSince(factory, 'nearHits', before) + hitsSince(factory, 'hits', before);
        return figure;
      },
      peer: () => atOnce((args) => prisma.user.findMany(args)),
    });
    return [
      comparison(
        {
          id: 'find-many',
          path: `cached findMany of ${ROWS} rows, ${CALLERS} callers`,
          peer: 'Prisma findMany',
          unit: 'ops/s',
          target: { atLeast: 5 },
          judged: 'ratio',
          checks: [{ what: '99.9 % answered by the cache', holds: loads <= reads / 1_000 }],
        },
        rounds,
      ),
    ];
  },
};
