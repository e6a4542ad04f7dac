import { describe, expect, test } from '@jest/globals';
import { TickBatcher } from '../../../src/cache/tick-batcher.js';

function recording(): { batches: string[][]; batcher: TickBatcher<string, string> } {
  const batches: string[][] = [];
  const batcher = new TickBatcher<string, string>(async (requests) => {
    batches.push([...requests]);
    return requests.map((request) => request.toUpperCase());
  });
  return { batches, batcher };
}

describe('a tick batcher', () => {
  test('sends what was asked in one turn together, and gives each its own answer', async () => {
    const { batches, batcher } = recording();
    const answers = await Promise.all([batcher.add('a'), batcher.add('b'), batcher.add('c')]);
    expect(answers).toEqual(['A', 'B', 'C']);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  test('lets callers join who come a few awaits later in the same turn', async () => {
    const { batches, batcher } = recording();
    const late = async (awaits: number, request: string): Promise<string> => {
      for (let n = 0; n < awaits; n += 1) await null;
      return batcher.add(request);
    };
    await Promise.all([late(0, 'a'), late(1, 'b'), late(7, 'c')]);
    expect(batches).toHaveLength(1);
  });

  test('puts into the next batch what is asked once a batch was sent', async () => {
    const batches: string[][] = [];
    let during: Promise<string> | null = null;
    const batcher: TickBatcher<string, string> = new TickBatcher(async (requests) => {
      batches.push([...requests]);
      if (batches.length === 1) during = batcher.add('late');
      return requests;
    });
    await batcher.add('first');
    await during;
    expect(batches).toEqual([['first'], ['late']]);
  });

  test('rejects every request of a batch that failed, and none of the next', async () => {
    let fail = true;
    const batcher = new TickBatcher<string, string>(async (requests) => {
      if (fail) throw new Error('down');
      return requests;
    });
    const failed = await Promise.allSettled([batcher.add('a'), batcher.add('b')]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fail = false;
    await expect(batcher.add('c')).resolves.toBe('c');
  });
});
