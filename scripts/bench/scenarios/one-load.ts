import { median } from '../measure/index.js';
import type { BenchRow } from '../report/row.js';
import type { Scenario } from '../scenario.js';
import { BenchWorker } from '../workers/bench-worker.js';
import type { OneLoadCommands, OneLoadRound, OneLoadTask } from '../workers/one-load-reader.js';
import { userId, type World } from '../world.js';

const USERS = 10_000;
const PROCESSES = 4;
const READERS = 250;
/** How long before the moment the processes are told of it. */
const NOTICE_MS = 200;
/** Rows that are read first, so that no process has yet to open a connection or to compile a query. */
const WARM_UP = 5;

const READER = new URL('../workers/one-load-reader.ts', import.meta.url);
const READS_USERS = /\bfrom\b.*\busers\b/is;

/**
 * What a missing row costs the database when many ask for it at once, in several processes: a thousand readers begin at one
 * moment by the clock of the machine, and PostgreSQL's own log tells what reached it. Each round has a row that nobody
 * has asked for before. Prisma joins the equal reads of one tick of a process, and the figure beside ours shows that.
 */
export const oneLoad: Scenario = {
  name: 'one-load',
  category: 'cache',
  run: async (world) => {
    await world.seedUsers(USERS);
    const environment = world.factoryEnvironment({ prefix: world.newPrefix() });
    const task: OneLoadTask = { environment, bareDatabaseUrl: world.bareDatabaseUrl };
    const readers = await BenchWorker.startAll<OneLoadCommands>(READER, Array(PROCESSES).fill(task));
    try {
      const rounds: Record<'ours' | 'peer', number[]> = { ours: [], peer: [] };
      for (let row = 0; row < WARM_UP; row += 1) {
        await together(readers, 'holdfast', USERS - 1 - row);
        await together(readers, 'prisma', USERS - 1 - row);
      }
      let isAnswered = true;
      for (let round = 0; round < world.rounds; round += 1) {
        const ours = await counted(world, readers, 'holdfast', round);
        const peer = await counted(world, readers, 'prisma', round);
        rounds.ours.push(ours.statements);
        rounds.peer.push(peer.statements);
        isAnswered &&= ours.isAnswered && peer.isAnswered;
      }
      return [rowOf(rounds, isAnswered)];
    } finally {
      await Promise.all(readers.map((reader) => reader.close()));
    }
  },
};

type Readers = readonly BenchWorker<OneLoadCommands>[];

async function counted(
  world: World,
  readers: Readers,
  by: OneLoadRound['by'],
  row: number,
): Promise<{ readonly statements: number; readonly isAnswered: boolean }> {
  let reports: Awaited<ReturnType<typeof together>> = [];
  const statements = await world.statementsDuring(async () => {
    reports = await together(readers, by, row);
  });
  const late = Math.max(...reports.map(({ lateMs }) => lateMs));
  const took = Math.max(...reports.map(({ tookMs }) => tookMs));
  const reading = statements.filter(({ sql }) => READS_USERS.test(sql)).length;
  world.log(
    `${by}: ${reading} statements, the last process ${late} ms late, all done in ${took.toFixed(0)} ms`,
  );
  return { statements: reading, isAnswered: reports.every(({ answered }) => answered === READERS) };
}

async function together(readers: Readers, by: OneLoadRound['by'], row: number) {
  const round: OneLoadRound = { by, id: userId(row), readers: READERS, atEpochMs: Date.now() + NOTICE_MS };
  return Promise.all(readers.map((reader) => reader.ask('read', round)));
}

function rowOf(rounds: BenchRow['rounds'], isAnswered: boolean): BenchRow {
  return {
    id: 'one-load',
    path: 'one cold row, 4 processes x 250 readers: SQL statements',
    peer: 'Prisma `findUnique`',
    unit: 'statements',
    ours: median(rounds.ours),
    peerFigure: median(rounds.peer),
    target: { atMost: 1 },
    judged: 'ours',
    rounds,
    checks: [
      { what: '1 statement in every round', holds: rounds.ours.every((count) => count === 1) },
      { what: 'every reader got the row', holds: isAnswered },
    ],
  };
}
