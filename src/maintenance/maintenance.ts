import { performance } from 'node:perf_hooks';
import type { Logger } from '../config/index.js';
import { releaseMaintenanceLock, takeMaintenanceLock } from './advisory-lock.js';
import { analyzeOperation } from './analyze.js';
import { Catalog, type Relation } from './catalog.js';
import { dueOperation } from './due-operation.js';
import { MaintenanceConnectionLostError, MaintenanceReadOnlyError, ReindexDisabledError } from './errors.js';
import { MaintenanceRun, type TableTask } from './maintenance-run.js';
import type { TableOperation } from './operation.js';
import { reindexOperation } from './reindex.js';
import { completeOptions, type RunOptions } from './run-options.js';
import { describe, isConnectionLoss, MaintenanceSession } from './session.js';
import { resolveTables } from './table-names.js';
import { readTableReports } from './table-report.js';
import { completeThresholds } from './thresholds.js';
import type {
  MaintenanceOptions,
  MaintenanceReport,
  MaintenanceSettings,
  MaintenanceThresholds,
  TableReport,
  TableResult,
  VacuumOptions,
} from './types.js';
import { vacuumOperation } from './vacuum.js';

/** How long the report waits for a table that somebody has locked before it leaves out its size. */
const REPORT_LOCK_TIMEOUT_MS = 250;

/**
 * The upkeep of a PostgreSQL database: VACUUM, ANALYZE and REINDEX, one table at a time, each run in a session of its
 * own. Two runs never work on one database at once. Making one opens no connection.
 *
 * Every method but `report` rejects with MaintenanceRunningError while another run is under way, with
 * MaintenanceReadOnlyError on a standby, with MaintenanceConnectionLostError, which holds the results so far, when the
 * connection breaks; and all with DatabaseUnavailableError when there is none to be had, with UnknownTableError,
 * AmbiguousTableError or InvalidArgumentError before anything is run. What befalls a single table is in its result.
 */
export class Maintenance {
  readonly #connectionString: string;
  readonly #enableReindex: boolean;
  readonly #thresholds: MaintenanceThresholds;
  readonly #logger: Logger;

  /** @throws InvalidArgumentError for a threshold that is no number of at least 0 */
  constructor(settings: MaintenanceSettings) {
    this.#connectionString = settings.connectionString;
    this.#enableReindex = settings.enableReindex;
    this.#thresholds = completeThresholds(settings.thresholds);
    this.#logger = settings.logger.child({ component: 'maintenance' });
  }

  /** Frees the space of dead tuples for new rows; readers and writers go on meanwhile. */
  vacuum(options: VacuumOptions = {}): Promise<MaintenanceReport> {
    const extras = { analyze: options.analyze ?? false, freeze: options.freeze ?? false };
    return this.#run(vacuumOperation(extras), options);
  }

  /** Renews the statistics by which PostgreSQL plans queries. */
  analyze(options: MaintenanceOptions = {}): Promise<MaintenanceReport> {
    return this.#run(analyzeOperation, options);
  }

