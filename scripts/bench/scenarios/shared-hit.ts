import { interleaved, sequentialLatencyMs, throughput } from '../measure/index.js';
import type { BenchRow } from '../report/row.js';
import type { Scenario } from '../scenario.js';
import { comparison } from './comparison.js';
import { idAt, scatteredIds } from './users.js';
import { hitsSince, warmUsers } from './warm.js';

const USERS = 1_000;
const SECONDS = 2;
const SEQUENTIAL_READS = 5_000;

/**
 * What a hit in Redis costs: the near cache is off, so every read is sent. The peer is the least that anybody does who keeps
 * rows as JSON in Redis: `GET` by node-redis, the client that the library uses too, and `JSON.parse`, which leaves dates as
 * text. It holds the same users, by keys as long as an application's would be.
 */
export const sharedHit: Scenario = {
  name: 'shared-hit',
  category: 'cache',
  async run(world) {
    await world.seedUsers(USERS, false);
    const ids = scatteredIds(USERS);
    const factory = await world.factory({ near: false });
    const users = factory.getUserRepository();
    const redis = await world.plainRedis();
    for (const user of await users.findByIds(ids)) await redis.set(`user:${user?.id}`, JSON.stringify(user));

    const oursRight = async (n: number): Promise<boolean> => {
      const id = idAt(ids, n);
      return (await users.findById(id))?.id === id;
    };
    const peerRight = async (n: number): Promise<boolean> => {
      const id = idAt(ids, n);
      const text = await redis.get(`user:${id}`);
      return text !== null && (JSON.parse(text) as { id: string }).id === id;
    };

    let hits = 0;
    let reads = 0;
    /** Has our side measured with warm entries, and notes how many of its reads the shared cache answered. */
    const noting = async (measure: (read: typeof oursRight) => Promise<number>): Promise<number> => {
      await warmUsers(factory, ids);
      const before = factory.getCacheStatistics();
      let made = 0;
      const figure = await measure((n) => {
        made += 1;
        return oursRight(n);
      });
      reads += made;
      hits += hitsSince(factory, 'hits', before);
      return figure;
    };

    const rows: Omit<BenchRow, 'checks'>[] = [];
    for (const { callers, atLeast } of [
      { callers: 50, atLeast: 2 },
      { callers: 500, atLeast: 3 },
    ]) {
      const rounds = await interleaved(world.rounds, {
        ours: () => noting((read) => throughput(callers, { seconds: SECONDS }, read)),
        peer: () => throughput(callers, { seconds: SECONDS }, peerRight),
      });
      rows.push(
        comparison(
          {
            id: `shared-hit-${callers}`,
            path: `shared-cache hit, findById, ${callers} callers`,
            peer: 'node-redis GET + JSON.parse',
            unit: 'ops/s',
            target: { atLeast },
            judged: 'ratio',
          },
          rounds,
        ),
      );
    }
    const latency = await interleaved(world.rounds, {
      ours: () => noting((read) => sequentialLatencyMs(SEQUENTIAL_READS, read)),
      peer: () => sequentialLatencyMs(SEQUENTIAL_READS, peerRight),
    });
    rows.push(
      comparison(
        {
          id: 'shared-hit-1',
          path: 'shared-cache hit, findById, 1 caller',
          peer: 'node-redis GET + JSON.parse',
          unit: 'ms',
          target: { atMost: 1.15 },
          judged: 'ratio',
        },
        latency,
      ),
    );
    const checks = [{ what: '99.9 % answered by the shared cache', holds: hits / reads >= 0.999 }];
    return rows.map((row) => ({ ...row, checks }));
  },
};
