import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HeavyHitters, mostOf } from '../../../../src/cache/sampling/heavy-hitters.js';

const names = (max: number) => fc.array(fc.integer({ min: 0, max }).map(String), { maxLength: 400 });

function fed(stream: readonly string[], capacity: number): HeavyHitters {
  const hitters = new HeavyHitters(capacity);
  for (const name of stream) hitters.add(name);
  return hitters;
}

function counted(stream: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of stream) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

describe('the most frequent names of a stream', () => {
  test('are counted exactly where there are no more than counters', () => {
    fc.assert(
      fc.property(names(9), (stream) => {
        const truth = counted(stream);
        for (const { name, count, error } of mostOf([fed(stream, 10)], 10)) {
          expect([count, error]).toEqual([truth.get(name), 0]);
        }
      }),
    );
  });

  test('never have a count below the truth, nor above it by more than their error', () => {
    fc.assert(
      fc.property(names(40), names(40), fc.integer({ min: 1, max: 12 }), (one, other, capacity) => {
        const truth = counted([...one, ...other]);
        for (const { name, count, error } of mostOf([fed(one, capacity), fed(other, capacity)], 100)) {
          expect(count).toBeGreaterThanOrEqual(truth.get(name) ?? 0);
          expect(count - error).toBeLessThanOrEqual(truth.get(name) ?? 0);
        }
      }),
    );
  });

  test('hold every one that came more often than its share of the counters', () => {
    fc.assert(
      fc.property(names(40), fc.integer({ min: 1, max: 12 }), (stream, capacity) => {
        const held = new Set(mostOf([fed(stream, capacity)], capacity).map(({ name }) => name));
        for (const [name, count] of counted(stream)) {
          if (count > stream.length / capacity) expect(held).toContain(name);
        }
      }),
    );
  });

  test('come first, however many others came once', () => {
    const stream = Array.from({ length: 20_000 }, (_, i) => (i % 10 === 0 ? `hot ${i % 3}` : `once ${i}`));
    const most = mostOf([fed(stream, 100)], 3);
    expect(most.map(({ name }) => name).sort()).toEqual(['hot 0', 'hot 1', 'hot 2']);
    expect(mostOf([fed(stream, 100)], 1_000)).toHaveLength(100);
  });

  test('of no stream, and of an empty one, are none', () => {
    expect(mostOf([], 5)).toEqual([]);
    expect(mostOf([new HeavyHitters(3)], 5)).toEqual([]);
  });
});
