import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { CacheTier } from '../../src/cache/index.js';
import { type Config, maskUrl, silentLogger } from '../../src/config/index.js';
import { DomainRepositoryFactory } from '../../src/domain/index.js';
import { formatQuantity } from '../support/format.js';
import { applyMigrations } from '../support/migrate.js';
import { countNote, type Progress } from '../support/progress.js';
import type { DemoArguments } from './arguments.js';
import { DemoError } from './demo-error.js';
import { type ImportResult, importPackages } from './import-packages.js';
import { readPackageTree } from './package-tree.js';
import { type PhaseContext, type PhaseReport, runPhase } from './phase.js';
import { conclude, type Health, renderComparison, renderHealth, renderImport } from './report.js';
import { type Factory, repositoriesOf } from './repositories.js';
import { type DemoServers, startServers } from './servers.js';
import { assertDatabaseIsOurs } from './target-database.js';
import { wrapped } from './text.js';
import { VersionLedger } from './version-ledger.js';

/** What a run is given from outside. */
export interface DemoRun {
  readonly arguments: DemoArguments;
  readonly environment: NodeJS.ProcessEnv;
  readonly progress: Progress;
  /** Stops the run; what it has started is ended nevertheless. */
  readonly signal: AbortSignal;
}

const maxColumns = 96;
const maxWarmUpSeconds = 1;

const nodeModules = fileURLToPath(new URL('../../node_modules', import.meta.url));
const migrationsFolder = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** Runs the whole demo. Resolves to whether every read was fresh and nothing failed. */
export async function runDemo(run: DemoRun): Promise<boolean> {
  const { environment, progress, signal } = run;
  // A name of its own, so that entries of other runs on the same Redis are neither read nor changed.
  const cachePrefix = `holdfast-demo-${randomBytes(4).toString('hex')}`;
  const step = progress.start('Starting servers');
  const servers = await startServers(environment, cachePrefix);
  try {
    signal.throwIfAborted();
    step.finish('Servers are ready');
    for (const line of servers.description) {
      progress.line(`  ${line}`);
    }
    await migrate(servers, progress);
    return await importAndServe(run, servers);
  } finally {
    progress.clear();
    await servers.stop();
  }
}

async function migrate({ config, ownsDatabase }: DemoServers, progress: Progress): Promise<void> {
  if (!ownsDatabase) {
    await assertDatabaseIsOurs(config, migrationsFolder);
  }
  const step = progress.start('Applying migrations');
  const url = config.database.directUrl ?? config.database.url;
  const { applied, alreadyApplied } = await applyMigrations(url, migrationsFolder);
  const before = alreadyApplied === 0 ? '' : `, found ${alreadyApplied} applied`;
  step.finish(`Applied ${formatQuantity(applied.length, 'migration')}${before}`);
  if (!ownsDatabase) {
    progress.line(
      '  The rows of the demo are added to this database and stay there; no other row is changed.',
    );
  }
}

async function importAndServe(run: DemoRun, { config }: DemoServers): Promise<boolean> {
  const { progress, signal } = run;
  const ledger = new VersionLedger();

  const uncached = await withFactory(config, false, async (factory) => {
    const imported = await importInto(factory, run);
    const context: PhaseContext = { ...run, projects: imported.projects, ledger };
    await warmUp(factory, context);
    return { imported, context, phase: await runPhase('Cache off', factory, context) };
  });
  const cached = await withFactory(config, true, async (factory) => {
    await announceCache(factory, config, progress);
    const phase = await runPhase('Cache on', factory, uncached.context);
    signal.throwIfAborted();
    const health = await factory.healthCheck();
    await factory.clearCache();
    return { phase, health, tier: factory.cache.tier };
  });

  const comparison = {
    off: uncached.phase,
    on: cached.phase,
    tier: cached.tier,
    cacheAnswers: cached.health.cache,
  };
  printReport(uncached.imported, comparison, cached.health, progress);
  return ledger.staleReads === 0 && uncached.phase.errors + cached.phase.errors === 0;
}

/**
 * Serves traffic for a moment that is not counted. Node compiles what runs often while it runs; without this the phase
 * that comes first would pay for both. The cache is off, so it warms none.
 */
async function warmUp(factory: Factory, context: PhaseContext): Promise<void> {
  const seconds = Math.min(maxWarmUpSeconds, context.arguments.seconds / 4);
  await runPhase('Warm-up (not counted)', factory, {
    ...context,
    arguments: { ...context.arguments, seconds },
  });
}

/** Says before the second phase when there will be no cache in it. */
async function announceCache(factory: Factory, { redis }: Config, progress: Progress): Promise<void> {
  if (factory.cache.tier === 'redis' && redis !== null) {
    const { healthy, error } = await factory.cache.healthCheck();
    if (!healthy) {
      progress.line(
        `  The cache is away: Redis at ${maskUrl(redis.url)} does not answer (${error ?? 'no reason given'}).`,
      );
    }
  }
}

async function importInto(factory: Factory, { progress, signal }: DemoRun): Promise<ImportResult> {
  const step = progress.start('Importing');
  const { packages, unreadable } = await readPackageTree(nodeModules, signal);
  if (packages.length === 0) {
    throw new DemoError(`There is no package under ${nodeModules}. Run \`npm ci\` first.`);
  }
  const imported = await importPackages(packages, repositoriesOf(factory), {
    signal,
    onProgress: (done, total) => step.update(done / total, countNote(done, total)),
  });
  const skipped =
    unreadable.length === 0 ? '' : `, skipped ${unreadable.length} without a readable package.json`;
  step.finish(`Imported ${formatQuantity(packages.length, 'package')} from node_modules${skipped}`);
  return imported;
}

function printReport(
  imported: ImportResult,
  comparison: { off: PhaseReport; on: PhaseReport; tier: CacheTier; cacheAnswers: boolean },
  health: Health,
  progress: Progress,
): void {
  progress.line();
  progress.line(renderImport(imported));
  progress.line();
  progress.line(renderComparison(comparison));
  const firstError = comparison.off.firstError ?? comparison.on.firstError;
  if (firstError !== null) {
    progress.line(`The first error: ${firstError}`);
  }
  progress.line();
  progress.line(renderHealth(health, comparison.tier));
  progress.line();
  progress.line(wrapped(conclude(comparison), maxColumns));
}

const SERVING_TIMEOUT_MS = 2_000;

async function withFactory<T>(
  config: Config,
  cacheEnabled: boolean,
  use: (factory: Factory) => Promise<T>,
): Promise<T> {
  const factory = new DomainRepositoryFactory({
    config: { ...config, cache: { ...config.cache, enabled: cacheEnabled } },
    logger: silentLogger,
  });
  try {
    await factory.initialize();
    // The servers have only just started, so the cache waits a second for others who might still write past it.
    await factory.cache.waitUntilServing(SERVING_TIMEOUT_MS);
    return await use(factory);
  } finally {
    await factory.shutdown();
  }
}
