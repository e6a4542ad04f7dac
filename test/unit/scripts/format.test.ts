import { describe, expect, test } from '@jest/globals';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatQuantity,
  formatSeconds,
  formatShare,
} from '../../../scripts/support/format.js';

describe('figures for people', () => {
  test('counts have thousands separators', () => {
    expect([0, 999, 1000, 1234567.8].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,568']);
    expect([formatQuantity(1, 'row'), formatQuantity(2000, 'row')]).toEqual(['1 row', '2,000 rows']);
    expect(formatQuantity(2, 'entry', 'entries')).toBe('2 entries');
  });

  test('a share that is nearly all is not shown as all', () => {
    expect([0, 0.5, 0.9734, 0.99999, 1].map(formatShare)).toEqual([
      '0.0 %',
      '50.0 %',
      '97.3 %',
      '99.9 %',
      '100.0 %',
    ]);
  });

  test('milliseconds have about three significant digits', () => {
    expect([0.0421, 0.9999, 1.374, 12.34, 128.4, 1234].map(formatMs)).toEqual([
      '0.042 ms',
      '1.00 ms',
      '1.37 ms',
      '12.3 ms',
      '128 ms',
      '1,234 ms',
    ]);
  });

  test('seconds have one decimal', () => {
    expect(formatSeconds(2449)).toBe('2.4 s');
  });

  test('bytes are in the largest unit that leaves at least one', () => {
    expect([0n, 1023n, 1536n, 157_286_400n, 3_221_225_472n].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '150 MiB',
      '3.0 GiB',
    ]);
  });
});
