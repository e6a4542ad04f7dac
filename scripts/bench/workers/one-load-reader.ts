/* A process whose readers all ask for one row at one moment. */
import type { EnvironmentVariables } from '../../../src/config/index.js';
import { barePrismaOn } from '../world.js';
import { openFactory } from './open-factory.js';
import { serveWorker } from './serve-worker.js';

export interface OneLoadTask {
  readonly environment: EnvironmentVariables;
  readonly bareDatabaseUrl: string;
}

/** All processes are told the same moment, by the clock of the machine, so that they begin together. */
export interface OneLoadRound {
  readonly by: 'holdfast' | 'prisma';
  readonly id: string;
  readonly readers: number;
  readonly atEpochMs: number;
}

export interface OneLoadReport {
  /** Readers that got the row that they asked for. */
  readonly answered: number;
  /** How long after the moment it began; a process that comes late is no part of the crowd. */
  readonly lateMs: number;
  /** Until the last reader had its answer. */
  readonly tookMs: number;
}

export type OneLoadCommands = {
  readonly read: (round: OneLoadRound) => Promise<OneLoadReport>;
};

serveWorker<OneLoadTask, OneLoadCommands>(async ({ environment, bareDatabaseUrl }) => {
  const factory = await openFactory(environment);
  const bare = barePrismaOn(bareDatabaseUrl);
  const users = factory.getUserRepository();
  const ways = {
    holdfast: (id: string) => users.findById(id),
    prisma: (id: string) => bare.user.findUnique({ where: { id } }),
  };
  return {
    commands: {
      read: async ({ by, id, readers, atEpochMs }) => {
        await until(atEpochMs);
        const startedAt = performance.now();
        const lateMs = Date.now() - atEpochMs;
        const rows = await Promise.all(Array.from({ length: readers }, () => ways[by](id)));
        const answered = rows.filter((row) => row?.id === id).length;
        return { answered, lateMs, tookMs: performance.now() - startedAt };
      },
    },
    close: async () => {
      await Promise.all([factory.shutdown(), bare.$disconnect()]);
    },
  };
});

/** Timers wake late by a millisecond or more, so the last few are spent turning the event loop. */
async function until(epochMs: number): Promise<void> {
  const restMs = epochMs - Date.now() - 5;
  if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
  while (Date.now() < epochMs) await new Promise((resolve) => setImmediate(resolve));
}
