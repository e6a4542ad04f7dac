import { beforeEach, describe, expect, test } from '@jest/globals';
import { LoadGate } from '../../../src/cache/load-gate.js';
import { settled } from '../../support/manual-clock.js';

describe('a load gate', () => {
  let gate: LoadGate;
  /** The loads that were begun, in order; each ends when the test says so. */
  let loads: { key: string; end: (value: string) => void; fail: (error: Error) => void }[];
  let running: number;

  beforeEach(() => {
    gate = new LoadGate();
    loads = [];
    running = 0;
  });

  const ask = (key: string): Promise<string> =>
    gate.load(key, () => {
      running += 1;
      return new Promise<string>((end, fail) => loads.push({ key, end, fail })).finally(() => {
        running -= 1;
      });
    });
  const end = async (index: number, value: string): Promise<void> => {
    loads[index]?.end(value);
    await settled();
  };

  test('lets a load through at once', async () => {
    const answer = ask('a');
    expect(loads).toHaveLength(1);
    await end(0, 'v');
    expect(await answer).toBe('v');
  });

  test('lets those who come during a load share the next one, and not the one before them', async () => {
    const first = ask('a');
    const later = [ask('a'), ask('a'), ask('a')];
    await settled();
    expect(loads).toHaveLength(1);
    await end(0, 'before');
    expect(loads).toHaveLength(2);
    await end(1, 'after');
    expect(await first).toBe('before');
    expect(await Promise.all(later)).toEqual(['after', 'after', 'after']);
    expect(loads).toHaveLength(2);
  });

  test('never has two loads of a key under way, nor gives anyone a load that began before he came', async () => {
    const answers: Promise<string>[] = [];
    const earliest: number[] = [];
    let most = 0;
    for (let round = 0; round < 30; round += 1) {
      answers.push(ask('a'));
      // One load is under way: only the next, or a later one, will do.
      earliest.push(running === 1 && loads.length > 0 && round > 0 ? loads.length : 0);
      most = Math.max(most, running);
      if (round % 3 === 2) {
        await end(loads.length - 1, String(loads.length - 1));
        most = Math.max(most, running);
      }
    }
    await end(loads.length - 1, String(loads.length - 1));
    await end(loads.length - 1, String(loads.length - 1));
    const served = (await Promise.all(answers)).map(Number);
    expect(most).toBe(1);
    expect(served.filter((load, index) => load < (earliest[index] ?? 0))).toEqual([]);
  });

  test('goes on after a load that failed; only its own caller is rejected', async () => {
    const first = ask('a');
    const second = ask('a');
    const rejected = expect(first).rejects.toThrow('no database');
    loads[0]?.fail(new Error('no database'));
    await rejected;
    await settled();
    await end(1, 'v');
    expect(await second).toBe('v');
  });

  test('rejects all who shared a load that failed, and nobody after', async () => {
    const first = ask('a');
    const shared = Promise.allSettled([ask('a'), ask('a')]);
    await end(0, 'v');
    loads[1]?.fail(new Error('no database'));
    expect((await shared).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await first).toBe('v');
    const after = ask('a');
    await end(2, 'again');
    expect(await after).toBe('again');
  });

  test('keeps different keys apart', async () => {
    const answers = [ask('a'), ask('b')];
    expect(loads.map(({ key }) => key)).toEqual(['a', 'b']);
    await end(1, 'of b');
    await end(0, 'of a');
    expect(await Promise.all(answers)).toEqual(['of a', 'of b']);
  });

  test('lets the next one through at once when all have been answered', async () => {
    const all = [ask('a'), ask('a')];
    await end(0, '1');
    await end(1, '2');
    await Promise.all(all);
    void ask('a');
    expect(loads).toHaveLength(3);
  });
});
