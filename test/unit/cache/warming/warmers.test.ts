import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../../../../src/cache/store/memory-store.js';
import type { Rights } from '../../../../src/cache/warming/rights.js';
import { warmCache } from '../../../../src/cache/warming/warm-cache.js';
import { type WarmerRun, Warmers } from '../../../../src/cache/warming/warmers.js';
import { silentLogger } from '../../../../src/config/index.js';
import { ManualClock, settled } from '../../../support/manual-clock.js';

const LEASE_SECONDS = 10;
const LEASE_MS = LEASE_SECONDS * 1_000;
const INTERVAL_SECONDS = 60;
const LONGEST_INTERVAL_MS = 66_000;
const KEY = '{test}:warmer:nightly';

/** A process with one warmer, and a way to its store that a test can cut. */
class WarmingProcess {
  readonly warmers: Warmers;
  runs: WarmerRun[] = [];
  warmed: string[] = [];
  isCut = false;
  run: (run: WarmerRun) => Promise<unknown> = async () => undefined;

  constructor(name: string, store: MemoryStore, clock: ManualClock, isStarted = true) {
    const through = async <T>(ask: () => Promise<T>): Promise<T> => {
      if (this.isCut) throw new Error('the store is away');
      return ask();
    };
    const rights: Rights = {
      claim: (key, token, ttlMs) => through(() => store.values.claim(key, token, ttlMs)),
      reclaim: (key, token, ttlMs) => through(() => store.values.reclaim(key, token, ttlMs)),
    };
    let tokens = 0;
    this.warmers = new Warmers({
      rights,
      keyOf: (warmer) => `{test}:warmer:${warmer}`,
      nextToken: () => {
        tokens += 1;
        return `${name}.${tokens}`;
      },
      clock,
      logger: silentLogger,
      warm: (entries, options) =>
        warmCache(
          entries,
          async ({ key, load }) => {
            await load();
            this.warmed.push(key);
          },
          options,
        ),
      leaseSeconds: LEASE_SECONDS,
    });
    this.warmers.add({
      name: 'nightly',
      intervalSeconds: INTERVAL_SECONDS,
      run: (run) => {
        this.runs.push(run);
        return this.run(run);
      },
    });
    if (isStarted) this.warmers.start();
  }

  get state() {
    return this.warmers.getStatistics()['nightly'];
  }
}

