import type { Config, Logger } from '../config/index.js';
import { ConnectionPool, type ConnectionPoolOptions } from '../database/index.js';
import { Maintenance } from './maintenance.js';
import type { MaintenanceOptions, MaintenanceReport, TableReport, VacuumOptions } from './types.js';

/**
 * The pool with the maintenance of its database. Maintenance never runs on the pool's connections: it has a session of
 * its own, on `DIRECT_DATABASE_URL` where that is set. See `Maintenance` for what each method throws.
 */
export class MaintainedPool extends ConnectionPool {
  readonly #maintenance: Maintenance;

  constructor(config: Config, logger: Logger, options: ConnectionPoolOptions = {}) {
    super(config, logger, options);
    this.#maintenance = new Maintenance({
      connectionString: config.database.directUrl ?? config.database.url,
      enableReindex: config.database.enableReindex,
      logger,
    });
  }

  /** Frees the space of dead tuples for new rows; readers and writers go on meanwhile. */
  vacuum(options: VacuumOptions = {}): Promise<MaintenanceReport> {
    return this.#maintenance.vacuum(options);
  }

  /** Renews the statistics by which PostgreSQL plans queries. */
  analyze(options: MaintenanceOptions = {}): Promise<MaintenanceReport> {
    return this.#maintenance.analyze(options);
  }

  /** Builds the indexes of tables anew, CONCURRENTLY; only with `DB_ENABLE_REINDEX`. */
  reindex(options: MaintenanceOptions = {}): Promise<MaintenanceReport> {
    return this.#maintenance.reindex(options);
  }

  /** Does what is due, by dead tuples and by the age of statistics, and leaves the rest. */
  runMaintenance(options: MaintenanceOptions = {}): Promise<MaintenanceReport> {
    return this.#maintenance.runMaintenance(options);
  }

  /** What each table looks like, and what is due on it and why. */
  maintenanceReport(options: MaintenanceOptions = {}): Promise<readonly TableReport[]> {
    return this.#maintenance.report(options);
  }
}
