import type { Relation } from './catalog.js';
import { type MaintenanceSession, sqlState } from './session.js';
import type { DueFigures } from './thresholds.js';
import type { TableFigures } from './types.js';

/**
 * What PostgreSQL counts per table, and how old it is. Outside of a transaction every statement sees the counts anew,
 * so there is no snapshot to clear. What other sessions have done is counted when they report it: after a transaction,
 * at most once a second, and within ten when they then fall idle; nobody can make them. Partitions are summed up for a
 * partitioned table, for which nothing is counted. Takes no lock.
 */
const STATISTICS_SQL = `
WITH RECURSIVE tree AS (
  SELECT oid AS root, oid, relkind FROM pg_class WHERE oid = ANY ($1::float8[]::int8[]::oid[])
  UNION ALL
  SELECT tree.root, c.oid, c.relkind
  FROM   tree
  JOIN   pg_inherits i ON i.inhparent = tree.oid AND tree.relkind = 'p'
  JOIN   pg_class c ON c.oid = i.inhrelid
), counted AS (
  SELECT tree.root,
         sum(CASE WHEN s.n_live_tup > 0 THEN s.n_live_tup ELSE greatest(c.reltuples, 0) END) AS rows,
         sum(s.n_mod_since_analyze)                       AS changed
  FROM   tree
  JOIN   pg_class c ON c.oid = tree.oid AND c.relkind <> 'p'
  JOIN   pg_stat_all_tables s ON s.relid = tree.oid
  GROUP  BY tree.root
)
SELECT c.oid::int8::float8                               AS "oid",
       c.relkind = 'p'                                   AS "isPartitioned",
       counted.rows::float8                              AS "rows",
       s.n_live_tup::float8                              AS "liveTuples",
       s.n_dead_tup::float8                              AS "deadTuples",
       s.n_ins_since_vacuum::float8                      AS "insertedSinceVacuum",
       counted.changed::float8                           AS "changedSinceAnalyze",
       s.last_vacuum                                     AS "lastVacuum",
       s.last_autovacuum                                 AS "lastAutovacuum",
       s.last_analyze                                    AS "lastAnalyze",
       s.last_autoanalyze                                AS "lastAutoanalyze",
       greatest(s.last_analyze, s.last_autoanalyze)      AS "analyzedAt",
       s.vacuum_count::float8                            AS "vacuumCount",
       s.analyze_count::float8                           AS "analyzeCount",
       CASE WHEN c.relfrozenxid <> '0' THEN greatest(age(c.relfrozenxid), age(t.relfrozenxid))::float8
       END                                               AS "xidAge",
       current_setting('autovacuum_freeze_max_age')::float8
                                                         AS "freezeMaxAge",
       CASE WHEN c.relminmxid <> '0' THEN greatest(mxid_age(c.relminmxid), mxid_age(t.relminmxid))::float8
       END                                               AS "multixactAge",
       current_setting('autovacuum_multixact_freeze_max_age')::float8
                                                         AS "multixactFreezeMaxAge"
FROM   pg_class c
LEFT   JOIN pg_class t ON t.oid = c.reltoastrelid AND t.relfrozenxid <> '0'
LEFT   JOIN pg_stat_all_tables s ON s.relid = c.oid
LEFT   JOIN counted ON counted.root = c.oid
WHERE  c.oid = ANY ($1::float8[]::int8[]::oid[])`;

const SIZE_SQL = `
SELECT pg_table_size($1::float8::int8::oid)::float8      AS "tableBytes",
       pg_indexes_size($1::float8::int8::oid)::float8    AS "indexBytes"`;

/** What PostgreSQL knows of one table. Null where it knows nothing. */
export interface TableStatistics extends DueFigures {
  readonly oid: number;
  readonly liveTuples: number | null;
  readonly lastVacuum: Date | null;
  readonly lastAutovacuum: Date | null;
  readonly lastAnalyze: Date | null;
  readonly lastAutoanalyze: Date | null;
  /** Manual runs that have been counted. */
  readonly vacuumCount: number | null;
  readonly analyzeCount: number | null;
}

/** The space of a table: its own with TOAST, and that of its indexes. Null where a lock kept it from being read. */
export interface TableSize {
  readonly tableBytes: number | null;
  readonly indexBytes: number | null;
}

/** The statistics by oid; a table that has gone meanwhile is missing. */
export async function readStatistics(
  session: MaintenanceSession,
  oids: readonly number[],
): Promise<ReadonlyMap<number, TableStatistics>> {
  const rows = await session.query<TableStatistics>(STATISTICS_SQL, [oids]);
  return new Map(rows.map((row) => [row.oid, row]));
}

/** The size of one table. An `ACCESS EXCLUSIVE` lock of another session on it is waited for no longer than usual. */
export async function readSize(
  session: MaintenanceSession,
  oid: number,
  signal?: AbortSignal,
): Promise<TableSize> {
  try {
    const [size] = await session.query<TableSize>(SIZE_SQL, [oid], signal);
    return size ?? { tableBytes: null, indexBytes: null };
  } catch (error) {
    if (sqlState(error) === '55P03') return { tableBytes: null, indexBytes: null };
    throw error;
  }
}

/** Statistics and size in one, for the results of a run. */
export function figuresOf(statistics: TableStatistics, { tableBytes, indexBytes }: TableSize): TableFigures {
  return Object.freeze({
    deadTuples: statistics.isPartitioned ? null : statistics.deadTuples,
    liveTuples: statistics.isPartitioned ? null : statistics.liveTuples,
    sizeBytes: tableBytes === null || indexBytes === null ? null : tableBytes + indexBytes,
  });
}

/** The statistics of one table; null when it has gone. */
export async function readOne(
  session: MaintenanceSession,
  { oid }: Pick<Relation, 'oid'>,
): Promise<TableStatistics | null> {
  return (await readStatistics(session, [oid])).get(oid) ?? null;
}