describe('a warmer that several processes have', () => {
  let clock: ManualClock;
  let store: MemoryStore;
  let one: WarmingProcess;
  let two: WarmingProcess;

  beforeEach(async () => {
    clock = new ManualClock();
    store = new MemoryStore({ clock });
    one = new WarmingProcess('one', store, clock);
    await settled();
    two = new WarmingProcess('two', store, clock);
    await settled();
  });

  test('is run by one of them, at once and at each interval', async () => {
    expect([one.runs.length, two.runs.length]).toEqual([1, 0]);
    await clock.advance(10 * LONGEST_INTERVAL_MS);
    expect(one.runs.length).toBeGreaterThanOrEqual(10);
    expect(one.runs.length).toBeLessThanOrEqual(13);
    expect(two.runs).toHaveLength(0);
    expect(one.state).toMatchObject({ isLeader: true, isRunning: false, failures: 0, lastError: null });
    expect(two.state).toMatchObject({ isLeader: false, runs: 0, lastMs: null });
  });

  test('is taken over within one lease time after that one has died', async () => {
    await clock.advance(25_000);
    one.isCut = true;
    const diedAt = clock.now();
    while (two.runs.length === 0 && clock.now() - diedAt < 2 * LEASE_MS) await clock.advance(100);
    expect(clock.now() - diedAt).toBeLessThanOrEqual(LEASE_MS);
    expect(one.state?.isLeader).toBe(false);
    expect(two.state?.isLeader).toBe(true);
    await clock.advance(3 * LONGEST_INTERVAL_MS);
    expect(one.runs).toHaveLength(1);
  });

  test('is taken over soon when that one stops, which waits for the end of its run', async () => {
    let end: (() => void) | undefined;
    await two.warmers.stop();
    await one.warmers.stop();
    one.run = ({ signal }) =>
      new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          end = resolve;
        });
      });
    one.warmers.start();
    await settled();
    two.warmers.start();
    await settled();
    expect(one.state).toMatchObject({ isLeader: true, isRunning: true });
    let stopped = false;
    const stop = one.warmers.stop().then(() => {
      stopped = true;
    });
    await settled();
    expect(stopped).toBe(false);
    expect(two.runs).toHaveLength(0);
    end?.();
    await stop;
    await clock.advance(LEASE_MS / 5);
    expect(two.runs).toHaveLength(1);
    expect(two.state?.isLeader).toBe(true);
  });

  test('is told to end where its process does not lead any more', async () => {
    let signal: AbortSignal | undefined;
    await one.warmers.stop();
    two.run = (run) => {
      signal = run.signal;
      return new Promise(() => undefined);
    };
    await clock.advance(LEASE_MS);
    expect(two.state).toMatchObject({ isLeader: true, isRunning: true });
    expect(signal?.aborted).toBe(false);
    two.isCut = true;
    await clock.advance(LEASE_MS);
    expect(signal?.aborted).toBe(true);
    expect(two.state).toMatchObject({ isLeader: false, lastError: 'the store is away' });
  });

  test('is renewed through a run that takes long, and not run twice at a time', async () => {
    await one.warmers.stop();
    two.run = () => clock.sleep(5 * LONGEST_INTERVAL_MS);
    await clock.advance(5 * LONGEST_INTERVAL_MS);
    expect(two.runs).toHaveLength(1);
    expect(two.state).toMatchObject({ isLeader: true, isRunning: true, runs: 0 });
    await clock.advance(LEASE_MS);
    expect(two.state?.runs).toBe(1);
    expect(two.state?.lastMs).toBe(5 * LONGEST_INTERVAL_MS);
    expect(two.runs).toHaveLength(2);
  });

  test('goes on after a run that failed', async () => {
    one.run = () => Promise.reject(new Error('no database'));
    await clock.advance(LONGEST_INTERVAL_MS);
    expect(one.state).toMatchObject({ runs: 1, failures: 1, lastError: 'no database', isLeader: true });
    one.run = async () => undefined;
    await clock.advance(LONGEST_INTERVAL_MS);
    expect(one.state).toMatchObject({ failures: 1, lastError: null });
  });

  test('is not led by a process that stopped while it asked', async () => {
    await Promise.all([one.warmers.stop(), two.warmers.stop()]);
    one.warmers.start();
    await one.warmers.stop();
    await settled();
    expect(await store.values.claim(KEY, 'x', 1_000)).toBe(true);
  });

  test('leaves no timer running when all have stopped', async () => {
    await Promise.all([one.warmers.stop(), two.warmers.stop()]);
    await clock.advance(LEASE_MS);
    expect(clock.waiting).toBe(0);
    await clock.advance(10 * LONGEST_INTERVAL_MS);
    expect([one.runs.length, two.runs.length]).toEqual([1, 0]);
  });

  test('warms with its concurrency and signal', async () => {
    const entries = ['a', 'b'].map((key) => ({ key, load: async () => key }));
    one.run = async ({ warm }) => warm(entries);
    await clock.advance(LONGEST_INTERVAL_MS);
    expect(one.warmed).toEqual(['a', 'b']);
  });
});

describe('the warmers of a process', () => {
  const clock = new ManualClock();
  const make = () => new WarmingProcess('one', new MemoryStore({ clock }), clock, false).warmers;
  const run = async () => undefined;

  test('are not run before they are started, nor after they were taken away', async () => {
    const process = new WarmingProcess('one', new MemoryStore({ clock }), clock, false);
    let runs = 0;
    const counted = async () => {
      runs += 1;
    };
    const remove = process.warmers.add({ name: 'other', intervalSeconds: 1, run: counted });
    await clock.advance(5_000);
    expect(process.runs).toHaveLength(0);
    process.warmers.start();
    await clock.advance(5_000);
    expect(runs).toBeGreaterThanOrEqual(4);
    const before = runs;
    await remove();
    await clock.advance(5_000);
    expect(runs).toBe(before);
    expect(Object.keys(process.warmers.getStatistics())).toEqual(['nightly']);
    process.warmers.add({ name: 'other', intervalSeconds: 1, run: counted });
    await clock.advance(5_000);
    expect(runs).toBeGreaterThan(before);
    await process.warmers.stop();
  });

  test.each([
    ['a name that is taken', { name: 'nightly', intervalSeconds: 1, run }],
    ['no name', { name: '', intervalSeconds: 1, run }],
    ['an interval of nothing', { name: 'x', intervalSeconds: 0, run }],
    ['an interval that is none', { name: 'x', intervalSeconds: Number.NaN, run }],
    ['an interval beyond what a timer takes', { name: 'x', intervalSeconds: 1e7, run }],
    ['no concurrency', { name: 'x', intervalSeconds: 1, concurrency: 0, run }],
  ])('refuse one with %s', (_, warmer) => {
    expect(() => make().add(warmer)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
