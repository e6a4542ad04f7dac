import { expect, test } from '@jest/globals';
import { KeySpace } from '../../../../src/cache/keys.js';
import { MostRead } from '../../../../src/cache/sampling/most-read.js';
import { newCounters } from '../../../../src/cache/statistics.js';
import { MemoryStore } from '../../../../src/cache/store/memory-store.js';
import { StoreGuard } from '../../../../src/cache/store-guard.js';
import { CacheWarming } from '../../../../src/cache/warming/cache-warming.js';
import { silentLogger } from '../../../../src/config/index.js';
import { TIMING } from '../../../support/cache-process.js';
import { ManualClock, settled } from '../../../support/manual-clock.js';

/** The warming of one process of a fleet, and what it has put in the cache. */
function open(name: string, store: MemoryStore, clock: ManualClock) {
  const guard = new StoreGuard({
    commandTimeoutMs: 250,
    timing: TIMING,
    counters: newCounters(),
    logger: silentLogger,
    clock,
    hooks: { ping: () => store.ping(), onBroken: () => undefined, onAnswering: async () => undefined },
  });
  const values: string[] = [];
  const rows: string[] = [];
  let tokens = 0;
  const mostRead = new MostRead(clock);
  const warming = new CacheWarming({
    read: {
      store,
      guard,
      clock,
      nextToken: () => {
        tokens += 1;
        return `${name}.${tokens}`;
      },
    },
    keys: new KeySpace('test'),
    logger: silentLogger,
    mostRead,
    getOrLoad: async ({ key, load }) => {
      values.push(`${key}: ${String(await load())}`);
    },
  });
  warming.addRows('User', async (ids) => rows.push(...ids));
  warming.addLoader('report', { load: async () => 'made anew' });
  warming.addMostRead({ intervalSeconds: 60 });
  return { warming, mostRead, values, rows };
}

test('what one process read most is warmed by it alone, and by another when it has stopped', async () => {
  const clock = new ManualClock();
  const store = new MemoryStore({ clock });
  const [one, two] = [open('one', store, clock), open('two', store, clock)];
  for (const { mostRead } of [one, two]) {
    mostRead.note({ model: 'User', name: '7' });
    mostRead.note({ model: null, name: 'report' });
    mostRead.note({ model: null, name: 'no loader' });
    mostRead.note({ model: 'NoRepository', name: '1' });
  }
  expect(one.warming.mostRead(9)).toHaveLength(4);
  one.warming.start();
  await settled();
  two.warming.start();
  await clock.advance(1_000);
  expect(one).toMatchObject({ rows: ['7'], values: ['report: made anew'] });
  expect(two).toMatchObject({ rows: [], values: [] });
  expect(one.warming.getStatistics()).toMatchObject({ 'most-read': { isLeader: true, runs: 1 } });

  await one.warming.stop();
  await clock.advance(15_000);
  expect(two).toMatchObject({ rows: ['7'], values: ['report: made anew'] });
  await two.warming.stop();
  expect(() => two.warming.addMostRead()).toThrow(/already/);
});

test('a list is warmed at once, by the process that has it', async () => {
  const clock = new ManualClock();
  const { warming, values } = open('one', new MemoryStore({ clock }), clock);
  const result = await warming.warm([
    { key: 'a', load: async () => 1 },
    { key: 'b', load: () => Promise.reject(new Error('no')) },
  ]);
  expect(result).toMatchObject({ done: 2, total: 2, failed: 1 });
  expect(values).toEqual(['a: 1']);
});
