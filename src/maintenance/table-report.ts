import { readBloat } from './bloat.js';
import { displayName, type Relation } from './catalog.js';
import { readInvalidIndexes } from './invalid-indexes.js';
import type { MaintenanceSession } from './session.js';
import { readSize, readStatistics, type TableStatistics } from './table-statistics.js';
import { whatIsDue } from './thresholds.js';
import type { MaintenanceThresholds, TableReport } from './types.js';

const KINDS: Readonly<Record<string, TableReport['kind']>> = {
  r: 'table',
  t: 'table',
  p: 'partitioned table',
  m: 'materialized view',
  f: 'foreign table',
};

/** The state of these tables, the one with the most dead tuples first. What is no table is left out. */
export async function readTableReports(
  session: MaintenanceSession,
  relations: readonly Relation[],
  thresholds: MaintenanceThresholds,
  signal: AbortSignal | undefined,
): Promise<readonly TableReport[]> {
  const tables = relations.filter(({ kind }) => kind in KINDS);
  const oids = tables.map(({ oid }) => oid);
  const statistics = await readStatistics(session, oids);
  const bloat = await readBloat(session, oids);
  const invalid = await readInvalidIndexes(session, oids);
  const reports: TableReport[] = [];
  for (const table of tables) {
    signal?.throwIfAborted();
    const known = statistics.get(table.oid);
    if (known === undefined) continue; // Dropped meanwhile.
    const { tableBytes, indexBytes } = await readSize(session, table.oid);
    reports.push(
      Object.freeze({
        table: displayName(table),
        kind: KINDS[table.kind] ?? 'table',
        ...countsOf(known),
        tableBytes,
        indexBytes,
        bloatBytes: bloat.get(table.oid) ?? null,
        lastVacuum: known.lastVacuum,
        lastAutovacuum: known.lastAutovacuum,
        lastAnalyze: known.lastAnalyze,
        lastAutoanalyze: known.lastAutoanalyze,
        xidAge: known.xidAge,
        freezeMaxAge: known.freezeMaxAge,
        invalidIndexes: invalid.filter(({ tableOid }) => tableOid === table.oid).map(displayName),
        due: table.kind === 'f' ? [] : whatIsDue(known, thresholds, new Date()),
      }),
    );
  }
  return reports.sort((a, b) => (b.deadTuples ?? 0) - (a.deadTuples ?? 0));
}

function countsOf(
  known: TableStatistics,
): Pick<TableReport, 'rows' | 'deadTuples' | 'deadShare' | 'changedSinceAnalyze'> {
  const { rows, changedSinceAnalyze } = known;
  const deadTuples = known.isPartitioned ? null : known.deadTuples;
  const all = (rows ?? 0) + (deadTuples ?? 0);
  const deadShare = deadTuples === null ? null : all === 0 ? 0 : deadTuples / all;
  return { rows, deadTuples, deadShare, changedSinceAnalyze };
}
