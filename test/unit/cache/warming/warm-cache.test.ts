import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type WarmProgress, warmCache } from '../../../../src/cache/warming/warm-cache.js';
import { settled } from '../../../support/manual-clock.js';

const entriesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index}`, load: async () => index }));

describe('warming a list of entries', () => {
  test('asks for each once, at most so many at a time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(30), fc.integer({ min: 1, max: 40 }), async (count, concurrency) => {
        const asked: string[] = [];
        let running = 0;
        let most = 0;
        const result = await warmCache(
          entriesOf(count),
          async ({ key }) => {
            asked.push(key);
            running += 1;
            most = Math.max(most, running);
            await Promise.resolve();
            running -= 1;
          },
          { concurrency },
        );
        expect(asked).toEqual(entriesOf(count).map(({ key }) => key));
        expect(most).toBe(Math.min(count, concurrency));
        expect(result).toEqual({ done: count, total: count, failed: 0, errors: [] });
      }),
    );
  });

  test('goes on when a loader fails, and tells of it', async () => {
    const progress: WarmProgress[] = [];
    const failing = async ({ key }: { readonly key: string }) => {
      if (key === 'k1') throw new Error('no database');
    };
    const result = await warmCache(entriesOf(3), failing, {
      concurrency: 1,
      onProgress: (seen) => progress.push(seen),
    });
    expect(result).toMatchObject({ done: 3, total: 3, failed: 1 });
    expect(result.errors).toEqual([{ key: 'k1', error: new Error('no database') }]);
    expect(progress).toEqual([
      { done: 1, total: 3, failed: 0 },
      { done: 2, total: 3, failed: 1 },
      { done: 3, total: 3, failed: 1 },
    ]);
  });

  test('keeps a hundred errors of more', async () => {
    const result = await warmCache(entriesOf(250), () => Promise.reject(new Error('no')));
    expect(result.failed).toBe(250);
    expect(result.errors).toHaveLength(100);
  });

  test('begins no other when it is told to end, and says how far it came', async () => {
    const abort = new AbortController();
    const running = warmCache(
      entriesOf(10),
      async ({ key }) => {
        if (key === 'k3') abort.abort();
      },
      { concurrency: 2, signal: abort.signal },
    );
    const { done, total } = await running;
    expect(total).toBe(10);
    expect(done).toBeLessThanOrEqual(5);
  });

  test('ends with what the progress callback throws', async () => {
    let asked = 0;
    const running = warmCache(
      entriesOf(10),
      async () => {
        asked += 1;
      },
      {
        concurrency: 1,
        onProgress: () => {
          throw new Error('the callback failed');
        },
      },
    );
    await expect(running).rejects.toThrow('the callback failed');
    await settled();
    expect(asked).toBe(1);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %s at a time',
    async (concurrency) => {
      await expect(warmCache([], async () => undefined, { concurrency })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    },
  );
});
