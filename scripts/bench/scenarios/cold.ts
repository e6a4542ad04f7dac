import { interleaved, sequentialLatencyMs, throughput } from '../measure/index.js';
import type { BenchRow } from '../report/row.js';
import type { Scenario } from '../scenario.js';
import { comparison } from './comparison.js';
import { idAt, scatteredIds } from './users.js';

const USERS = 50_000;
const READS = 50_000;
const SEQUENTIAL_READS = 2_000;

/**
 * What a miss costs, with all that it brings: the lease, the load, the fill, and the entry in the near cache. A factory with
 * its default settings reads every user once; before each round everything cached is invalidated, outside of what is timed.
 * The peer reads the same users in the same order from the same server, which has all of the table in its memory, on a pool
 * of the same size; it keeps nothing. Prisma joins the `findUnique` calls of one tick into one statement by itself.
 */
export const cold: Scenario = {
  name: 'cold',
  category: 'queries',
  async run(world) {
    await world.seedUsers(USERS);
    const ids = scatteredIds(USERS);
    const factory = await world.factory();
    const users = factory.getUserRepository();
    const prisma = await world.barePrisma();

    const oursRight = async (n: number): Promise<boolean> => {
      const id = idAt(ids, n);
      return (await users.findById(id))?.id === id;
    };
    const peerRight = async (n: number): Promise<boolean> => {
      const id = idAt(ids, n);
      return (await prisma.user.findUnique({ where: { id } }))?.id === id;
    };

    let hits = 0;
    const emptied = async (measure: () => Promise<number>): Promise<number> => {
      await world.emptyCache(factory);
      const before = factory.getCacheStatistics();
      const figure = await measure();
      const after = factory.getCacheStatistics();
      hits += after.hits - before.hits + after.nearHits - before.nearHits;
      return figure;
    };

    const rows: Omit<BenchRow, 'checks'>[] = [];
    for (const { callers, atLeast } of [
      { callers: 50, atLeast: 2 },
      { callers: 500, atLeast: 6 },
    ]) {
      const rounds = await interleaved(world.rounds, {
        ours: () => emptied(() => throughput(callers, { operations: READS }, oursRight)),
        peer: () => throughput(callers, { operations: READS }, peerRight),
      });
      rows.push(
        comparison(
          {
            id: `cold-${callers}`,
            path: `cold findById with lease and fill, ${callers} callers`,
            peer: 'Prisma findUnique',
            unit: 'ops/s',
            target: { atLeast },
            judged: 'ratio',
          },
          rounds,
        ),
      );
    }
    const latency = await interleaved(world.rounds, {
      ours: () => emptied(() => sequentialLatencyMs(SEQUENTIAL_READS, oursRight)),
      peer: () => sequentialLatencyMs(SEQUENTIAL_READS, peerRight),
    });
    rows.push(
      comparison(
        {
          id: 'cold-1',
          path: 'cold findById with lease and fill, 1 caller',
          peer: 'Prisma findUnique',
          unit: 'ms',
          target: { atMost: 1.05 },
          judged: 'ratio',
        },
        latency,
      ),
    );
    const checks = [{ what: 'no read was a hit', holds: hits === 0 }];
    return rows.map((row) => ({ ...row, checks }));
  },
};
