import { interleaved, throughput } from '../measure/index.js';
import type { BenchRow } from '../report/row.js';
import type { Scenario } from '../scenario.js';
import { comparison } from './comparison.js';
import { idAt, scatteredIds } from './users.js';

const USERS = 20_000;
const CALLERS = 50;
const SECONDS = 2;

/**
 * What reading by id costs without any cache: with `{ cache: false }` at the call, and with a factory that has none. The same
 * users in the same order from the same server, on pools of the same size.
 */
export const cacheOff: Scenario = {
  name: 'cache-off',
  category: 'queries',
  async run(world) {
    await world.seedUsers(USERS);
    const ids = scatteredIds(USERS);
    const cached = (await world.factory()).getUserRepository();
    const uncached = (await world.factory({ cache: false })).getUserRepository();
    const prisma = await world.barePrisma();
    const atOnce = (read: (id: string) => Promise<{ readonly id: string } | null>): Promise<number> =>
      throughput(CALLERS, { seconds: SECONDS }, async (n) => {
        const id = idAt(ids, n);
        return (await read(id))?.id === id;
      });

    const rows: BenchRow[] = [];
    for (const { id, path, read } of [
      {
        id: 'cache-off-call',
        path: `findById with { cache: false }, ${CALLERS} callers`,
        read: (user: string) => cached.findById(user, undefined, { cache: false }),
      },
      {
        id: 'cache-off',
        path: `findById with the cache off, ${CALLERS} callers`,
        read: (user: string) => uncached.findById(user),
      },
    ]) {
      const rounds = await interleaved(world.rounds, {
        ours: () => atOnce(read),
        peer: () => atOnce((user) => prisma.user.findUnique({ where: { id: user } })),
      });
      rows.push(
        comparison(
          { id, path, peer: 'Prisma findUnique', unit: 'ops/s', target: { atLeast: 4 }, judged: 'ratio' },
          rounds,
        ),
      );
    }
    return rows;
  },
};
