import type { CacheTier } from '../../src/cache/index.js';
import { formatBytes, formatCount, formatMs, formatQuantity, formatShare } from '../support/format.js';
import { renderTable } from '../support/table.js';
import type { ImportResult } from './import-packages.js';
import type { PhaseReport } from './phase.js';

/** Both phases, and where the second one kept its entries. */
export interface Comparison {
  readonly off: PhaseReport;
  readonly on: PhaseReport;
  readonly tier: CacheTier;
  /** Whether the cache answered when the second phase had ended. */
  readonly cacheAnswers: boolean;
}

/** What the report says about health; `factory.healthCheck()` gives it. */
export interface Health {
  readonly status: string;
  readonly database: boolean;
  readonly cache: boolean;
  readonly latencyMs: { readonly database: number; readonly cache: number };
  readonly repositories: Readonly<Record<string, { readonly healthy: boolean; readonly latencyMs: number }>>;
  readonly errors: readonly string[];
}

const none = '–';

/** The rows that were imported, with what they say in sum. */
export function renderImport({ users, projects, jobs }: ImportResult): string {
  const bytes = projects.reduce((sum, project) => sum + project.sizeBytes, 0n);
  const files = projects.reduce((sum, project) => sum + project.fileCount, 0);
  const ends = `${formatCount(jobs.completed)} completed, ${jobs.failed} failed, ${jobs.cancelled} cancelled`;
  return renderTable(
    ['imported', 'rows', ''],
    [
      ['users', formatCount(users.length), ''],
      ['projects', formatCount(projects.length), `${formatQuantity(files, 'file')}, ${formatBytes(bytes)}`],
      ['conversion jobs', formatCount(jobs.completed + jobs.failed + jobs.cancelled), ends],
    ],
    ['left', 'right', 'left'],
  );
}

/** The two phases side by side. */
export function renderComparison({ off, on, tier }: Comparison): string {
  const row = (title: string, cell: (phase: PhaseReport) => string) => [title, cell(off), cell(on)];
  const percentile = (percent: number) => (phase: PhaseReport) =>
    formatMs(phase.readLatency.percentileMs(percent));
  const roundTrips = row('Redis round trips', ({ cache }) => formatCount(cache.roundTrips));
  return renderTable(
    ['', 'cache off', `cache on${tierNote(on, tier)}`],
    [
      row('reads', (phase) => formatCount(phase.reads)),
      row('reads per second', (phase) => formatCount(readsPerSecond(phase))),
      row('writes', (phase) => formatCount(phase.writes)),
      row('hit rate', hitRate),
      null,
      row('read latency p50', percentile(50)),
      row('read latency p95', percentile(95)),
      row('read latency p99', percentile(99)),
      row('write latency p50', (phase) => formatMs(phase.writeLatency.percentileMs(50))),
      null,
      row('SQL statements', (phase) => formatCount(phase.sqlStatements)),
      ...(tier === 'redis' ? [roundTrips] : []),
      row('stale reads', (phase) => formatCount(phase.staleReads)),
      row('errors', (phase) => formatCount(phase.errors)),
    ],
  );
}

/** The health report, a part in each row. */
export function renderHealth(health: Health, tier: Comparison['tier']): string {
  const state = (healthy: boolean) => (healthy ? 'up' : 'away');
  const names: Partial<Record<CacheTier, string>> = {
    redis: 'Redis',
    memory: 'memory tier',
    off: 'cache (off)',
  };
  const rows = [
    ['PostgreSQL', state(health.database), formatMs(health.latencyMs.database)],
    [names[tier] ?? tier, state(health.cache), health.cache ? formatMs(health.latencyMs.cache) : none],
    ...Object.entries(health.repositories).map(([name, { healthy, latencyMs }]) => [
      `${name} repository`,
      healthy ? 'up' : 'failing',
      formatMs(latencyMs),
    ]),
  ];
  const table = renderTable(['health', health.status, 'answered in'], rows, ['left', 'left', 'right']);
  return [table, ...health.errors].join('\n');
}

/** What the figures mean, in a sentence or two. */
export function conclude({ off, on, tier, cacheAnswers }: Comparison): string {
  const ratio = readsPerSecond(on) / Math.max(readsPerSecond(off), 1);
  const stale = off.staleReads + on.staleReads;
  const coherence = stale === 0 ? 'No read was stale.' : `${formatQuantity(stale, 'read')} WERE STALE.`;
  if (on.cache.hits === 0) {
    const reason = tier === 'off' ? 'There was no cache to use' : 'The cache was away';
    return `${reason}: all ${formatCount(on.reads)} reads of the second phase went to PostgreSQL, at ${times(ratio)} the rate of the first. ${coherence}`;
  }
  const sql = `${perThousandReads(on)} SQL statements instead of ${perThousandReads(off)}`;
  const pays = ratio >= 1.05 ? '' : ' On this machine the cache brought no speed.';
  const passedBy = on.cache.bypasses > 0 ? ` ${formatQuantity(on.cache.bypasses, 'read')} passed it by.` : '';
  const lost = cacheAnswers ? '' : ' It was away at the end.';
  return (
    `With the cache on, ${times(ratio)} as many reads were served, and 1,000 reads with their share of writes took ` +
    `${sql}.${pays}${passedBy}${lost} ${coherence}`
  );
}

function tierNote(on: PhaseReport, tier: Comparison['tier']): string {
  return tier === 'memory' ? ' (memory)' : tier === 'redis' && on.cache.hits === 0 ? ' (away)' : '';
}

function readsPerSecond({ reads, elapsedMs }: PhaseReport): number {
  return reads / (elapsedMs / 1000);
}

function hitRate({ cache: { hits, misses } }: PhaseReport): string {
  return hits + misses === 0 ? none : formatShare(hits / (hits + misses));
}

function perThousandReads({ sqlStatements, reads }: PhaseReport): string {
  return formatCount((sqlStatements / Math.max(reads, 1)) * 1000);
}

function times(ratio: number): string {
  return `${ratio.toFixed(ratio < 10 ? 1 : 0)} times`;
}
