import { beforeEach, describe, expect, test } from '@jest/globals';
import { MostRead } from '../../../../src/cache/sampling/most-read.js';
import { ManualClock } from '../../../support/manual-clock.js';

const MINUTE_MS = 60_000;

describe('what was read most', () => {
  let clock: ManualClock;
  let mostRead: MostRead;

  beforeEach(() => {
    clock = new ManualClock();
    mostRead = new MostRead(clock);
  });

  const read = (model: string | null, name: string, times: number): void => {
    for (let count = 0; count < times; count += 1) mostRead.note({ model, name });
  };

  test('is told by model and id, or by the name of a value, with as many reads as a sample stands for', () => {
    mostRead.readsPerSample = 50;
    read('User', '7', 3);
    read('Task', 'a,b', 2);
    read(null, 'report\0of today', 4);
    read(null, '', 1);
    expect(mostRead.most(10)).toEqual([
      { model: null, name: 'report\0of today', reads: 200, error: 0 },
      { model: 'User', name: '7', reads: 150, error: 0 },
      { model: 'Task', name: 'a,b', reads: 100, error: 0 },
      { model: null, name: '', reads: 50, error: 0 },
    ]);
    expect(mostRead.most(1)).toHaveLength(1);
  });

  test('is of the last hour, and added up over it', async () => {
    read('User', '1', 5);
    await clock.advance(30 * MINUTE_MS);
    read('User', '2', 4);
    read('User', '1', 1);
    expect(mostRead.most(2).map(({ name, reads }) => [name, reads])).toEqual([
      ['1', 6],
      ['2', 4],
    ]);
    await clock.advance(31 * MINUTE_MS);
    expect(mostRead.most(2).map(({ name, reads }) => [name, reads])).toEqual([
      ['2', 4],
      ['1', 1],
    ]);
    await clock.advance(60 * MINUTE_MS);
    expect(mostRead.most(2)).toEqual([]);
  });

  test('is still found among many that are read once', () => {
    for (let id = 0; id < 5_000; id += 1) {
      read('User', `once ${id}`, 1);
      if (id % 50 === 0) read('User', 'hot', 1);
    }
    const [first] = mostRead.most(1);
    expect(first).toMatchObject({ name: 'hot' });
    expect(first?.reads).toBeGreaterThanOrEqual(100);
    expect((first?.reads ?? 0) - (first?.error ?? 0)).toBeLessThanOrEqual(100);
  });
});
