import type { Relation } from './catalog.js';
import type { MaintenanceSession, ServerFacts, StatementOutcome } from './session.js';
import type { TableStatistics } from './table-statistics.js';
import type { MaintenanceOperation, TableReason } from './types.js';

/** What is to be done with one table, or why nothing is. */
export type TablePlan =
  | {
      readonly statement: string;
      /** Why it is due, where that was the question. */
      readonly due: readonly string[];
      /** The counter of PostgreSQL that has gone up once the statement's figures can be read; null for none. */
      readonly counter: 'vacuumCount' | 'analyzeCount' | null;
    }
  | { readonly statement: null; readonly reason: TableReason };

/** What came of a statement besides its effect. */
export interface ExecutionOutcome extends StatementOutcome {
  /** Why it failed; null when it did not. */
  readonly failure: unknown;
  readonly droppedIndexes: readonly string[];
  readonly leftIndexes: readonly string[];
}

/** One kind of maintenance: decides for each table what to run, and runs it. */
export interface TableOperation {
  readonly name: MaintenanceOperation;
  /** Whether a partitioned table has something of its own to be done, beside its partitions. */
  readonly includesPartitioned: boolean;
  plan(table: Relation, statistics: TableStatistics, server: ServerFacts): TablePlan;
  execute(
    session: MaintenanceSession,
    table: Relation,
    statement: string,
    signal: AbortSignal | undefined,
  ): Promise<ExecutionOutcome>;
}

/** Runs a statement that leaves nothing behind when it fails. */
export async function executePlainly(
  session: MaintenanceSession,
  _table: Relation,
  statement: string,
  signal: AbortSignal | undefined,
): Promise<ExecutionOutcome> {
  const nothing = { droppedIndexes: [], leftIndexes: [] };
  try {
    return { ...(await session.run(statement, signal)), failure: null, ...nothing };
  } catch (failure) {
    return { failure, warnings: [], ...nothing };
  }
}

/** Why a relation is not for this kind of maintenance at all; null when it is. */
export function refusalOf(
  relation: Relation,
  { name, includesPartitioned }: TableOperation,
): TableReason | null {
  const { kind, isTemporary, mayReindex, mayVacuum } = relation;
  if (kind === 'f') {
    return { code: 'foreign-table', message: 'a foreign table: its rows are maintained where they live' };
  }
  if (!'rpmt'.includes(kind)) return { code: 'not-a-table', message: `${kindInWords(kind)}, not a table` };
  if (isTemporary) return { code: 'temporary', message: 'a temporary table of another session' };
  if (kind === 'p' && !includesPartitioned) {
    return { code: 'partitioned', message: 'partitioned: it has no rows of its own; its partitions follow' };
  }
  if (name === 'reindex' ? mayReindex : mayVacuum) return null;
  return { code: 'no-permission', message: 'this role neither owns it nor may maintain it' };
}

const KINDS: Readonly<Record<string, string>> = {
  i: 'an index',
  I: 'an index of a partitioned table',
  S: 'a sequence',
  v: 'a view',
  c: 'a type',
};

function kindInWords(kind: string): string {
  return KINDS[kind] ?? `of kind "${kind}"`;
}
