import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { formatMs } from '../../support/format.js';
import { median } from '../measure/index.js';
import type { BenchRow } from '../report/row.js';
import type { Scenario } from '../scenario.js';
import { probedBy } from '../workers/probed.js';
import { userId, type World } from '../world.js';

const USERS = 10_000;
/** Fresh processes of each side in a round; the figure of a round is their median. */
const PROCESSES_PER_ROUND = 5;
const TIMEOUT_MS = 60_000;

const PROBE = fileURLToPath(new URL('../workers/import-probe.mjs', import.meta.url));

type Side = 'ours' | 'peer';

interface Standing {
  /** Since the process began. */
  readonly atMs: number;
  readonly rssBytes: number;
}

interface Probe {
  /** When the process had begun, and imported nothing. */
  readonly startedMs: number;
  readonly imported: Standing;
  readonly answered: Standing;
}

/** What the table shows of a probe. */
interface Figures {
  readonly importMs: number;
  readonly answerMs: number;
  readonly importMegabytes: number;
  readonly answerMegabytes: number;
}

/**
 * What the package adds to the start of a process: fresh processes of node by turns, that import the built package and read
 * one row through it, or import the generated client of the same schema with Prisma's driver adapter and read another. The
 * time to import is of the import alone, without the start of node, which is the same for both and would make a difference
 * look smaller; the time to the first answer counts from the start of the process, with connections to PostgreSQL and, on our
 * side, to Redis.
 */
export const importCost: Scenario = {
  name: 'import-cost',
  category: 'connections',
  run: async (world) => {
    await world.seedUsers(USERS);
    const environments: Record<Side, Record<string, string>> = {
      ours: world.factoryEnvironment({ prefix: world.newPrefix() }),
      peer: { NODE_ENV: 'production', DATABASE_URL: world.bareDatabaseUrl },
    };
    let reads = 0;
    const run = async (side: Side): Promise<Figures> => {
      reads += 1;
      return probe(side, environments[side], userId(reads));
    };
    // The first one reads the files from the disk.
    for (const side of ['ours', 'peer'] as const) await run(side);
    const rounds: Record<Side, Figures[]> = { ours: [], peer: [] };
    for (let round = 0; round < world.rounds; round += 1) {
      const figures: Record<Side, Figures[]> = { ours: [], peer: [] };
      for (let n = 0; n < PROCESSES_PER_ROUND; n += 1) {
        for (const side of n % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const))
          figures[side].push(await run(side));
      }
      for (const side of ['ours', 'peer'] as const) rounds[side].push(medians(figures[side]));
    }
    return rowsOf(rounds, world);
  },
};

async function probe(side: Side, environment: Record<string, string>, id: string): Promise<Figures> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [PROBE, side === 'ours' ? 'holdfast' : 'prisma', id],
    { env: { PATH: process.env['PATH'], ...environment }, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' },
  );
  const result = stdout
    .split('\n')
    .map((line) => probedBy<Probe>(line))
    .find((one) => one !== null);
  if (result === undefined || result === null) throw new Error(`A process told nothing but:\n${stdout}`);
  const { startedMs, imported, answered } = result;
  return {
    importMs: imported.atMs - startedMs,
    answerMs: answered.atMs,
    importMegabytes: imported.rssBytes / 1e6,
    answerMegabytes: answered.rssBytes / 1e6,
  };
}

function medians(all: readonly Figures[]): Figures {
  const of = (figure: keyof Figures): number => median(all.map((one) => one[figure]));
  return {
    importMs: of('importMs'),
    answerMs: of('answerMs'),
    importMegabytes: of('importMegabytes'),
    answerMegabytes: of('answerMegabytes'),
  };
}

const ROWS: readonly (readonly [id: string, figure: keyof Figures, path: string, unit: string])[] = [
  ['import-cost-import-time', 'importMs', 'time to import', 'ms'],
  ['import-cost-first-answer-time', 'answerMs', 'from the start of the process to the first answer', 'ms'],
  ['import-cost-import-memory', 'importMegabytes', 'memory (RSS) after the import', 'MB'],
  ['import-cost-first-answer-memory', 'answerMegabytes', 'memory (RSS) after the first answer', 'MB'],
];

function rowsOf(rounds: Readonly<Record<Side, readonly Figures[]>>, world: World): BenchRow[] {
  for (const side of ['ours', 'peer'] as const) {
    const { importMs, answerMs, importMegabytes, answerMegabytes } = medians(rounds[side]);
    const who = side === 'ours' ? 'holdfast/domain' : 'Prisma alone';
    world.log(
      `${who}: imported in ${formatMs(importMs)}, first answer ${formatMs(answerMs)} after the start; ` +
        `RSS ${importMegabytes.toFixed(1)} MB, then ${answerMegabytes.toFixed(1)} MB`,
    );
  }
  return ROWS.map(([id, figure, path, unit]) => {
    const [ours, peer] = [rounds.ours, rounds.peer].map((all) => all.map((one) => one[figure])) as [
      number[],
      number[],
    ];
    return {
      id,
      path: `import of the package: ${path}`,
      peer: 'import of Prisma alone',
      unit,
      ours: median(ours),
      peerFigure: median(peer),
      target: { atMost: 1.1 },
      judged: 'ratio',
      rounds: { ours, peer },
    };
  });
}
