import { describe, expect, test } from '@jest/globals';
import type { Scope } from '../../../src/cache/store/shared-store.js';
import { type Bench, LONG_MS, valueFill } from './bench.js';

/** Two versions of a service side by side: the same keys and guards, other shapes of what they hold. */
export function describeShapes(bench: () => Bench): void {
  const later = (): Scope => ({ ...bench().people, shape: 'shape--2' });

  describe('of two shapes of the same entries', () => {
    test('each is a miss for the other, values as well as what is known to be absent', async () => {
      await bench().put(bench().person('1'), 'of the first');
      await bench().put(bench().person('2'), 'absent');
      expect(await bench().look(bench().two, bench().person('1'), 'b', later())).toBe('lease');
      expect(await bench().look(bench().two, bench().person('2'), 'b', later())).toBe('lease');
    });

    test('the one that was filled last is the one that is there', async () => {
      const key = bench().person('1');
      await bench().put(key, 'first');
      await bench().put(key, 'second', later());
      expect(await bench().look(bench().one, key, 'a', later())).toBe('"second"');
      expect(await bench().look(bench().one, key, 'a')).toBe('lease');
    });

    test('the lease of one is none for the other, and the earlier fills nothing', async () => {
      const key = bench().person('1');
      const { versions } = await bench().read(bench().one, key, 'a');
      expect(await bench().look(bench().two, key, 'b', later())).toBe('lease');
      expect(await bench().fill(bench().one, valueFill(key, 'a', versions, 'first'))).toBe(0);
      expect(await bench().look(bench().two, key, 'c', later())).toBe('busy');
    });

    test('no fill is taken for the other, not even with the right token', async () => {
      const key = bench().person('1');
      const { versions } = await bench().read(bench().one, key, 'a');
      expect(await bench().fill(bench().one, valueFill(key, 'a', versions, 'v'), later())).toBe(0);
    });

    test('both are fenced by one fence, and missed after it', async () => {
      await bench().put(bench().person('1'), 'first');
      await bench().put(bench().person('2'), 'second', later());
      const targets = { ...bench().onKeys('1'), guards: [bench().rows] };
      await bench().two.fence(targets, 'w', LONG_MS);
      for (const scope of [bench().people, later()]) {
        expect(await bench().look(bench().one, bench().person('1'), 'a', scope)).toBe('fenced');
        expect(await bench().look(bench().one, bench().person('2'), 'a', scope)).toBe('fenced');
      }
      await bench().two.lift(targets, 'w');
      expect(await bench().look(bench().one, bench().person('1'), 'a')).toBe('lease');
      expect(await bench().look(bench().one, bench().person('2'), 'a', later())).toBe('lease');
    });
  });
}