  /**
   * Builds the indexes of tables anew, CONCURRENTLY; readers and writers go on meanwhile.
   * @throws ReindexDisabledError unless it is enabled
   */
  async reindex(options: MaintenanceOptions = {}): Promise<MaintenanceReport> {
    if (!this.#enableReindex) throw new ReindexDisabledError();
    return this.#run(reindexOperation, options);
  }

  /** Does what is due, by dead tuples, age of the statistics and age of the rows. */
  runMaintenance(options: MaintenanceOptions = {}): Promise<MaintenanceReport> {
    return this.#run(dueOperation(this.#thresholds), options);
  }

  /** The state of each table, the one with the most dead tuples first. Changes nothing, and works on a standby. */
  async report(options: MaintenanceOptions = {}): Promise<readonly TableReport[]> {
    const { tables, signal, ...timeouts } = completeOptions(options, REPORT_LOCK_TIMEOUT_MS);
    signal?.throwIfAborted();
    const session = await MaintenanceSession.open(this.#connectionString, timeouts, this.#logger);
    try {
      const catalog = await Catalog.read(session);
      const chosen =
        tables === null ? catalog.userTables : withPartitions(resolveTables(tables, catalog), catalog);
      return await readTableReports(session, chosen, this.#thresholds, signal);
    } catch (error) {
      throw lossAsError(error);
    } finally {
      await session.close();
    }
  }

  async #run(operation: TableOperation, given: MaintenanceOptions): Promise<MaintenanceReport> {
    const options = completeOptions(given);
    const startedAt = new Date();
    const begin = performance.now();
    const results = await this.#results(operation, options);
    const interrupted = options.signal?.aborted ?? false;
    return Object.freeze({
      operation: operation.name,
      dryRun: options.dryRun,
      startedAt,
      durationMs: performance.now() - begin,
      interrupted,
      ok: !interrupted && results.every(({ ok }) => ok),
      results: Object.freeze(results),
    });
  }

  async #results(operation: TableOperation, options: RunOptions): Promise<readonly TableResult[]> {
    const session = await openUnlessAborted(this.#connectionString, options, this.#logger);
    if (session === null) return [];
    try {
      if (options.dryRun) return await this.#work(session, operation, options);
      if (session.facts.isStandby) throw new MaintenanceReadOnlyError();
      await takeMaintenanceLock(session);
      try {
        return await this.#work(session, operation, options);
      } finally {
        await this.#release(session);
      }
    } catch (error) {
      throw lossAsError(error);
    } finally {
      await session.close();
    }
  }

  async #work(
    session: MaintenanceSession,
    operation: TableOperation,
    options: RunOptions,
  ): Promise<readonly TableResult[]> {
    const catalog = await Catalog.read(session);
    const run = new MaintenanceRun(session, operation, options, this.#logger);
    await run.work(tasksOf(options.tables, operation, catalog));
    return run.results;
  }

  /** Closing the session gives the lock back too; so a failure to do it first must not hide what led here. */
  async #release(session: MaintenanceSession): Promise<void> {
    try {
      await releaseMaintenanceLock(session);
    } catch (error) {
      this.#logger.debug({ reason: describe(error) }, 'the maintenance lock goes with its session');
    }
  }
}

function tasksOf(
  names: readonly string[] | null,
  { includesPartitioned }: TableOperation,
  catalog: Catalog,
): readonly TableTask[] {
  if (names === null) {
    return catalog.userTables
      .filter(({ kind }) => includesPartitioned || kind !== 'p')
      .map((relation) => ({ relation, isNamed: false }));
  }
  const named = resolveTables(names, catalog);
  const namedOids = new Set(named.map(({ oid }) => oid));
  return withPartitions(named, catalog).map((relation) => ({
    relation,
    isNamed: namedOids.has(relation.oid),
  }));
}

/** Each table once, a partitioned one followed by its partitions. */
function withPartitions(relations: readonly Relation[], catalog: Catalog): readonly Relation[] {
  const all = relations.flatMap((relation) =>
    relation.kind === 'p' ? [relation, ...catalog.partitionsOf(relation.oid)] : [relation],
  );
  return [...new Map(all.map((relation) => [relation.oid, relation])).values()];
}

/** Null when the signal aborts before the session stands; the attempt then ends by itself. */
async function openUnlessAborted(
  connectionString: string,
  options: RunOptions,
  logger: Logger,
): Promise<MaintenanceSession | null> {
  const { signal } = options;
  if (signal?.aborted) return null;
  const opening = MaintenanceSession.open(connectionString, options, logger);
  if (signal === undefined) return opening;
  let abandon: () => void = () => undefined;
  const aborted = new Promise<null>((resolve) => {
    abandon = () => resolve(null);
    signal.addEventListener('abort', abandon, { once: true });
  });
  try {
    const session = await Promise.race([opening, aborted]);
    if (session === null) void opening.then((late) => late.close()).catch(() => undefined);
    return session;
  } finally {
    signal.removeEventListener('abort', abandon);
  }
}

function lossAsError(error: unknown): unknown {
  if (error instanceof MaintenanceConnectionLostError || !isConnectionLoss(error)) return error;
  return new MaintenanceConnectionLostError(null, [], error);
}
