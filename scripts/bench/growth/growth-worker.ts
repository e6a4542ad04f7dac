/* A process that reads users by each of the paths, one path at a time. */
import type { EnvironmentVariables } from '../../../src/config/index.js';
import { LatencyRecorder } from '../../demo/latency-recorder.js';
import { callers } from '../measure/index.js';
import { userId } from '../users.js';
import { openFactory } from '../workers/open-factory.js';
import { serveWorker } from '../workers/serve-worker.js';
import { barePrismaOn } from '../world.js';
import type { GrowthPath, KeyRange } from './points.js';

export interface GrowthTask {
  /** With all caches; without the near cache; the same in a fleet of one, so that it can be emptied. */
  readonly near: EnvironmentVariables;
  readonly shared: EnvironmentVariables;
  readonly cold: EnvironmentVariables;
  readonly bareDatabaseUrl: string;
}

export interface GrowthMeasure {
  readonly path: GrowthPath;
  readonly keys: KeyRange;
  readonly callers: number;
  readonly durationMs: number;
}

export interface GrowthReport {
  readonly opsPerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Reads that failed, or gave another row than was asked for. */
  readonly errors: number;
  /** The share of the reads that came from where the path says, 0 to 1. */
  readonly asSaid: number;
}

export type GrowthCommands = {
  readonly measure: (measure: GrowthMeasure) => Promise<GrowthReport>;
};

/** One path. */
interface Way {
  read(id: string): Promise<{ readonly id: string } | null>;
  /** Has all keys forgotten; null where they are to be known. */
  readonly forget: (() => Promise<unknown>) | null;
  /** How many reads went this way so far; null where there is no other. */
  reads(): number | null;
}

/** One read of so many is timed: to time all takes longer than a near hit does. */
const TIMED = 16;

serveWorker<GrowthTask, GrowthCommands>(async ({ near, shared, cold, bareDatabaseUrl }) => {
  const [nearFactory, sharedFactory, coldFactory] = [
    await openFactory(near),
    await openFactory(shared),
    await openFactory(cold),
  ];
  const prisma = barePrismaOn(bareDatabaseUrl);
  await prisma.$connect();
  const reading = (factory: typeof nearFactory) => (id: string) => factory.getUserRepository().findById(id);
  const ways: Readonly<Record<GrowthPath, Way>> = {
    'near hit': {
      read: reading(nearFactory),
      forget: null,
      reads: () => nearFactory.getCacheStatistics().nearHits,
    },
    'shared hit': {
      read: reading(sharedFactory),
      forget: null,
      reads: () => sharedFactory.getCacheStatistics().hits,
    },
    'cold read': {
      read: reading(coldFactory),
      forget: () => coldFactory.clearCache(),
      reads: () => coldFactory.getCacheStatistics().loads,
    },
    'Prisma findUnique': {
      read: (id) => prisma.user.findUnique({ where: { id } }),
      forget: null,
      reads: () => null,
    },
  };
  return {
    commands: { measure: ({ path, ...rest }) => measure(ways[path], rest) },
    close: async () => {
      await Promise.all([nearFactory.shutdown(), sharedFactory.shutdown(), coldFactory.shutdown()]);
      await prisma.$disconnect();
    },
  };
});

/**
 * Reads the keys over and over until the time is over; where they are to be forgotten, in passes of one read of each key, between
 * which the time stands still. The first pass is for nothing.
 */
async function measure(
  way: Way,
  { keys, callers: count, durationMs }: Omit<GrowthMeasure, 'path'>,
): Promise<GrowthReport> {
  const ids = Array.from({ length: keys.count }, (_, place) => userId(keys.first + place * keys.step));
  let latencies = new LatencyRecorder();
  const total = { operations: 0, elapsedMs: 0, errors: 0 };
  const read = async (n: number): Promise<boolean> => {
    const id = ids[n % ids.length] ?? '';
    if (n % TIMED !== 0) return (await way.read(id))?.id === id;
    const startedAt = performance.now();
    const row = await way.read(id);
    latencies.recordMs(performance.now() - startedAt);
    return row?.id === id;
  };
  await callers(count, { operations: ids.length }, read);
  latencies = new LatencyRecorder();
  const before = way.reads();
  while (total.elapsedMs < durationMs) {
    await way.forget?.();
    const extent = way.forget === null ? { seconds: durationMs / 1_000 } : { operations: ids.length };
    const pass = await callers(count, extent, read);
    total.operations += pass.operations;
    total.elapsedMs += pass.elapsedMs;
    total.errors += pass.errors;
  }
  const after = way.reads();
  return {
    opsPerSecond: (total.operations * 1_000) / total.elapsedMs,
    p50Ms: latencies.percentileMs(50),
    p95Ms: latencies.percentileMs(95),
    errors: total.errors,
    asSaid: before === null || after === null ? 1 : (after - before) / total.operations,
  };
}
