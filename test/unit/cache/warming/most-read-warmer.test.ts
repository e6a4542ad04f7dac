import { expect, test } from '@jest/globals';
import type { MostReadEntry } from '../../../../src/cache/sampling/most-read.js';
import { mostReadWarmer } from '../../../../src/cache/warming/most-read-warmer.js';
import { type WarmEntry, warmCache } from '../../../../src/cache/warming/warm-cache.js';

const entry = (model: string | null, name: string): MostReadEntry => ({ model, name, reads: 1, error: 0 });

function running(entries: readonly MostReadEntry[]) {
  const rows: Record<string, readonly string[]> = {};
  const values: string[] = [];
  let limit = 0;
  const warmer = mostReadWarmer({
    mostRead: (most) => {
      limit = most;
      return entries;
    },
    warmRows: (model) =>
      model === 'Unknown'
        ? null
        : async (ids) => {
            rows[model] = ids;
          },
    loaderOf: (name) => (name === 'unknown' ? null : { load: async () => name, ttlSeconds: 5 }),
    limit: 7,
  });
  const run = (signal = new AbortController().signal) =>
    warmer.run({
      concurrency: 4,
      signal,
      warm: (given: readonly WarmEntry[]) =>
        warmCache(given, async ({ key, load, ttlSeconds }) => {
          values.push(`${key}: ${String(await load())} for ${ttlSeconds}`);
        }),
    });
  return { warmer, run, rows, values, limit: () => limit };
}

test('what was read most is read again: rows together by their models, values by their names', async () => {
  const { run, rows, values, limit } = running([
    entry('User', '1'),
    entry(null, 'report'),
    entry('Task', 'a,b'),
    entry('User', '2'),
  ]);
  await run();
  expect(rows).toEqual({ User: ['1', '2'], Task: ['a,b'] });
  expect(values).toEqual(['report: report for 5']);
  expect(limit()).toBe(7);
});

test('what nobody knows how to read is left out', async () => {
  const { run, rows, values } = running([entry('Unknown', '1'), entry(null, 'unknown'), entry('User', '1')]);
  await run();
  expect(rows).toEqual({ User: ['1'] });
  expect(values).toEqual([]);
});

test('nothing is read where the warmer was told to end', async () => {
  const { run, rows } = running([entry('User', '1')]);
  await run(AbortSignal.abort());
  expect(rows).toEqual({});
});
