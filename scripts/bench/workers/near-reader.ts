/* A process that holds rows in its near cache, and goes on reading them, as a service does that is not busy. */
import type { EnvironmentVariables } from '../../../src/config/index.js';
import { openFactory } from './open-factory.js';
import { serveWorker } from './serve-worker.js';

export interface NearReaderTask {
  readonly environment: EnvironmentVariables;
  readonly ids: readonly string[];
  /** How long it rests between two times that it reads all of them. */
  readonly restMs: number;
}

export interface NearReaderReport {
  readonly nearHits: number;
  readonly failures: number;
  /** What a read gives now, in the order of the ids; null where there is no such row. */
  readonly names: readonly (string | null)[];
}

export type NearReaderCommands = {
  readonly report: (nothing: null) => Promise<NearReaderReport>;
};

/** How long it may take until all rows come from memory. */
const WARM_TIMEOUT_MS = 30_000;

serveWorker<NearReaderTask, NearReaderCommands>(async ({ environment, ids, restMs }) => {
  const factory = await openFactory(environment);
  const users = factory.getUserRepository();
  let failures = 0;
  const readAll = () => Promise.all(ids.map((id) => users.findById(id)));

  const giveUpAt = performance.now() + WARM_TIMEOUT_MS;
  for (let before = -ids.length; nearHits() - before < ids.length; ) {
    if (performance.now() > giveUpAt) throw new Error('The near cache holds none of the rows.');
    before = nearHits();
    await readAll();
  }
  function nearHits(): number {
    return factory.getCacheStatistics().nearHits;
  }

  const reading = setInterval(() => {
    readAll().catch(() => {
      failures += 1;
    });
  }, restMs);
  return {
    commands: {
      report: async () => {
        const rows = await readAll();
        return { nearHits: nearHits(), failures, names: rows.map((row) => row?.name ?? null) };
      },
    },
    close: async () => {
      clearInterval(reading);
      await factory.shutdown();
    },
  };
});
