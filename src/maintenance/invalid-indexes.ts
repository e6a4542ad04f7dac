import { displayName, quotedName, type Relation } from './catalog.js';
import { describe, isConnectionLoss, type MaintenanceSession } from './session.js';

/** Indexes that no query uses, of these tables and of their TOAST tables. Takes no lock. */
const INVALID_INDEXES_SQL = `
SELECT t.oid::int8::float8                               AS "tableOid",
       n.nspname                                         AS "schema",
       c.relname                                         AS "name",
       c.relname ~ '_cc(new|old)[0-9]*$'                 AS "isTransient",
       EXISTS (
         SELECT FROM pg_stat_progress_create_index p WHERE p.relid IN (t.oid, t.reltoastrelid)
       )                                                 AS "isBeingBuilt"
FROM   pg_class t
JOIN   pg_index i ON i.indrelid IN (t.oid, t.reltoastrelid)
JOIN   pg_class c ON c.oid = i.indexrelid
JOIN   pg_namespace n ON n.oid = c.relnamespace
WHERE  t.oid = ANY ($1::float8[]::int8[]::oid[])
AND    NOT i.indisvalid
AND    c.relkind = 'i'
ORDER  BY n.nspname, c.relname`;

/** An index that was begun and never finished. */
export interface InvalidIndex {
  readonly tableOid: number;
  readonly schema: string;
  readonly name: string;
  /** Bears the suffix of REINDEX CONCURRENTLY: `_ccnew` for the copy, `_ccold` for what it replaced. */
  readonly isTransient: boolean;
  /** A session is building an index of its table right now; this may be the one. */
  readonly isBeingBuilt: boolean;
}

/** What became of transient indexes. */
export interface DroppedIndexes {
  readonly dropped: readonly string[];
  readonly left: readonly string[];
  /** Why those are left. */
  readonly problems: readonly string[];
}

/** The invalid indexes of some tables. */
export function readInvalidIndexes(
  session: MaintenanceSession,
  tableOids: readonly number[],
): Promise<readonly InvalidIndex[]> {
  return session.query<InvalidIndex>(INVALID_INDEXES_SQL, [tableOids]);
}

/**
 * Drops what interrupted runs of REINDEX CONCURRENTLY have left on a table, unless an index of it is being built. One
 * that is locked, by a transaction that still uses the table, is left and told of.
 */
export async function dropTransientIndexes(
  session: MaintenanceSession,
  table: Relation,
): Promise<DroppedIndexes> {
  const dropped: string[] = [];
  const left: string[] = [];
  const problems: string[] = [];
  try {
    for (const index of await readInvalidIndexes(session, [table.oid])) {
      if (!index.isTransient || index.isBeingBuilt) continue;
      const problem = await drop(session, index);
      if (problem === null) dropped.push(displayName(index));
      else {
        left.push(displayName(index));
        problems.push(`The invalid index ${displayName(index)} is left: ${problem}.`);
      }
    }
  } catch (error) {
    // The statement that lost the connection, or the next one, reports the loss.
    if (!isConnectionLoss(error)) throw error;
  }
  return { dropped, left, problems };
}

async function drop(session: MaintenanceSession, index: InvalidIndex): Promise<string | null> {
  try {
    await session.run(`DROP INDEX CONCURRENTLY IF EXISTS ${quotedName(index)}`);
    return null;
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    return describe(error);
  }
}
