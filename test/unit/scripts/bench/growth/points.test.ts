import { describe, expect, test } from '@jest/globals';
import { BASE, growthSteps, keysOf, VALUES } from '../../../../../scripts/bench/growth/points.js';

describe('the steps of what grows', () => {
  const steps = growthSteps();

  test('are every value of every dimension, with all else as at the base', () => {
    expect(steps).toHaveLength(Object.values(VALUES).flat().length);
    for (const { dimension, value, point } of steps) expect(point).toEqual({ ...BASE, [dimension]: value });
  });

  test('come with small tables first, since a table only grows', () => {
    const rows = steps.map(({ point }) => point.rows);
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
  });

  test('read rows that are there', () => {
    for (const step of steps) {
      const { first, count, step: distance } = keysOf(step);
      expect(first + (count - 1) * distance).toBeLessThan(step.point.rows);
    }
  });

  test('read other rows for each size', () => {
    const firsts = steps.filter(({ dimension }) => dimension === 'bytes').map((step) => keysOf(step));
    const indexes = firsts.flatMap(({ first, count }) => Array.from({ length: count }, (_, n) => first + n));
    expect(new Set(indexes).size).toBe(indexes.length);
  });
});
