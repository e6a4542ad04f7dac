import { describe, expect, test } from '@jest/globals';
import { planFaults } from '../../../scripts/coherence/faults/schedule.js';
import { FAULT_KINDS } from '../../../scripts/coherence/history.js';
import { anyRegister } from '../../../scripts/coherence/worker/any-register.js';
import { Dice } from '../../../scripts/coherence/worker/dice.js';
import { VIEWS, World } from '../../../scripts/coherence/world.js';
import { Xoshiro128 } from '../../../scripts/support/random.js';

const FIFTH_OF_A_SECOND_NS = 200e6;

describe('the dice of a process', () => {
  test('fall on the same item in all processes for half of the choices, and on another a fifth of a second later', () => {
    let now = 0;
    const items = Array.from({ length: 100 }, (_, n) => n);
    const favourite = (seed: number): number => {
      const dice = new Dice(Xoshiro128.fromSeed(seed), () => now, 7);
      const counts = new Map<number, number>();
      for (let n = 0; n < 1_000; n += 1) {
        const item = dice.oneOf(items);
        counts.set(item, (counts.get(item) ?? 0) + 1);
      }
      const [item, count] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [-1, 0];
      expect(count).toBeGreaterThan(400);
      return item;
    };
    const first = favourite(1);
    expect(favourite(2)).toBe(first);
    now += FIFTH_OF_A_SECOND_NS;
    expect(favourite(1)).not.toBe(first);
  });

  test('reach every register that is read by itself', () => {
    const world = new World(10);
    let now = 0;
    const dice = new Dice(Xoshiro128.fromSeed(3), () => now, 3);
    const seen = new Set<number>();
    for (let n = 0; n < 20_000; n += 1) {
      now += FIFTH_OF_A_SECOND_NS / 10;
      seen.add(anyRegister(world, dice));
    }
    const missed = world.registers.filter((_, register) => !seen.has(register)).map(({ view }) => view);
    expect(new Set(missed)).toEqual(new Set(['ownerOfProjects']));
  });
});

describe('a world', () => {
  test('numbers its registers without gaps, and knows each by its number', () => {
    const world = new World(7);
    for (const view of VIEWS) {
      const indices = world.registers.flatMap((register) => (register.view === view ? [register.index] : []));
      expect(indices).toEqual(indices.map((_, index) => index));
      for (const index of indices) {
        expect(world.registers[world.register(view, index)]).toEqual({ view, index });
      }
    }
  });
});

describe('the plan of the faults', () => {
  test('has each kind equally often, in the run and in order, and is the same for the same seed', () => {
    const plan = planFaults(FAULT_KINDS, 60, Xoshiro128.fromSeed(5));
    for (const kind of FAULT_KINDS) expect(plan.filter((fault) => fault.kind === kind)).toHaveLength(3);
    const times = plan.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(3_000);
    expect(Math.max(...times)).toBeLessThanOrEqual(54_000);
    expect(planFaults(FAULT_KINDS, 60, Xoshiro128.fromSeed(5))).toEqual(plan);
  });

  test('has each kind once in a run that is shorter', () => {
    expect(planFaults(['kill', 'evict'], 2, Xoshiro128.fromSeed(1))).toHaveLength(2);
  });
});
