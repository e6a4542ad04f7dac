import { describe, expect, test } from '@jest/globals';
import {
  completeThresholds,
  DEFAULT_THRESHOLDS,
  type DueFigures,
  whatIsDue,
} from '../../../src/maintenance/thresholds.js';

const now = new Date('2026-01-31T12:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);

const well: DueFigures = {
  isPartitioned: false,
  rows: 1_000,
  deadTuples: 0,
  insertedSinceVacuum: 0,
  changedSinceAnalyze: 0,
  analyzedAt: daysAgo(30),
  xidAge: 1_000,
  freezeMaxAge: 200_000_000,
  multixactAge: 0,
  multixactFreezeMaxAge: 400_000_000,
};

function due(figures: Partial<DueFigures>): string[] {
  return whatIsDue({ ...well, ...figures }, DEFAULT_THRESHOLDS, now).map(
    ({ operation, reason }) => `${operation}: ${reason}`,
  );
}

describe('what is due', () => {
  test('is nothing for a table that nobody has changed, however old its statistics are', () => {
    expect(due({})).toEqual([]);
  });

  test('is VACUUM from one dead tuple more than autovacuum tolerates', () => {
    expect(due({ deadTuples: 250 })).toEqual([]);
    expect(due({ deadTuples: 251 })).toEqual(['vacuum: 251 dead tuples, more than 250']);
    expect(due({ rows: 1e12, deadTuples: 100_000_001 })).toEqual([
      'vacuum: 100,000,001 dead tuples, more than 100,000,000',
    ]);
  });

  test('is VACUUM for rows that were only inserted, so that index-only scans and freezing keep up', () => {
    expect(due({ insertedSinceVacuum: 1_200 })).toEqual([]);
    expect(due({ insertedSinceVacuum: 1_201 })).toEqual([
      'vacuum: 1,201 rows inserted since the last VACUUM, more than 1,200',
    ]);
  });

  test('is ANALYZE for many changed rows, for few in old statistics, and where there was none', () => {
    expect(due({ changedSinceAnalyze: 150, analyzedAt: daysAgo(6) })).toEqual([]);
    expect(due({ changedSinceAnalyze: 151, analyzedAt: daysAgo(6) })).toEqual([
      'analyze: 151 rows changed since the last ANALYZE, more than 150',
    ]);
    expect(due({ changedSinceAnalyze: 1, analyzedAt: daysAgo(30) })).toEqual([
      'analyze: statistics 30 days old, more than 7',
    ]);
    expect(due({ analyzedAt: null })).toEqual(['analyze: no ANALYZE on record']);
    expect(due({ analyzedAt: null, rows: 0 })).toEqual([]);
  });

  test('is a freeze at three quarters of the age at which autovacuum freezes by force', () => {
    expect(due({ xidAge: 149_999_999 })).toEqual([]);
    expect(due({ xidAge: 150_000_000 })).toEqual([
      'freeze: 150,000,000 transactions old, of 200,000,000 at which autovacuum freezes by force',
    ]);
    expect(due({ multixactAge: 300_000_000 })).toEqual([
      'freeze: 300,000,000 multixacts old, of 400,000,000 at which autovacuum freezes by force',
    ]);
  });

  test('is only ANALYZE for a partitioned table, whose rows are its partitions', () => {
    expect(due({ isPartitioned: true, deadTuples: 9_999, xidAge: null, analyzedAt: null })).toEqual([
      'analyze: no ANALYZE on record',
    ]);
  });

  test('is nothing where PostgreSQL counts nothing', () => {
    const unknown = { deadTuples: null, insertedSinceVacuum: null, changedSinceAnalyze: null, rows: null };
    expect(due({ ...unknown, analyzedAt: null, xidAge: null, multixactAge: null })).toEqual([]);
  });
});

describe('thresholds', () => {
  test('of the caller stand in the place of the defaults', () => {
    expect(completeThresholds({ vacuumDeadTuples: 7 })).toEqual({
      ...DEFAULT_THRESHOLDS,
      vacuumDeadTuples: 7,
    });
  });

  test.each([Number.NaN, -1])('of %p are refused by name', (value) => {
    expect(() => completeThresholds({ analyzeMaxAgeDays: value })).toThrow(
      /thresholds\.analyzeMaxAgeDays is/,
    );
  });
});
