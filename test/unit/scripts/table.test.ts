import { describe, expect, test } from '@jest/globals';
import { renderTable } from '../../../scripts/support/table.js';

describe('a table', () => {
  test('has its first column to the left, the others to the right, and groups apart', () => {
    const text = renderTable(
      ['', 'cache off', 'on'],
      [['reads', '1,000', '25,000'], null, ['p50', '2.1 ms', '']],
    );
    expect(text.split('\n')).toEqual([
      '       cache off      on',
      '─────  ─────────  ──────',
      'reads      1,000  25,000',
      '',
      'p50       2.1 ms',
    ]);
  });

  test('keeps each column to the side that was asked for', () => {
    const text = renderTable(['part', 'rows', 'note'], [['users', '7', 'x']], ['left', 'right', 'left']);
    expect(text.split('\n')).toEqual(['part   rows  note', '─────  ────  ────', 'users     7  x']);
  });
});
