import { median } from '../measure/index.js';
import type { BenchRow } from '../report/row.js';
import type { Scenario } from '../scenario.js';
import { BenchWorker } from '../workers/bench-worker.js';
import type { NearReaderCommands, NearReaderReport, NearReaderTask } from '../workers/near-reader.js';
import { userId, type World } from '../world.js';

const USERS = 10_000;
const PROCESSES = 3;
/** Rows that are written, and that every process holds in its memory. */
const HOT = 50;
/** How long the other processes rest between two times that they read all of them: enough to hold on to what they have. */
const REST_MS = 250;
const UPDATES_PER_ROUND = 400;
const WARM_UP = 100;

const READER = new URL('../workers/near-reader.ts', import.meta.url);

/**
 * What strict coherence adds to a write: the fence, and the wait until three other processes have dropped the row from their
 * memory, which they hold again a moment later. Ours and Prisma's writes alternate one by one, in one process, on one
 * server, so that both meet the same disk and the same load of the other processes. Each changes the same field of a
 * row, waits for its commit to reach the disk, and gives the row back.
 */
export const fleetUpdate: Scenario = {
  name: 'fleet-update',
  category: 'writes',
  run: async (world) => {
    await world.seedUsers(USERS);
    const prefix = world.newPrefix();
    const factory = await world.factory({ prefix });
    const prisma = await world.barePrisma();
    const ids = Array.from({ length: HOT }, (_, place) => userId(place * 7));
    const environment = world.factoryEnvironment({ prefix });
    const task: NearReaderTask = { environment, ids, restMs: REST_MS };
    const readers = await BenchWorker.startAll<NearReaderCommands>(READER, Array(PROCESSES).fill(task));
    const told = () => Promise.all(readers.map((reader) => reader.ask('report', null)));
    const users = factory.getUserRepository();
    const sides: Sides = {
      ours: (id, name) => users.update(id, { name }),
      peer: (id, name) => prisma.user.update({ where: { id }, data: { name } }),
    };
    try {
      await alternate(sides, ids, WARM_UP, 'warm');
      const before = await told();
      const rounds: Record<keyof Sides, number[]> = { ours: [], peer: [] };
      for (let round = 0; round < world.rounds; round += 1) {
        const times = await alternate(sides, ids, UPDATES_PER_ROUND, `round ${round}`);
        rounds.ours.push(median(times.ours));
        rounds.peer.push(median(times.peer));
      }
      return [rowOf(rounds, await told(), before, world)];
    } finally {
      await Promise.all(readers.map((reader) => reader.close()));
    }
  },
};

type Update = (id: string, name: string) => Promise<{ readonly id: string; readonly name: string | null }>;

interface Sides {
  readonly ours: Update;
  readonly peer: Update;
}

/** So many updates of each side by turns, one after the other; gives their latencies in milliseconds. */
async function alternate(
  sides: Sides,
  ids: readonly string[],
  count: number,
  word: string,
): Promise<Record<keyof Sides, number[]>> {
  const times: Record<keyof Sides, number[]> = { ours: [], peer: [] };
  for (let n = 0; n < count; n += 1) {
    for (const side of n % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
      const id = ids[n % ids.length] ?? '';
      const name = `${word}, write ${n}`;
      const startedAt = performance.now();
      const row = await sides[side](id, name);
      times[side].push(performance.now() - startedAt);
      if (row.id !== id || row.name !== name) throw new Error(`An update of ${side} gave another row back.`);
    }
  }
  return times;
}

function rowOf(
  rounds: BenchRow['rounds'],
  after: readonly NearReaderReport[],
  before: readonly NearReaderReport[],
  world: World,
): BenchRow {
  const last = Array.from({ length: HOT }, (_, place) => lastNameOf(place, world.rounds - 1));
  const seen = after.every(({ names }) => names.every((name, place) => name === last[place]));
  const fromMemory = after.map(({ nearHits }, place) => nearHits - (before[place]?.nearHits ?? 0));
  const failures = after.reduce((sum, report) => sum + report.failures, 0);
  world.log(`meanwhile the other processes answered ${fromMemory.join(', ')} reads from memory`);
  return {
    id: 'fleet-update',
    path: '`update`, strict, 3 other processes, median latency',
    peer: 'Prisma `update`',
    unit: 'ms',
    ours: median(rounds.ours),
    peerFigure: median(rounds.peer),
    target: { atMost: 0.5 },
    judged: 'difference',
    rounds,
    checks: [
      { what: 'the others read the last write of every row', holds: seen },
      { what: 'all others held rows in memory', holds: fromMemory.every((hits) => hits > 0) },
      { what: 'no read of the others failed', holds: failures === 0 },
    ],
  };
}

/** What the row in that place was called last in a round. */
function lastNameOf(place: number, round: number): string {
  const last = UPDATES_PER_ROUND - HOT + place;
  return `round ${round}, write ${last}`;
}
