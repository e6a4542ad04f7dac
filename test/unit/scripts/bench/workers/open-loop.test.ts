import { describe, expect, test } from '@jest/globals';
import { OpenLoop } from '../../../../../scripts/bench/workers/open-loop.js';

describe('an open loop of 100 requests a second, for a tenth of a second from moment 1,000', () => {
  const make = () => new OpenLoop(100, 100, 1_000);

  test('gives out each request once, with the moment at which it was due, and none before it is', () => {
    const loop = make();
    expect(loop.take(1_009)).toBeNull();
    expect(loop.take(1_025)).toBe(1_010);
    expect(loop.take(1_025)).toBe(1_020);
    expect(loop.take(1_025)).toBeNull();
  });

  test('has no more requests due after its end', () => {
    expect(make().dueBy(5_000)).toBe(10);
  });

  test('counts the latency of a request from the moment it was due, not from when a client took it', () => {
    const loop = make();
    const due = loop.take(1_060) ?? Number.NaN;
    loop.answered(due, 1_070, true);
    expect(loop.report().p50Ms).toBeCloseTo(60, 0);
    expect(loop.report().noticedLateMs).toBe(50);
  });

  test('counts answers after its end, but not as achieved', () => {
    const loop = make();
    for (let due = loop.take(1_100); due !== null; due = loop.take(1_100)) {
      loop.answered(due, due < 1_060 ? due + 1 : 1_200, true);
    }
    expect(loop.isDone(1_200)).toBe(true);
    expect(loop.report()).toMatchObject({ achievedPerSecond: 50, due: 10, failures: 0 });
  });

  test('counts as failures what was answered wrongly, and what was not answered when it was given up', () => {
    const loop = make();
    const [first, second] = [loop.take(1_100), loop.take(1_100)] as [number, number];
    loop.answered(first, 1_100, false);
    loop.giveUp();
    loop.answered(second, 20_000, true);
    expect(loop.take(20_000)).toBeNull();
    expect(loop.isDone(20_000)).toBe(false);
    expect(loop.report().failures).toBe(10);
  });
});
