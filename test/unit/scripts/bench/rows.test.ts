import { describe, expect, it } from '@jest/globals';
import { achieved } from '../../../../scripts/bench/report/chart.js';
import { type BenchRow, judgedFigure, meetsTarget } from '../../../../scripts/bench/report/row.js';
import { tableOf, verdictOf } from '../../../../scripts/bench/report/table.js';

const row = (changes: Partial<BenchRow> = {}): BenchRow => ({
  id: 'a-path',
  path: 'a path',
  peer: 'another library',
  unit: 'ops/s',
  ours: 300_000,
  peerFigure: 100_000,
  target: { atLeast: 2 },
  judged: 'ratio',
  rounds: { ours: [300_000], peer: [100_000] },
  ...changes,
});

describe('a row', () => {
  it('is judged by the ratio, the difference or our figure alone', () => {
    expect(judgedFigure(row())).toBe(3);
    expect(judgedFigure(row({ judged: 'difference', ours: 1.5, peerFigure: 1.2 }))).toBeCloseTo(0.3);
    expect(judgedFigure(row({ judged: 'ours', ours: 7, peerFigure: null }))).toBe(7);
  });

  it('meets a target that it just reaches, from either side', () => {
    expect(meetsTarget(row({ ours: 200_000 }))).toBe(true);
    expect(meetsTarget(row({ ours: 199_999 }))).toBe(false);
    expect(meetsTarget(row({ ours: 115_000, target: { atMost: 1.15 } }))).toBe(true);
    expect(meetsTarget(row({ ours: 115_001, target: { atMost: 1.15 } }))).toBe(false);
  });

  it('meets none when a figure is missing, or something else does not hold', () => {
    expect(meetsTarget(row({ peerFigure: null, target: { atMost: 5 } }))).toBe(false);
    expect(meetsTarget(row({ ours: Number.NaN }))).toBe(false);
    expect(meetsTarget(row({ checks: [{ what: '1 statement', holds: false }] }))).toBe(false);
  });

  it('is twice as good with twice the ratio, or half of what it may cost', () => {
    expect(achieved(row({ ours: 400_000 }))).toBe(2);
    expect(achieved(row({ ours: 50_000, target: { atMost: 1 } }))).toBe(2);
    expect(achieved(row({ ours: Number.NaN }))).toBe(0);
  });

  it('is as good as can be when it costs less than nothing, and good enough when nothing was allowed', () => {
    expect(achieved(row({ judged: 'difference', ours: 1, peerFigure: 2, target: { atMost: 0.5 } }))).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(achieved(row({ judged: 'ours', ours: 0, target: { atMost: 0 } }))).toBe(1);
    expect(achieved(row({ judged: 'ours', ours: 1, target: { atMost: 0 } }))).toBe(0);
  });
});

describe('the table', () => {
  it('has figures, result, target and verdict of each row', () => {
    const text = tableOf([
      row(),
      row({ ours: 0.25, peerFigure: 0.1, unit: 'ms', target: { atMost: 1.15 } }),
      row({ judged: 'ours', ours: 1, peerFigure: null, unit: 'statements', target: { atMost: 1 } }),
    ]);
    const [, , first, second, third] = text.split('\n').map((line) => line.split(/ {2,}/));
    expect(first).toEqual([
      'a path',
      'another library',
      '300,000 ops/s',
      '100,000 ops/s',
      '3x',
      '>= 2x',
      'ok',
    ]);
    expect(second?.slice(2)).toEqual(['0.25 ms', '0.1 ms', '2.5x', '<= 1.15x', 'SHORT']);
    expect(third?.slice(2)).toEqual(['1 statements', '-', '1 statements', '<= 1 statements', 'ok']);
  });

  it('says below what did not hold', () => {
    const text = tableOf([row({ checks: [{ what: '1 SQL statement', holds: false }] })]);
    expect(text.split('\n').at(-1)).toBe('a-path: not true: 1 SQL statement');
  });

  it('is summed up by the rows that fall short', () => {
    expect(verdictOf([row(), row()])).toBe('All 2 targets are met.');
    expect(verdictOf([row(), row({ id: 'slow', ours: 1 })])).toBe('1 of 2 targets are met; short: slow.');
  });
});
