import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PoolSizer, type PoolSizerOptions } from '../../../../src/database/pool/pool-sizer.js';
import { InvalidArgumentError } from '../../../../src/errors.js';

const SAMPLE_MS = 1_000;
const MINUTE = 60_000;

/** A pool under a load that wants so many connections at each time, sampled every second; gives the size at each time. */
function run(
  options: PoolSizerOptions,
  start: number,
  wantedAt: (now: number) => number,
  forMs: number,
): readonly number[] {
  const sizer = new PoolSizer(options);
  const sizes: number[] = [];
  let currentMax = start;
  for (let now = 0; now < forMs; now += SAMPLE_MS) {
    const wanted = wantedAt(now);
    const inUse = Math.min(wanted, currentMax);
    const acquireP95Ms = wanted === 0 ? null : wanted > currentMax ? 20 * (wanted - currentMax) : 0.1;
    currentMax = sizer.next({
      currentMax,
      acquireP95Ms,
      waiting: Math.max(0, wanted - currentMax),
      idle: currentMax - inUse,
      total: currentMax,
      now,
    });
    sizes.push(currentMax);
  }
  return sizes;
}

/** How often growing follows on shrinking or the other way round. */
function turns(sizes: readonly number[]): number {
  const directions = sizes
    .map((size, index) => Math.sign(size - (sizes[index - 1] ?? size)))
    .filter((direction) => direction !== 0);
  return directions.filter((direction, index) => index > 0 && direction !== directions[index - 1]).length;
}

describe('a pool sizer', () => {
  test('adds one connection at a time while callers wait and none is idle, up to the bound', () => {
    const sizes = run({ min: 2, max: 6 }, 2, () => 50, MINUTE);
    expect(sizes.at(-1)).toBe(6);
    expect(Math.max(...sizes.map((size, index) => size - (sizes[index - 1] ?? size)))).toBe(1);
  });

  test('lets the cooldown pass between two changes', () => {
    const sizes = run({ min: 1, max: 20, cooldownMs: 10_000 }, 1, () => 50, 41_000);
    expect(sizes.at(-1)).toBe(5);
  });

  test('does not grow for a single burst', () => {
    expect(run({ min: 2, max: 9 }, 4, (now) => (now % MINUTE === 0 ? 40 : 3), 10 * MINUTE)).not.toContain(5);
  });

  test('does not grow while callers wait but connections are idle, or are still being opened', () => {
    const sizer = new PoolSizer({ min: 1, max: 10 });
    for (let now = 0; now < MINUTE; now += SAMPLE_MS) {
      const idle = { currentMax: 4, acquireP95Ms: 90, waiting: 3, idle: 1, total: 4, now };
      expect(sizer.next(idle)).toBe(4);
      const opening = { currentMax: 4, acquireP95Ms: 90, waiting: 3, idle: 0, total: 3, now };
      expect(sizer.next(opening)).toBe(4);
    }
  });

  test('grows when callers wait so long that none was served since the last sample', () => {
    const sizer = new PoolSizer({ min: 1, max: 10, growAfterSamples: 1 });
    expect(sizer.next({ currentMax: 4, acquireP95Ms: null, waiting: 3, idle: 0, total: 4, now: 0 })).toBe(5);
  });

  test('gives connections back after a time of calm, one at a time, and keeps some to spare', () => {
    const sizes = run({ min: 2, max: 20 }, 20, () => 6, 60 * MINUTE);
    expect(sizes.slice(0, 59)).toEqual(Array(59).fill(20));
    expect(sizes.at(-1)).toBe(8);
    expect(Math.min(...sizes.map((size, index) => size - (sizes[index - 1] ?? size)))).toBe(-1);
  });

  test('goes down to the lower bound when nothing is asked for, and no further', () => {
    expect(run({ min: 3, max: 20 }, 20, () => 0, 60 * MINUTE).at(-1)).toBe(3);
  });

  test('brings a size outside of the bounds inside', () => {
    const calm = { acquireP95Ms: null, waiting: 0, idle: 0, total: 0, now: 0 };
    const sizer = new PoolSizer({ min: 3, max: 8 });
    expect(sizer.next({ ...calm, currentMax: 20 })).toBe(8);
    expect(sizer.next({ ...calm, currentMax: 1 })).toBe(3);
  });

  test('does not oscillate under any constant load: it moves in one direction and stays', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 30 }), (wanted, start) => {
        const sizes = run({ min: 1, max: 30 }, start, () => wanted, 90 * MINUTE);
        expect(turns(sizes)).toBe(0);
        const last = sizes.at(-1);
        expect(sizes.slice(-30 * 60).every((size) => size === last)).toBe(true);
        expect(last).toBeGreaterThanOrEqual(Math.min(wanted, 30));
      }),
      { numRuns: 60 },
    );
  });

  test('does not oscillate under a load that comes and goes: it settles at what the peaks need', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 1_200 }),
        fc.integer({ min: 4, max: 20 }),
        (halfSeconds, peak) => {
          const half = halfSeconds * SAMPLE_MS;
          const wave = (now: number): number => (Math.floor(now / half) % 2 === 0 ? peak : 1);
          const sizes = run({ min: 1, max: 30 }, peak, wave, 24 * 60 * MINUTE);
          // The time of calm that is needed doubles with each turn, from a minute up to past the longest half.
          expect(turns(sizes)).toBeLessThanOrEqual(12);
          expect(turns(sizes.slice(sizes.length / 2))).toBe(0);
          expect(sizes.at(-1)).toBeGreaterThanOrEqual(peak);
        },
      ),
      { numRuns: 15 },
    );
  });

  test.each([
    { min: 0, max: 5 },
    { min: 6, max: 5 },
    { min: 1.5, max: 5 },
    { min: 1, max: Number.NaN },
    { min: 1, max: 5, step: 0 },
  ])('refuses bounds that are none: %o', (options) => {
    expect(() => new PoolSizer(options)).toThrow(InvalidArgumentError);
  });
});
