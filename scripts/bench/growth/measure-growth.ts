import { median } from '../measure/index.js';
import { BenchWorker } from '../workers/bench-worker.js';
import type { World } from '../world.js';
import type { GrowthCommands, GrowthReport, GrowthTask } from './growth-worker.js';
import { type GrowthPath, type GrowthStep, keysOf, PATHS, VALUES } from './points.js';
import { sizeUsers } from './sized-users.js';

const WORKER = new URL('./growth-worker.ts', import.meta.url);
const PASS_MS = 700;
const WARM_UP_ROUNDS = 2;
/** A read that came from elsewhere than its path says makes the figure one of something else. */
const LEAST_AS_SAID = 0.95;

/** The median of the rounds of one path at one step: of all processes together, and of their callers. */
export interface GrowthFigure {
  readonly dimension: GrowthStep['dimension'];
  readonly value: number;
  readonly path: GrowthPath;
  readonly opsPerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Of all rounds. */
  readonly errors: number;
  /** The least share of the reads that came from where the path says, in any round and process. */
  readonly asSaid: number;
  /** Whether the figure is of what it says. */
  readonly isSound: boolean;
}

/**
 * All steps, one after the other, on processes that stay. At each step the paths take turns, so that all of them meet the
 * same machine; each reads the same rows.
 */
export async function measureGrowth(
  world: World,
  steps: readonly GrowthStep[],
): Promise<readonly GrowthFigure[]> {
  await world.seedUsers(Math.min(...steps.map(({ point }) => point.rows)));
  const sized = steps.filter(({ dimension }) => dimension === 'bytes');
  await Promise.all([world.databaseUrl, world.bareDatabaseUrl].map((url) => sizeUsers(url, sized)));
  const workers = await BenchWorker.startAll<GrowthCommands>(WORKER, tasksOf(world));
  try {
    const figures: GrowthFigure[] = [];
    // A path that was never run is compiled while it runs.
    if (steps[0] !== undefined) await measureStep(WARM_UP_ROUNDS, workers, steps[0]);
    for (const step of steps) {
      world.log(`${step.dimension} ${step.value.toLocaleString('en-US')}`);
      await world.seedUsers(step.point.rows);
      figures.push(...(await measureStep(world.rounds, workers.slice(0, step.point.processes), step)));
    }
    return figures;
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}

function tasksOf(world: World): GrowthTask[] {
  const [near, shared] = [world.newPrefix(), world.newPrefix()];
  return Array.from({ length: Math.max(...VALUES.processes) }, () => ({
    near: world.factoryEnvironment({ prefix: near }),
    shared: world.factoryEnvironment({ prefix: shared, near: false }),
    cold: world.factoryEnvironment({ prefix: world.newPrefix(), near: false }),
    bareDatabaseUrl: world.bareDatabaseUrl,
  }));
}

async function measureStep(
  rounds: number,
  workers: readonly BenchWorker<GrowthCommands>[],
  step: GrowthStep,
): Promise<GrowthFigure[]> {
  const keys = keysOf(step);
  const reports = new Map<GrowthPath, GrowthReport[][]>(PATHS.map((path) => [path, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const path of PATHS) {
      const measure = { path, keys, callers: step.point.callers, durationMs: PASS_MS };
      const all = await Promise.all(workers.map((worker) => worker.ask('measure', measure)));
      reports.get(path)?.push(all);
    }
  }
  return [...reports].map(([path, byRound]) => figureOf(step, path, byRound));
}

/** @param byRound what each process told, by round */
export function figureOf(
  { dimension, value }: Pick<GrowthStep, 'dimension' | 'value'>,
  path: GrowthPath,
  byRound: readonly (readonly GrowthReport[])[],
): GrowthFigure {
  const all = byRound.flat();
  const errors = all.reduce((sum, report) => sum + report.errors, 0);
  const asSaid = Math.min(...all.map((report) => report.asSaid));
  return {
    dimension,
    value,
    path,
    opsPerSecond: median(
      byRound.map((round) => round.reduce((sum, { opsPerSecond }) => sum + opsPerSecond, 0)),
    ),
    p50Ms: median(all.map(({ p50Ms }) => p50Ms)),
    p95Ms: median(all.map(({ p95Ms }) => p95Ms)),
    errors,
    asSaid,
    isSound: errors === 0 && asSaid >= LEAST_AS_SAID,
  };
}
