import { setTimeout as delay } from 'node:timers/promises';
import type { Relation } from './catalog.js';
import type { MaintenanceSession } from './session.js';
import { figuresOf, readOne, readSize, type TableStatistics } from './table-statistics.js';
import type { TableFigures } from './types.js';

// Up to PostgreSQL 14 a collector process writes the counts out, at most twice a second; since 15 they are there at
// once. https://www.postgresql.org/docs/14/monitoring-stats.html#MONITORING-STATS-VIEWS
const COUNTED_WITHIN_MS = 2_000;
const ASK_AGAIN_MS = 50;

/**
 * The figures of a table after a statement. Dead and live tuples are read only once PostgreSQL's counter shows that
 * the statement is in them, and are null where it never does: a count from before would look like a failure.
 */
export async function readFiguresAfter(
  session: MaintenanceSession,
  table: Relation,
  before: TableStatistics,
  counter: 'vacuumCount' | 'analyzeCount' | null,
): Promise<TableFigures> {
  const size = await readSize(session, table.oid);
  const counted = counter === null ? await readOne(session, table) : await readOnceCounted();
  if (counted !== null) return figuresOf(counted, size);
  return { ...figuresOf(before, size), deadTuples: null, liveTuples: null };

  async function readOnceCounted(): Promise<TableStatistics | null> {
    const countBefore = counter === null ? null : before[counter];
    if (counter === null || countBefore === null || !session.facts.countsRows) return null;
    const deadline = performance.now() + COUNTED_WITHIN_MS;
    for (;;) {
      const now = await readOne(session, table);
      if (now === null || (now[counter] ?? 0) > countBefore) return now;
      if (performance.now() > deadline) return null;
      await delay(ASK_AGAIN_MS);
    }
  }
}
