import { describe, expect, test } from '@jest/globals';
import { LateBatcher } from '../../../../src/database/index.js';

/** Batches that are sent, and answered, when the test says so. */
function batches(maxJoined = 10) {
  const waiting: {
    send: () => readonly string[];
    answer: (text: string) => void;
    fail: (error: Error) => void;
  }[] = [];
  const batcher = new LateBatcher<string, string>(
    (requests) =>
      new Promise((answer, fail) => {
        waiting.push({ send: requests, answer, fail });
      }),
    maxJoined,
  );
  const nth = (index: number) => {
    const one = waiting[index];
    if (one === undefined) throw new Error(`There are ${waiting.length} batches.`);
    return one;
  };
  return { batcher, nth, count: () => waiting.length };
}

describe('requests that wait to be sent', () => {
  test('go together, in the order in which they came, and are answered together', async () => {
    const { batcher, nth, count } = batches();
    const answers = [batcher.add(['a', 'b']), batcher.add(['c']), batcher.add(['a'])];
    await Promise.resolve();
    answers.push(batcher.add(['d']));
    expect(count()).toBe(1);
    expect(nth(0).send()).toEqual(['a', 'b', 'c', 'a', 'd']);
    nth(0).answer('all');
    expect(await Promise.all(answers)).toEqual(['all', 'all', 'all', 'all']);
  });

  test('take nobody with them once they are sent, though they may be sent again', async () => {
    const { batcher, nth, count } = batches();
    const first = batcher.add(['a']);
    expect(nth(0).send()).toEqual(['a']);
    const second = batcher.add(['b']);
    const third = batcher.add(['c']);
    expect(count()).toBe(2);
    expect(nth(0).send()).toEqual(['a']);
    expect(nth(1).send()).toEqual(['b', 'c']);
    nth(1).answer('later');
    nth(0).answer('earlier');
    expect(await Promise.all([first, second, third])).toEqual(['earlier', 'later', 'later']);
  });

  test('are no more than so many, unless one caller has more', () => {
    const { batcher, nth, count } = batches(3);
    void batcher.add(['a', 'b']);
    void batcher.add(['c', 'd']);
    void batcher.add(['e']);
    void batcher.add(['1', '2', '3', '4']);
    void batcher.add(['5']);
    expect(count()).toBe(4);
    expect([0, 1, 2, 3].map((index) => nth(index).send())).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
      ['1', '2', '3', '4'],
      ['5'],
    ]);
  });

  test('fail together, and who comes then begins anew', async () => {
    const { batcher, nth, count } = batches();
    const failed = [batcher.add(['a']), batcher.add(['b'])];
    nth(0).fail(new Error('no connection'));
    for (const each of failed) await expect(each).rejects.toThrow('no connection');
    const next = batcher.add(['c']);
    expect(count()).toBe(2);
    expect(nth(1).send()).toEqual(['c']);
    nth(1).answer('now');
    expect(await next).toBe('now');
  });
});

test('what is sent at once is joined by nobody', async () => {
  const sent: (readonly string[])[] = [];
  const batcher = new LateBatcher<string, number>(async (requests) => sent.push(requests()), 10);
  expect(await Promise.all([batcher.add(['a']), batcher.add(['b'])])).toEqual([1, 2]);
  expect(sent).toEqual([['a'], ['b']]);
});
