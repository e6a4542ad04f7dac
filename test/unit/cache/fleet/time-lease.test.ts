import { describe, expect, test } from '@jest/globals';
import { TimeLease } from '../../../../src/cache/fleet/time-lease.js';

describe('a time lease', () => {
  test('is not held before a heartbeat came back', () => {
    const lease = new TimeLease();
    expect(lease.isHeld(0)).toBe(false);
    expect(lease.isHeld(Number.NEGATIVE_INFINITY)).toBe(false);
    expect(lease.era).toBeNull();
  });

  test('is held until its time, and not at it', () => {
    const lease = new TimeLease();
    lease.extend(100);
    expect(lease.isHeld(99.9)).toBe(true);
    expect(lease.isHeld(100)).toBe(false);
  });

  test('is not shortened by a heartbeat that was sent earlier and came later', () => {
    const lease = new TimeLease();
    lease.extend(200);
    lease.extend(100);
    expect(lease.isHeld(150)).toBe(true);
  });

  test('is lost at once, and held again only by a new heartbeat', () => {
    const lease = new TimeLease();
    lease.extend(1_000);
    lease.lose();
    expect(lease.isHeld(1)).toBe(false);
    lease.extend(500);
    expect(lease.isHeld(499)).toBe(true);
    expect(lease.isHeld(999)).toBe(false);
  });

  test('that has run out leaves the channel whole: what was asked for before may still be kept after', () => {
    const lease = new TimeLease();
    lease.extend(100);
    const { era } = lease;
    expect(era).not.toBeNull();
    lease.extend(300);
    expect(lease.era).toBe(era);
  });

  test('has another era after each loss, and none between', () => {
    const lease = new TimeLease();
    const eras = new Set<number | null>();
    for (let round = 0; round < 5; round += 1) {
      lease.extend(round * 100);
      eras.add(lease.era);
      lease.lose();
      lease.lose();
      expect(lease.era).toBeNull();
    }
    expect(eras.size).toBe(5);
  });

  test('is not held by a heartbeat that confirms the channel alone, but has an era by it', () => {
    const lease = new TimeLease();
    lease.confirm();
    expect(lease.isHeld(0)).toBe(false);
    expect(lease.era).not.toBeNull();
  });

  test('never ends where no other process sees the store', () => {
    const lease = TimeLease.forever();
    expect(lease.isHeld(Number.MAX_VALUE)).toBe(true);
    expect(lease.era).not.toBeNull();
  });
});
