import { formatCount, formatMs, formatShare } from '../../support/format.js';
import { renderTable } from '../../support/table.js';
import type { BenchRow } from '../report/row.js';
import type { Scenario } from '../scenario.js';
import { BenchWorker } from '../workers/bench-worker.js';
import type { LoadGeneratorCommands, LoadGeneratorTask } from '../workers/load-generator.js';
import type { LoadServiceCommands, LoadServiceTask } from '../workers/load-service.js';
import type { OpenLoopReport } from '../workers/open-loop.js';
import { MIX } from '../workers/zipf-mix.js';
import type { World } from '../world.js';

const CLIENTS = 500;
/** Requests per second: these first, then so many more each time. */
const FIRST_RATES = [1_000, 2_000, 5_000, 10_000];
const STEP = 5_000;
const HIGHEST_RATE = 200_000;
/** A rate is held as long as these are kept. */
const MAX_P95_MS = 100;
const MAX_ERROR_SHARE = 0.001;
/** What fills the caches. */
const WARM_UP = { ratePerSecond: 2_000, durationMs: 30_000 };
const SECONDS_PER_ROUND = 2;
/** Of the figures published elsewhere. */
const PUBLISHED_RATE = 2_000;

const SERVICE = new URL('../workers/load-service.ts', import.meta.url);
const GENERATOR = new URL('../workers/load-generator.ts', import.meta.url);

/** What one rate came to. */
interface Step extends OpenLoopReport {
  readonly ratePerSecond: number;
  readonly hitRate: number;
  readonly held: boolean;
}

/**
 * How many requests per second a service holds: 500 clients on connections of their own, in a second process, ask at a
 * fixed rate, whether or not it keeps up, and latency counts from the moment a request was due (`OpenLoop`). The rate rises
 * until p95 passes 100 ms. The mix is that of `zipf-mix`. Then the same of the same service with Prisma alone behind it.
 *
 * All is on one machine: PostgreSQL, Redis and the generator take their share of the cores from the service. The service
 * answers lines over TCP instead of HTTP, whose parsing alone takes more than a hit (`load-service.ts`).
 */
export const headline: Scenario = {
  name: 'headline',
  category: 'mixed',
  run: async (world) => {
    await world.seedUsers(MIX.rows);
    const environment = world.factoryEnvironment({ prefix: world.newPrefix() });
    const ours = await climb(world, 'holdfast', { environment, bareDatabaseUrl: null });
    const peer = await climb(world, 'Prisma alone', {
      environment,
      bareDatabaseUrl: world.bareDatabaseUrl,
    });
    return [rowOf(ours, peer)];
  },
};

async function climb(world: World, title: string, task: LoadServiceTask): Promise<readonly Step[]> {
  const service = await BenchWorker.start<LoadServiceCommands>(SERVICE, task);
  try {
    const port = await service.ask('port', null);
    const generatorTask: LoadGeneratorTask = { port, clients: CLIENTS, seed: 1 };
    const generator = await BenchWorker.start<LoadGeneratorCommands>(GENERATOR, generatorTask);
    try {
      await generator.ask('run', WARM_UP);
      const steps: Step[] = [];
      for (const ratePerSecond of rates()) {
        const step = await stepAt(ratePerSecond, world, service, generator);
        steps.push(step);
        world.log(`${title}: ${formatCount(ratePerSecond)}/s, p95 ${formatMs(step.p95Ms)}`);
        if (!step.held) break;
      }
      process.stdout.write(`\n${tableOf(title, steps)}\n`);
      return steps;
    } finally {
      await generator.close();
    }
  } finally {
    await service.close();
  }
}

async function stepAt(
  ratePerSecond: number,
  world: World,
  service: BenchWorker<LoadServiceCommands>,
  generator: BenchWorker<LoadGeneratorCommands>,
): Promise<Step> {
  const before = await service.ask('report', null);
  const durationMs = world.rounds * SECONDS_PER_ROUND * 1_000;
  const report = await generator.ask('run', { ratePerSecond, durationMs });
  const after = await service.ask('report', null);
  const [hits, misses] = [after.hits - before.hits, after.misses - before.misses];
  return {
    ...report,
    ratePerSecond,
    hitRate: hits / (hits + misses),
    held: report.p95Ms <= MAX_P95_MS && report.failures < report.due * MAX_ERROR_SHARE,
  };
}

function* rates(): Generator<number> {
  yield* FIRST_RATES;
  const last = FIRST_RATES.at(-1) ?? 0;
  for (let rate = last + STEP; rate <= HIGHEST_RATE; rate += STEP) yield rate;
}

function tableOf(title: string, steps: readonly Step[]): string {
  const header = [title, 'answered/s', 'p50', 'p95', 'p99', 'hits', 'errors', 'late', ''];
  const lines = steps.map((step) => [
    `${formatCount(step.ratePerSecond)}/s`,
    formatCount(step.achievedPerSecond),
    formatMs(step.p50Ms),
    formatMs(step.p95Ms),
    formatMs(step.p99Ms),
    formatShare(step.hitRate),
    `${((step.failures / step.due) * 100).toFixed(2)} %`,
    formatMs(step.noticedLateMs),
    step.held ? 'held' : 'not held',
  ]);
  return (
    `${renderTable(header, lines)}\nThe highest rate held: ${formatCount(highestHeld(steps))} requests/s ` +
    `(${CLIENTS} clients, ${formatShare(MIX.updateShare)} updates). "late" is how late the generator noticed ` +
    'at worst that a request was due; it is part of the latencies.'
  );
}

function highestHeld(steps: readonly Step[]): number {
  return Math.max(0, ...steps.filter(({ held }) => held).map(({ ratePerSecond }) => ratePerSecond));
}

function rowOf(ours: readonly Step[], peer: readonly Step[]): BenchRow {
  const [best, theirs] = [highestHeld(ours), highestHeld(peer)];
  return {
    id: 'headline',
    path: `highest rate held with ${CLIENTS} clients: p95 <= ${MAX_P95_MS} ms, errors < 0.1 %`,
    peer: 'Prisma alone',
    unit: 'requests/s',
    ours: best,
    peerFigure: theirs,
    target: { atLeast: PUBLISHED_RATE },
    judged: 'ours',
    rounds: { ours: [best], peer: [theirs] },
  };
}
