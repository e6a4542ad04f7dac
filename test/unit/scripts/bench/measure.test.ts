import { setImmediate as loopTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  callers,
  interleaved,
  median,
  percentileOf,
  sequentialLatencyMs,
  throughput,
} from '../../../../scripts/bench/measure/index.js';

describe('the median', () => {
  it('is the middle one, or the mean of the two in the middle, in whatever order they come', () => {
    expect(median([9, 1, 10])).toBe(9);
    expect(median([4, 1, 3, 100])).toBe(3.5);
    expect(median([])).toBeNaN();
  });
});

describe('a percentile', () => {
  it('is a figure that was measured, by the nearest rank', () => {
    const figures = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect(percentileOf(figures, 95)).toBe(95);
    expect(percentileOf(figures, 100)).toBe(100);
    expect(percentileOf([7], 50)).toBe(7);
    expect(percentileOf([], 50)).toBeNaN();
  });
});

describe('callers', () => {
  it('make as many calls as were asked for, each with a number of its own, so many at a time', async () => {
    const seen = new Set<number>();
    let atOnce = 0;
    let most = 0;
    const result = await callers(7, { operations: 100 }, async (n) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      seen.add(n);
      await loopTurn();
      atOnce -= 1;
      return true;
    });
    expect(result).toMatchObject({ operations: 100, errors: 0, latencies: null });
    expect(seen.size).toBe(100);
    expect(most).toBe(7);
  });

  it('let the event loop turn, however many they are, though every call is answered without it', async () => {
    let turns = 0;
    const immediately = (): void => {
      turns += 1;
      next = setImmediate(immediately);
    };
    let next = setImmediate(immediately);
    await callers(200, { operations: 20_000 }, async () => true);
    clearImmediate(next);
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('end in time though every call is answered without the event loop', async () => {
    const { operations, elapsedMs } = await callers(200, { seconds: 0.05 }, async () => true);
    expect(operations).toBeGreaterThan(0);
    expect(elapsedMs).toBeLessThan(5_000);
  });

  it('count what rejects and what is wrong', async () => {
    const { errors, latencies } = await callers(
      2,
      { operations: 10 },
      async (n) => {
        if (n === 3) throw new Error('no');
        return n !== 5;
      },
      true,
    );
    expect(errors).toBe(2);
    expect(latencies?.count).toBe(10);
  });

  it('do not count what runs before the clock starts', async () => {
    let calls = 0;
    const call = async (): Promise<boolean> => {
      calls += 1;
      await loopTurn();
      return true;
    };
    expect(await callers(3, { operations: 100 }, call, false, 0.2)).toMatchObject({ operations: 80 });
    expect(calls).toBe(100);
    calls = 0;
    const { operations } = await callers(3, { seconds: 0.2 }, call, false, 0.5);
    expect(operations).toBeGreaterThan(0);
    expect(operations).toBeLessThan(calls);
  });

  it('have no throughput when one of them got a wrong answer', async () => {
    await expect(throughput(2, { operations: 10 }, async (n) => n !== 9)).rejects.toThrow('wrong answer: 1.');
    await expect(throughput(2, { operations: 10 }, async () => true)).resolves.toBeGreaterThan(0);
  });
});

describe('a single caller', () => {
  it('has a latency, unless an answer is wrong', async () => {
    await expect(sequentialLatencyMs(20, async () => true)).resolves.toBeGreaterThan(0);
    await expect(sequentialLatencyMs(20, async (n) => n !== 4)).rejects.toThrow('Call 4');
  });
});

describe('two sides', () => {
  it('are measured in turns, who begins changing, after each ran once for nothing', async () => {
    const order: string[] = [];
    let figure = 0;
    const side = (name: string) => async (): Promise<number> => {
      order.push(name);
      figure += 1;
      return figure;
    };
    const rounds = await interleaved(3, { ours: side('ours'), peer: side('peer') });
    expect(order.slice(2)).toEqual(['ours', 'peer', 'peer', 'ours', 'ours', 'peer']);
    expect(rounds).toEqual({ ours: [3, 6, 7], peer: [4, 5, 8] });
  });
});
