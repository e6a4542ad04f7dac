import { performance } from 'node:perf_hooks';
import type { Logger } from '../config/index.js';
import { displayName, type Relation } from './catalog.js';
import { MaintenanceConnectionLostError } from './errors.js';
import { readFiguresAfter } from './figures-after.js';
import { refusalOf, type TableOperation, type TablePlan } from './operation.js';
import { watchProgress } from './progress-watch.js';
import type { RunOptions } from './run-options.js';
import { isConnectionLoss, type MaintenanceSession, sqlState } from './session.js';
import { judgeFailure, lockTimeout } from './statement-failure.js';
import { figuresOf, readOne, readSize, type TableStatistics } from './table-statistics.js';
import type { TableReason, TableResult } from './types.js';

/** A table that is to be worked on, and whether it was asked for by name. */
export interface TableTask {
  readonly relation: Relation;
  readonly isNamed: boolean;
}

const GONE: TableReason = { code: 'gone', message: 'it was dropped meanwhile' };

type RunnablePlan = Extract<TablePlan, { readonly statement: string }>;
type Position = { readonly index: number; readonly total: number };

/** One operation over some tables, one after the other, in one session. A table's failure does not stop the others. */
export class MaintenanceRun {
  /** What came of the tables so far. */
  readonly results: TableResult[] = [];
  readonly #session: MaintenanceSession;
  readonly #operation: TableOperation;
  readonly #options: RunOptions;
  readonly #logger: Logger;

  constructor(session: MaintenanceSession, operation: TableOperation, options: RunOptions, logger: Logger) {
    this.#session = session;
    this.#operation = operation;
    this.#options = options;
    this.#logger = logger;
  }

  /** @throws MaintenanceConnectionLostError with the results so far when the session is lost */
  async work(tasks: readonly TableTask[]): Promise<void> {
    for (const [index, task] of tasks.entries()) {
      const table = displayName(task.relation);
      const position = { index, total: tasks.length };
      let result: TableResult;
      try {
        result = await this.#one(task, position);
      } catch (error) {
        if (this.#isAborted && sqlState(error) === '57014') result = stoppedResult(table);
        else if (!isConnectionLoss(error)) throw error;
        else throw new MaintenanceConnectionLostError(table, [...this.results], error);
      }
      this.results.push(result);
      this.#log(result);
      this.#options.onProgress?.({ kind: 'table-ended', result, ...position });
    }
  }

  async #one({ relation, isNamed }: TableTask, position: Position): Promise<TableResult> {
    const table = displayName(relation);
    if (this.#isAborted) return stoppedResult(table);
    const refusal = refusalOf(relation, this.#operation);
    // Of all tables some are other people's, as with extensions: that fails the run only where one was asked for.
    if (refusal !== null) {
      const ok = !isNamed || refusal.code === 'partitioned';
      return resultOf(table, { status: 'skipped', reason: refusal, ok });
    }
    const statistics = await readOne(this.#session, relation);
    if (statistics === null) {
      return resultOf(table, { status: 'skipped', reason: GONE });
    }
    const plan = this.#operation.plan(relation, statistics, this.#session.facts);
    if (plan.statement === null) return resultOf(table, { status: 'skipped', reason: plan.reason });
    return this.#planned(relation, statistics, plan, position);
  }

  async #planned(
    relation: Relation,
    statistics: TableStatistics,
    plan: RunnablePlan,
    position: Position,
  ): Promise<TableResult> {
    const session = this.#session;
    const { lockTimeoutMs, dryRun, signal, onProgress } = this.#options;
    const { statement, due } = plan;
    const table = displayName(relation);
    if (!dryRun) onProgress?.({ kind: 'table-started', table, statement, ...position });
    const size = await readSize(session, relation.oid, signal);
    const before = figuresOf(statistics, size);
    const known = { statement, due, before };
    if (dryRun) return resultOf(table, { ...known, status: 'planned' });
    // Reading the size has waited for the lock already, as long as the statement would.
    if (size.tableBytes === null) {
      if ((await readOne(session, relation)) === null)
        return resultOf(table, { status: 'skipped', reason: GONE });
      const verdict = await lockTimeout({ session, table: relation, lockTimeoutMs });
      return resultOf(table, { ...known, ...verdict, durationMs: lockTimeoutMs, ok: false });
    }
    return this.#execute(relation, statistics, plan, known, position);
  }

  async #execute(
    relation: Relation,
    statistics: TableStatistics,
    { statement, counter }: RunnablePlan,
    known: Pick<TableResult, 'statement' | 'due' | 'before'>,
    position: Position,
  ): Promise<TableResult> {
    const session = this.#session;
    const { signal, lockTimeoutMs, statementTimeoutMs, onProgress } = this.#options;
    const table = displayName(relation);
    const watch = onProgress && watchProgress(session, { table, ...position }, onProgress, this.#logger);
    const startedAt = performance.now();
    const outcome = await this.#operation
      .execute(session, relation, statement, signal)
      .finally(() => watch?.stop());
    const durationMs = performance.now() - startedAt;
    const { failure, ...rest } = outcome;
    if (failure !== null) {
      if (isConnectionLoss(failure)) throw failure;
      const verdict = await judgeFailure(failure, {
        session,
        table: relation,
        isAborted: this.#isAborted,
        durationMs,
        lockTimeoutMs,
        statementTimeoutMs,
      });
      return resultOf(table, {
        ...known,
        ...rest,
        ...verdict,
        durationMs,
        ok: verdict.reason.code === 'gone',
      });
    }
    const after = await readFiguresAfter(session, relation, statistics, counter);
    // VACUUM and ANALYZE refuse a table with a warning, not an error; then it is not counted either.
    const isUncounted = counter !== null && after.deadTuples === null && !statistics.isPartitioned;
    if (isUncounted && rest.warnings.length > 0) {
      const reason: TableReason = { code: 'error', message: rest.warnings.join('; ') };
      return resultOf(table, { ...known, ...rest, status: 'failed', reason, durationMs, after, ok: false });
    }
    return resultOf(table, { ...known, ...rest, status: 'done', durationMs, after });
  }

  get #isAborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  #log(result: TableResult): void {
    const { table, status, reason, durationMs, ok } = result;
    const context = { operation: this.#operation.name, table, status, reason: reason?.message, durationMs };
    if (!ok) this.#logger.warn(context, 'maintenance of a table is left undone');
    else if (status === 'done') this.#logger.info(context, 'maintenance of a table is done');
    else this.#logger.debug(context, 'a table was left out of maintenance');
  }
}

function stoppedResult(table: string): TableResult {
  const reason: TableReason = { code: 'cancelled', message: 'the run was stopped before it was done' };
  return resultOf(table, { status: 'stopped', reason, ok: false });
}

function resultOf(
  table: string,
  { status, ...given }: Pick<TableResult, 'status'> & Partial<Omit<TableResult, 'table' | 'status'>>,
): TableResult {
  return Object.freeze({
    table,
    status,
    statement: null,
    reason: null,
    due: [],
    ok: true,
    durationMs: 0,
    before: null,
    after: null,
    warnings: [],
    droppedIndexes: [],
    leftIndexes: [],
    ...given,
  });
}
