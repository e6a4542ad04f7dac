import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PassingMap } from '../../../src/cache/passing-map.js';

describe('a map of what comes and goes', () => {
  test('does what a map does, however often it is made anew', () => {
    const key = fc.integer({ min: 0, max: 40 });
    const step = fc.oneof(
      fc.record({ do: fc.constant('set' as const), key, times: fc.integer({ min: 1, max: 600 }) }),
      fc.record({ do: fc.constant('delete' as const), key, times: fc.constant(1) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const passing = new PassingMap<number, number>();
        const map = new Map<number, number>();
        let value = 0;
        for (const { do: what, key: first, times } of steps) {
          for (let n = 0; n < times; n += 1) {
            value += 1;
            // Many sets of few keys, so that some stay over several renewals.
            const at = (first + n) % 41;
            if (what === 'set') {
              passing.set(at, value);
              map.set(at, value);
            } else {
              passing.delete(at);
              map.delete(at);
            }
          }
          for (let each = 0; each <= 40; each += 1) expect(passing.get(each)).toBe(map.get(each));
          expect([...passing.values()].sort()).toEqual([...map.values()].sort());
        }
      }),
      { numRuns: 50 },
    );
  });

  test('keeps what stays, though thousands come and go meanwhile, and thousands that stay', () => {
    const passing = new PassingMap<string, number>();
    passing.set('stays', 1);
    for (let n = 0; n < 10_000; n += 1) {
      passing.set(`${n}`, n);
      if (n % 2 === 0) passing.delete(`${n}`);
    }
    expect(passing.get('stays')).toBe(1);
    expect([...passing.values()]).toHaveLength(5_001);
    expect(passing.get('9998')).toBeUndefined();
    expect(passing.get('1')).toBe(1);
  });
});
