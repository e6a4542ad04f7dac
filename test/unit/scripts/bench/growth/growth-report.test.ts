import { describe, expect, test } from '@jest/globals';
import { growthTables } from '../../../../../scripts/bench/growth/growth-report.js';
import type { GrowthFigure } from '../../../../../scripts/bench/growth/measure-growth.js';

const FIGURE: GrowthFigure = {
  dimension: 'callers',
  value: 50,
  path: 'near hit',
  opsPerSecond: 2_000_000,
  p50Ms: 0.02,
  p95Ms: 0.03,
  errors: 0,
  asSaid: 1,
  isSound: true,
};

describe('the tables of what grows', () => {
  test('have a line for each value and a column for each path', () => {
    const text = growthTables([FIGURE, { ...FIGURE, path: 'cold read', opsPerSecond: 60_000, p50Ms: 0.8 }]);
    expect(text).toContain('callers at once');
    expect(text).toMatch(/^50 .*2,000,000, 0\.020 ms +- +60,000, 0\.800 ms +-$/m);
  });

  test('mark a figure that is not of what it says, and say why', () => {
    const text = growthTables([{ ...FIGURE, asSaid: 0.4, isSound: false }]);
    expect(text).toContain('2,000,000, 0.020 ms *');
    expect(text).toContain('* callers at once 50, near hit: 0 errors, 40 % of the reads came from there');
  });
});
