import { InvalidArgumentError } from '../errors.js';
import type { DueWork, MaintenanceThresholds } from './types.js';

/**
 * The defaults, which are PostgreSQL's own for autovacuum: so what is due is what autovacuum would do and has not done,
 * because it is off, behind or held up. Sources: https://www.postgresql.org/docs/18/runtime-config-vacuum.html for
 * `autovacuum_vacuum_threshold` (50), `autovacuum_vacuum_scale_factor` (0.2), `autovacuum_vacuum_max_threshold`
 * (100,000,000), `autovacuum_vacuum_insert_threshold` (1,000), `autovacuum_vacuum_insert_scale_factor` (0.2),
 * `autovacuum_analyze_threshold` (50) and `autovacuum_analyze_scale_factor` (0.1). The share of the freeze age is that
 * of `vacuum_freeze_table_age` in `autovacuum_freeze_max_age`, 150 of 200 million, which leaves a planned run its
 * chance before the forced one. For the age of statistics PostgreSQL knows no limit; a week is this library's choice.
 */
export const DEFAULT_THRESHOLDS: MaintenanceThresholds = Object.freeze({
  vacuumDeadTuples: 50,
  vacuumDeadShare: 0.2,
  vacuumDeadTuplesMax: 100_000_000,
  vacuumInsertedTuples: 1_000,
  vacuumInsertedShare: 0.2,
  analyzeChangedTuples: 50,
  analyzeChangedShare: 0.1,
  analyzeMaxAgeDays: 7,
  freezeAgeShare: 0.75,
});

/** What is known of a table when it is decided what is due. Null where the server does not know. */
export interface DueFigures {
  readonly isPartitioned: boolean;
  readonly rows: number | null;
  readonly deadTuples: number | null;
  readonly insertedSinceVacuum: number | null;
  readonly changedSinceAnalyze: number | null;
  readonly analyzedAt: Date | null;
  readonly xidAge: number | null;
  readonly freezeMaxAge: number;
  readonly multixactAge: number | null;
  readonly multixactFreezeMaxAge: number;
}

const MS_PER_DAY = 86_400_000;

/**
 * The defaults with what was given in their place.
 * @throws InvalidArgumentError for a threshold that is no number of at least 0
 */
export function completeThresholds(given: Partial<MaintenanceThresholds> = {}): MaintenanceThresholds {
  const all = { ...DEFAULT_THRESHOLDS, ...given };
  for (const [name, value] of Object.entries(all)) {
    if (typeof value === 'number' && value >= 0) continue;
    throw new InvalidArgumentError(
      `thresholds.${name} is ${String(value)}: expected a number of at least 0.`,
      {
        context: { name, value: String(value) },
      },
    );
  }
  return Object.freeze(all);
}

/** What is due for a table, and why; empty when nothing is. */
export function whatIsDue(
  figures: DueFigures,
  thresholds: MaintenanceThresholds,
  now: Date,
): readonly DueWork[] {
  const analyze = analyzeReason(figures, thresholds, now);
  const due: DueWork[] = analyze === null ? [] : [{ operation: 'analyze', reason: analyze }];
  // The rows of a partitioned table are its partitions', and so are dead tuples and age.
  if (figures.isPartitioned) return due;
  const freeze = freezeReason(figures, thresholds);
  if (freeze !== null) due.unshift({ operation: 'freeze', reason: freeze });
  const vacuum = vacuumReason(figures, thresholds);
  if (vacuum !== null) due.unshift({ operation: 'vacuum', reason: vacuum });
  return due;
}

function vacuumReason(figures: DueFigures, thresholds: MaintenanceThresholds): string | null {
  const rows = figures.rows ?? 0;
  const dead = figures.deadTuples ?? 0;
  const maxDead = Math.min(
    thresholds.vacuumDeadTuples + thresholds.vacuumDeadShare * rows,
    thresholds.vacuumDeadTuplesMax,
  );
  if (dead > maxDead) return `${count(dead)} dead tuples, more than ${count(maxDead)}`;
  const inserted = figures.insertedSinceVacuum ?? 0;
  const maxInserted = thresholds.vacuumInsertedTuples + thresholds.vacuumInsertedShare * rows;
  if (inserted > maxInserted) {
    return `${count(inserted)} rows inserted since the last VACUUM, more than ${count(maxInserted)}`;
  }
  return null;
}

function freezeReason(figures: DueFigures, { freezeAgeShare }: MaintenanceThresholds): string | null {
  const ages = [
    { of: 'transactions', age: figures.xidAge, max: figures.freezeMaxAge },
    { of: 'multixacts', age: figures.multixactAge, max: figures.multixactFreezeMaxAge },
  ];
  for (const { of, age, max } of ages) {
    if (age === null || age < freezeAgeShare * max) continue;
    return `${count(age)} ${of} old, of ${count(max)} at which autovacuum freezes by force`;
  }
  return null;
}

function analyzeReason(figures: DueFigures, thresholds: MaintenanceThresholds, now: Date): string | null {
  const changed = figures.changedSinceAnalyze ?? 0;
  const rows = figures.rows ?? 0;
  if (figures.analyzedAt === null && (rows > 0 || changed > 0)) return 'no ANALYZE on record';
  const maxChanged = thresholds.analyzeChangedTuples + thresholds.analyzeChangedShare * rows;
  if (changed > maxChanged) {
    return `${count(changed)} rows changed since the last ANALYZE, more than ${count(maxChanged)}`;
  }
  const ageDays =
    figures.analyzedAt === null ? 0 : (now.getTime() - figures.analyzedAt.getTime()) / MS_PER_DAY;
  if (changed > 0 && ageDays > thresholds.analyzeMaxAgeDays) {
    return `statistics ${count(ageDays)} days old, more than ${count(thresholds.analyzeMaxAgeDays)}`;
  }
  return null;
}

function count(value: number): string {
  return Math.floor(value).toLocaleString('en-US');
}
