import type { Logger } from '../config/index.js';
import { describe, endQuietly, type MaintenanceSession } from './session.js';
import type { MaintenanceProgress } from './types.js';

/** How far the statement of one session is: https://www.postgresql.org/docs/18/progress-reporting.html */
const PROGRESS_SQL = `
SELECT phase                                             AS "phase",
       (heap_blks_scanned::float8 / nullif(heap_blks_total, 0)) AS "share"
FROM   pg_stat_progress_vacuum WHERE pid = $1
UNION ALL
SELECT phase,
       sample_blks_scanned::float8 / nullif(sample_blks_total, 0)
FROM   pg_stat_progress_analyze WHERE pid = $1
UNION ALL
SELECT phase,
       coalesce(blocks_done::float8 / nullif(blocks_total, 0), tuples_done::float8 / nullif(tuples_total, 0))
FROM   pg_stat_progress_create_index WHERE pid = $1`;

const ASK_EVERY_MS = 250;

interface ProgressRow {
  readonly phase: string;
  readonly share: number | null;
}

type Report = (event: MaintenanceProgress) => void;
type Place = { readonly table: string; readonly index: number; readonly total: number };

/**
 * Asks, through a second connection, how far a session's statement is, and reports it until stopped. Most statements
 * end before it first asks and cost no connection. When it cannot ask, the work goes on without it.
 */
export function watchProgress(
  session: MaintenanceSession,
  place: Place,
  report: Report,
  logger: Logger,
): { stop(): Promise<void> } {
  let isStopped = false;
  let wake: () => void = () => undefined;
  const watching = watch().catch((error: unknown) => {
    logger.debug({ reason: describe(error) }, 'the progress of maintenance cannot be watched');
  });
  return {
    stop: async () => {
      isStopped = true;
      wake();
      await watching;
    },
  };

  async function watch(): Promise<void> {
    await pause();
    if (isStopped) return;
    const client = await session.openHelper();
    try {
      while (!isStopped) {
        const { rows } = await client.query<ProgressRow>(PROGRESS_SQL, [session.facts.pid]);
        const [row] = rows;
        if (row !== undefined && !isStopped) report({ kind: 'table-advanced', ...place, ...row });
        await pause();
      }
    } finally {
      await endQuietly(client);
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ASK_EVERY_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
