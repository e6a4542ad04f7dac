import { formatCount, formatQuantity } from '../support/format.js';
import type { Progress } from '../support/progress.js';
import { Xoshiro128 } from '../support/random.js';
import type { DemoArguments } from './arguments.js';
import { DemoWorkload } from './demo-workload.js';
import type { ImportedProject } from './import-packages.js';
import { type Factory, repositoriesOf } from './repositories.js';
import { serveTraffic, type TrafficResult } from './traffic.js';
import type { VersionLedger } from './version-ledger.js';

/** What one phase of traffic came to. */
export interface PhaseReport extends TrafficResult {
  readonly staleReads: number;
  readonly sqlStatements: number;
  /** What the cache did meanwhile. */
  readonly cache: {
    /** Reads answered from memory or from Redis. */
    readonly hits: number;
    readonly misses: number;
    /** Reads that did not ask the cache. */
    readonly bypasses: number;
    readonly roundTrips: number;
  };
}

/** What all phases of a run share. */
export interface PhaseContext {
  readonly arguments: DemoArguments;
  readonly projects: readonly ImportedProject[];
  readonly ledger: VersionLedger;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const writeShare = 0.03;

/** Any number does; that it is the same makes every run and both phases ask for the same. */
const seed = 20_260;

/** Serves one phase of traffic through the repositories of a factory. */
export async function runPhase(label: string, factory: Factory, context: PhaseContext): Promise<PhaseReport> {
  const { ledger, progress, signal } = context;
  const { seconds, readers } = context.arguments;
  const random = Xoshiro128.fromSeed(seed);
  const workload = new DemoWorkload(context.projects, repositoriesOf(factory), ledger, random);
  const step = progress.start(label);
  const before = countersOf(factory, ledger);
  const traffic = await serveTraffic(workload, {
    durationMs: seconds * 1000,
    readers,
    writeShare,
    random,
    signal,
    onProgress: (share, reads) => step.update(share, `${formatCount(reads)} reads`),
  });
  const after = countersOf(factory, ledger);
  step.finish(
    `${label}: ${formatQuantity(traffic.reads, 'read')}, ${formatQuantity(traffic.writes, 'write')}`,
  );
  await workload.finish();
  return {
    ...traffic,
    staleReads: after.staleReads - before.staleReads,
    sqlStatements: after.sqlStatements - before.sqlStatements,
    cache: {
      hits: after.hits - before.hits,
      misses: after.misses - before.misses,
      bypasses: after.bypasses - before.bypasses,
      roundTrips: after.roundTrips - before.roundTrips,
    },
  };
}

function countersOf(factory: Factory, ledger: VersionLedger) {
  const { nearHits, hits: sharedHits, misses, bypasses, roundTrips } = factory.getCacheStatistics();
  const hits = nearHits + sharedHits;
  const { queryCount } = factory.pool.getPoolStatistics();
  return { hits, misses, bypasses, roundTrips, sqlStatements: queryCount, staleReads: ledger.staleReads };
}
