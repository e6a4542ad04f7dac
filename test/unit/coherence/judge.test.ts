import { describe, expect, test } from '@jest/globals';
import { type Columns, type History, Recorder } from '../../../scripts/coherence/history.js';
import { judge } from '../../../scripts/coherence/judge.js';

/** Key, version, mark, start, end. */
type Row = readonly [number, number, number, number, number];

function columns(rows: readonly Row[]): Columns {
  const column = (index: number): Float64Array => Float64Array.from(rows, (row) => row[index] ?? Number.NaN);
  return { key: column(0), version: column(1), mark: column(2), startedAt: column(3), endedAt: column(4) };
}

const history = (reads: readonly Row[], writes: readonly Row[] = []): History => ({
  reads: columns(reads),
  writes: columns(writes),
  hits: 0,
});

const write: Row = [1, 1, 77, 1_000, 2_000];

describe('the judge', () => {
  test('finds a read stale that began after the write of a newer value was acknowledged', () => {
    const verdict = judge([history([[1, 0, 0, 2_500, 3_000]], [write])]);
    expect(verdict).toMatchObject({ stale: 1, inversions: 0, uncommitted: 0 });
    expect(verdict.examples).toEqual([{ kind: 'stale', key: 1, version: 0, expected: 1, gapUs: 0.5 }]);
  });

  test('allows either value to a read that ran while the write did', () => {
    const reads: Row[] = [
      [1, 0, 0, 1_500, 2_500],
      [1, 1, 77, 1_500, 2_500],
    ];
    expect(judge([history(reads, [write])])).toMatchObject({ stale: 0, inversions: 0 });
  });

  test('finds an inversion when a process returns an older value after another had returned the newer', () => {
    const first = history([[1, 1, 77, 1_100, 1_200]]);
    const second = history([[1, 0, 0, 1_300, 1_400]], [write]);
    expect(judge([first, second])).toMatchObject({ stale: 0, inversions: 1 });
  });

  test('finds a value that no committed write left', () => {
    expect(judge([history([[1, 1, 66, 1_100, 1_200]], [write])])).toMatchObject({ uncommitted: 1 });
    expect(judge([history([[1, 2, 88, 1_100, 1_200]], [write])])).toMatchObject({ uncommitted: 1 });
  });

  test('judges each key by itself', () => {
    const reads: Row[] = [
      [2, 0, 0, 2_500, 3_000],
      [1, 1, 77, 2_500, 3_000],
    ];
    expect(judge([history(reads, [write])])).toMatchObject({ reads: 2, writes: 1, stale: 0, inversions: 0 });
  });

  test('does not take a read for older because a later write was acknowledged first', () => {
    const writes: Row[] = [
      [1, 1, 77, 1_000, 9_000],
      [1, 2, 78, 2_000, 3_000],
    ];
    expect(judge([history([[1, 2, 78, 9_500, 9_600]], writes)])).toMatchObject({ stale: 0 });
    expect(judge([history([[1, 1, 77, 9_500, 9_600]], writes)])).toMatchObject({ stale: 1 });
  });
});

describe('the recorder', () => {
  test('takes down what was seen and when, and leaves out what failed', async () => {
    const recorder = new Recorder();
    await recorder.record(3, async () => ({ version: 5, mark: 6 }));
    await expect(recorder.record(4, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const { key, version, mark, startedAt, endedAt } = recorder.columns();
    expect([[...key], [...version], [...mark]]).toEqual([[3], [5], [6]]);
    expect(endedAt[0]).toBeGreaterThanOrEqual(startedAt[0] ?? Number.NaN);
  });
});
