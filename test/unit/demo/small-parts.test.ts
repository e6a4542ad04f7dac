import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, jest, test } from '@jest/globals';
import { forEachConcurrently } from '../../../scripts/demo/concurrently.js';
import { estimatedCostUsd } from '../../../scripts/demo/estimated-cost.js';
import { LoopTurn } from '../../../scripts/demo/loop-turn.js';
import { nameBasedId } from '../../../scripts/demo/name-based-id.js';
import { wrapped } from '../../../scripts/demo/text.js';
import { VersionLedger } from '../../../scripts/demo/version-ledger.js';

describe('forEachConcurrently', () => {
  test('does every item once, never more at a time than the limit', async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await forEachConcurrently([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await setImmediate();
      running -= 1;
      done.push(item);
    });
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  test('after a failure starts nothing more, and throws it when what was under way has ended', async () => {
    const started: number[] = [];
    let ended = 0;
    const run = forEachConcurrently([1, 2, 3, 4, 5], 2, async (item) => {
      started.push(item);
      if (item === 1) {
        throw new Error('no');
      }
      await setImmediate();
      ended += 1;
    });
    await expect(run).rejects.toThrow('no');
    expect([started, ended]).toEqual([[1, 2], 1]);
  });

  test('an aborted signal stops it', async () => {
    const abort = new AbortController();
    const run = forEachConcurrently([1, 2, 3], 1, async () => abort.abort(), abort.signal);
    await expect(run).rejects.toThrow('aborted');
  });
});

describe('the estimated cost', () => {
  test('is a dollar and fifty cents per MiB, with four decimals', () => {
    expect(estimatedCostUsd(0n)).toBe('1.0000');
    expect(estimatedCostUsd(1_048_576n)).toBe('1.5000');
    expect(estimatedCostUsd(1n)).toBe('1.0001');
    expect(estimatedCostUsd(3_000_000_000n)).toBe('1431.5115');
  });

  test('never exceeds what its column holds', () => {
    expect(estimatedCostUsd(2n ** 62n)).toBe('99999999.9999');
  });
});

describe('an id made from a name', () => {
  test('is the one that the standard gives as its example', () => {
    const dnsNamespace = Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex');
    expect(nameBasedId('www.example.com', dnsNamespace)).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  test('is another for another name', () => {
    expect(nameBasedId('a')).not.toBe(nameBasedId('b'));
  });
});

describe('the version ledger', () => {
  test('a read that returns less than an acknowledged write is stale', () => {
    const ledger = new VersionLedger();
    ledger.acknowledge('k', 5);
    expect(ledger.judge('k', ledger.floor('k'), 4)).toBe(false);
    expect(ledger.staleReads).toBe(1);
  });

  test('a read that returns less than an earlier read is stale', () => {
    const ledger = new VersionLedger();
    expect(ledger.judge('k', ledger.floor('k'), 7)).toBe(true);
    expect(ledger.judge('k', ledger.floor('k'), 6)).toBe(false);
  });

  test('a read that started before the write was acknowledged may return the value before it', () => {
    const ledger = new VersionLedger();
    const floorAtStart = ledger.floor('k');
    ledger.acknowledge('k', 5);
    expect(ledger.judge('k', floorAtStart, 4)).toBe(true);
    expect(ledger.floor('k')).toBe(5);
  });

  test('knows nothing of other keys', () => {
    const ledger = new VersionLedger();
    ledger.acknowledge('k', 5);
    expect(ledger.floor('other')).toBe(0);
  });
});

describe('a turn of the event loop', () => {
  test('is due only after the loop was held for a millisecond, and is shared', async () => {
    const start = performance.now();
    const time = jest.spyOn(performance, 'now').mockReturnValue(start);
    const turns = new LoopTurn();
    expect(turns.due(start)).toBeNull();
    const turn = turns.due(start + 5);
    expect(turn).not.toBeNull();
    expect(turns.due(start + 5)).toBe(turn);
    await turn;
    expect(turns.due(performance.now())).toBeNull();
    time.mockRestore();
  });

  test('lets timers run between callers that settle at once', async () => {
    const turns = new LoopTurn();
    let fired = false;
    void setTimeout(5).then(() => {
      fired = true;
    });
    const deadline = performance.now() + 10_000;
    while (!fired && performance.now() < deadline) {
      await turns.due(performance.now());
    }
    expect(fired).toBe(true);
  });
});

describe('wrapped text', () => {
  test('is broken between words and never longer than the limit, but for a word that is', () => {
    expect(wrapped('one two three', 7)).toBe('one two\nthree');
    expect(wrapped('extraordinary one', 5)).toBe('extraordinary\none');
    expect(wrapped('', 5)).toBe('');
  });
});
