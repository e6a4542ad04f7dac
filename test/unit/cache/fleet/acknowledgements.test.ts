import { beforeEach, describe, expect, test } from '@jest/globals';
import { Acknowledgements } from '../../../../src/cache/fleet/acknowledgements.js';
import { fleetTiming } from '../../../../src/cache/fleet/timing.js';
import type { Announced } from '../../../../src/cache/store/shared-store.js';
import { ManualClock, settled } from '../../../support/manual-clock.js';

const timing = fleetTiming({ commandTimeoutMs: 250, connectTimeoutMs: 500 });
const OLD_MS = 1_000_000;

/** Who listens in these tests: this process, and those that are named. */
function announced(names: readonly string[], changes: Partial<Announced> = {}): Announced {
  const awaited = names.map((process) => ({ process, withinMs: 900 }));
  return { awaited, heard: names.length + 1, registryAgeMs: OLD_MS, ...changes };
}

describe('the acknowledgements of an announcement', () => {
  let clock: ManualClock;
  let acknowledgements: Acknowledgements;

  beforeEach(() => {
    clock = new ManualClock();
    acknowledgements = new Acknowledgements(timing, clock, () => true);
  });

  /** Makes an announcement; `over` says whether it is still waited for. */
  const announce = async (reply: Announced | null, token = 't', by = acknowledgements) => {
    const state = { over: false, result: null as Announced | null };
    void by
      .collect(token, async () => reply)
      .then((result) => {
        state.over = true;
        state.result = result;
      });
    await settled();
    return state;
  };
  const received = async (process: string, token = 't'): Promise<void> => {
    acknowledgements.received(token, process);
    await settled();
  };

  test('are not waited for where nobody has to be told', async () => {
    expect(await announce(null)).toEqual({ over: true, result: null });
    expect((await announce(announced([]))).over).toBe(true);
    expect((await announce(announced([], { heard: 0 }))).over).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  test('are waited for until the last has come', async () => {
    const reply = announced(['a', 'b', 'c']);
    const waiting = await announce(reply);
    await received('b');
    await received('a');
    expect(waiting.over).toBe(false);
    await received('c');
    expect(waiting).toEqual({ over: true, result: reply });
    expect(clock.now()).toBe(0);
    expect(clock.waiting).toBe(0);
  });

  test('of one process count once', async () => {
    const waiting = await announce(announced(['a', 'b']));
    await received('a');
    await received('a');
    await received('stranger');
    expect(waiting.over).toBe(false);
  });

  test('of another announcement do not count', async () => {
    const waiting = await announce(announced(['a']), 't1');
    await received('a', 't2');
    expect(waiting.over).toBe(false);
    await received('a', 't1');
    expect(waiting.over).toBe(true);
  });

  test('are waited for no longer than a silent process may answer from memory', async () => {
    const waiting = await announce(announced(['a', 'b']));
    await received('a');
    await clock.advance(899);
    expect(waiting.over).toBe(false);
    await clock.advance(1);
    expect(waiting.over).toBe(true);
  });

  test('end with the longest of those that are silent', async () => {
    const awaited = [
      { process: 'a', withinMs: 300 },
      { process: 'b', withinMs: 600 },
      { process: 'c', withinMs: 900 },
    ];
    const waiting = await announce(announced([], { awaited, heard: 4 }));
    await received('c');
    await clock.advance(599);
    expect(waiting.over).toBe(false);
    await clock.advance(1);
    expect(waiting.over).toBe(true);
  });

  test('count that come before it is known who is asked', async () => {
    let answer: ((reply: Announced) => void) | undefined;
    let over = false;
    const collecting = acknowledgements
      .collect(
        't',
        () =>
          new Promise<Announced>((resolve) => {
            answer = resolve;
          }),
      )
      .then(() => {
        over = true;
      });
    await received('a');
    await received('b');
    expect(over).toBe(false);
    answer?.(announced(['a', 'b']));
    await collecting;
    expect(clock.now()).toBe(0);
  });

  test('are forgotten when the announcement fails, which is told to the announcer', async () => {
    const failing = acknowledgements.collect('t', () => Promise.reject(new Error('away')));
    await expect(failing).rejects.toThrow('away');
    await received('a');
    expect((await announce(announced(['a']))).over).toBe(false);
  });

  describe('where the registry may not know all yet', () => {
    test('are waited for until all who heard have answered', async () => {
      const waiting = await announce(announced(['a'], { heard: 3, registryAgeMs: 100 }));
      await received('a');
      expect(waiting.over).toBe(false);
      await received('a stranger');
      expect(waiting.over).toBe(true);
      expect(clock.now()).toBe(0);
    });

    test('are waited for until it knows all', async () => {
      const waiting = await announce(announced([], { heard: 2, registryAgeMs: 100 }));
      await clock.advance(timing.leaseMs - 101);
      expect(waiting.over).toBe(false);
      await clock.advance(1);
      expect(waiting.over).toBe(true);
    });

    test('are not waited for where nobody but this process has heard', async () => {
      expect((await announce(announced([], { heard: 1, registryAgeMs: 0 }))).over).toBe(true);
    });

    test('are waited for from one who heard, where this process has no near cache and does not listen', async () => {
      const deaf = new Acknowledgements(timing, clock, () => false);
      const waiting = await announce(announced([], { heard: 1, registryAgeMs: 0 }), 't', deaf);
      expect(waiting.over).toBe(false);
      deaf.received('t', 'a stranger');
      await settled();
      expect(waiting.over).toBe(true);
    });

    test('of strangers are not waited for once it is old enough', async () => {
      const waiting = await announce(announced([], { heard: 3, registryAgeMs: timing.leaseMs }));
      expect(waiting.over).toBe(true);
    });
  });
});
