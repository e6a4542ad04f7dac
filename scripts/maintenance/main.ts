import { loadConfig, silentLogger } from '../../src/config/index.js';
import { HoldfastError } from '../../src/errors.js';
import { Maintenance, MaintenanceConnectionLostError } from '../../src/maintenance/index.js';
import { Interrupted, listenForInterruption } from '../support/interruption.js';
import { helpText, type MaintenanceArguments, parseMaintenanceArguments, UsageError } from './arguments.js';
import { renderTableReports } from './render-report.js';
import { renderResults } from './render-results.js';
import { RunProgress } from './run-progress.js';

/** Runs a command of maintenance from its command line; resolves to the exit code. Prints every failure. */
export async function main(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const interruption = listenForInterruption();
  try {
    const given = parseMaintenanceArguments(argv);
    if (given.help) {
      process.stdout.write(helpText(given.command));
      return 0;
    }
    const { database } = loadConfig(environment);
    const maintenance = new Maintenance({
      connectionString: database.directUrl ?? database.url,
      enableReindex: database.enableReindex,
      // What it would log is what is printed.
      logger: silentLogger,
    });
    if (given.command === 'report') return await showReport(maintenance, given, interruption.signal);
    return await work(maintenance, given, interruption.signal);
  } catch (error) {
    return explain(interruption.signal.aborted ? interruption.signal.reason : error);
  } finally {
    interruption.stopListening();
  }
}

async function showReport(
  maintenance: Maintenance,
  given: MaintenanceArguments,
  signal: AbortSignal,
): Promise<number> {
  const reports = await maintenance.report({ ...optionsOf(given), signal });
  print(given.json ? JSON.stringify(reports, null, 2) : renderTableReports(reports, new Date()));
  return 0;
}

async function work(
  maintenance: Maintenance,
  given: MaintenanceArguments,
  signal: AbortSignal,
): Promise<number> {
  const progress = given.json ? null : new RunProgress(process.stdout, given.command);
  const options = {
    ...optionsOf(given),
    dryRun: given.dryRun,
    signal,
    ...(progress !== null && { onProgress: progress.show }),
  };
  const run = {
    run: () => maintenance.runMaintenance(options),
    vacuum: () => maintenance.vacuum({ ...options, analyze: given.analyze, freeze: given.freeze }),
    analyze: () => maintenance.analyze(options),
    reindex: () => maintenance.reindex(options),
    report: () => Promise.reject(new TypeError('the report is no run')),
  }[given.command];
  try {
    const report = await run();
    progress?.clear();
    print(given.json ? JSON.stringify(report, null, 2) : renderResults(report.results, report.dryRun));
    if (report.interrupted) throw signal.reason;
    return report.ok ? 0 : 1;
  } catch (error) {
    progress?.clear();
    if (error instanceof MaintenanceConnectionLostError && !given.json && error.results.length > 0) {
      print(renderResults(error.results, given.dryRun));
    }
    throw error;
  }
}

function optionsOf({ tables, lockTimeoutMs, statementTimeoutMs }: MaintenanceArguments) {
  return {
    ...(tables !== undefined && { tables }),
    ...(lockTimeoutMs !== undefined && { lockTimeoutMs }),
    ...(statementTimeoutMs !== undefined && { statementTimeoutMs }),
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function explain(error: unknown): number {
  if (error instanceof Interrupted) {
    process.stderr.write(`${error.message} What was under way is cancelled on the server.\n`);
    return error.exitCode;
  }
  const isExpected = error instanceof UsageError || error instanceof HoldfastError;
  const text = error instanceof Error ? (isExpected ? error.message : error.stack) : String(error);
  process.stderr.write(`${text}\n`);
  return error instanceof UsageError ? 2 : 1;
}
