import { quotedName } from './catalog.js';
import { dropTransientIndexes } from './invalid-indexes.js';
import type { TableOperation } from './operation.js';

/**
 * REINDEX TABLE CONCURRENTLY on every table it is given: reads and writes go on meanwhile. Where it fails, it leaves
 * half-built indexes that cost every write and serve no query; they are dropped, and so are those of earlier failures,
 * which is the remedy that https://www.postgresql.org/docs/18/sql-reindex.html recommends.
 */
export const reindexOperation: TableOperation = {
  name: 'reindex',
  includesPartitioned: false,
  plan: (table) =>
    table.hasIndexes
      ? { statement: `REINDEX TABLE CONCURRENTLY ${quotedName(table)}`, due: [], counter: null }
      : { statement: null, reason: { code: 'no-indexes', message: 'it has no indexes' } },
  execute: async (session, table, statement, signal) => {
    const before = await dropTransientIndexes(session, table);
    let failure: unknown = null;
    let warnings: readonly string[] = [];
    try {
      ({ warnings } = await session.run(statement, signal));
    } catch (error) {
      failure = error;
    }
    // Without the signal: what an interrupted REINDEX left is dropped all the more.
    const after = await dropTransientIndexes(session, table);
    return {
      failure,
      warnings: [...warnings, ...after.problems],
      droppedIndexes: [...before.dropped, ...after.dropped],
      leftIndexes: after.left,
    };
  },
};
