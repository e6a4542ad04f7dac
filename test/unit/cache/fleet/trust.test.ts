import { beforeEach, describe, expect, test } from '@jest/globals';
import { fleetTiming } from '../../../../src/cache/fleet/timing.js';
import { Trust } from '../../../../src/cache/fleet/trust.js';
import { ManualClock, settled } from '../../../support/manual-clock.js';

const timing = fleetTiming({ commandTimeoutMs: 250, connectTimeoutMs: 500 });
const { maxGapMs, pulseMs, settleMs } = timing;

describe('trust in what the shared cache holds', () => {
  let clock: ManualClock;
  let trust: Trust;
  let losses: number;
  /** The drains that were begun; each ends when the test says so. */
  let drains: ((drained: boolean) => void)[];

  beforeEach(() => {
    clock = new ManualClock(1_000);
    losses = 0;
    drains = [];
    trust = new Trust(timing, clock, () => new Promise((resolve) => drains.push(resolve)));
    trust.onLost(() => {
      losses += 1;
    });
  });

  const pulse = async (upForMs = settleMs): Promise<void> => {
    trust.pulsed(clock.now(), upForMs);
    await settled();
  };
  const drained = async (result = true): Promise<void> => {
    drains.at(-1)?.(result);
    await settled();
  };
  const gained = async (): Promise<void> => {
    await pulse();
    await drained();
    expect(trust.isTrusted).toBe(true);
  };

  test('is there when the outage has settled and the outbox was found empty', async () => {
    expect(trust.isTrusted).toBe(false);
    await pulse();
    expect(trust.isTrusted).toBe(false);
    await drained();
    expect(trust.isTrusted).toBe(true);
    expect(losses).toBe(0);
  });

  test('is not there before the outage has settled, nor is the outbox looked at', async () => {
    await pulse(0);
    await clock.advance(pulseMs);
    await pulse(settleMs - 1);
    expect(drains).toHaveLength(0);
    await clock.advance(pulseMs);
    await pulse(settleMs);
    expect(drains).toHaveLength(1);
  });

  test('drains once, however many pulses come meanwhile', async () => {
    for (let n = 0; n < 5; n += 1) {
      await pulse();
      await clock.advance(pulseMs);
    }
    expect(drains).toHaveLength(1);
    await drained();
    await pulse();
    expect(drains).toHaveLength(1);
    expect(trust.isTrusted).toBe(true);
  });

  test('is not gained by a drain that did not succeed, and the next pulse drains again', async () => {
    await pulse();
    await drained(false);
    expect(trust.isTrusted).toBe(false);
    await clock.advance(pulseMs);
    await pulse();
    expect(drains).toHaveLength(2);
    await drained();
    expect(trust.isTrusted).toBe(true);
  });

  test('lasts while pulses are answered', async () => {
    await gained();
    for (let n = 0; n < 10; n += 1) {
      await clock.advance(pulseMs);
      await pulse();
    }
    expect(trust.isTrusted).toBe(true);
    await clock.advance(maxGapMs);
    expect(trust.isTrusted).toBe(true);
    expect(losses).toBe(0);
  });

  test('is lost at its use when no pulse was answered for longer, and this is told once', async () => {
    await gained();
    await clock.advance(maxGapMs + 1);
    expect(losses).toBe(0);
    expect(trust.isTrusted).toBe(false);
    expect(trust.isTrusted).toBe(false);
    expect(losses).toBe(1);
  });

  test('is lost by the pulse that ends a gap, though nobody asked meanwhile, and needs a drain again', async () => {
    await gained();
    await clock.advance(maxGapMs + 1);
    await pulse();
    expect(trust.isTrusted).toBe(false);
    expect(losses).toBe(1);
    expect(drains).toHaveLength(2);
    await drained();
    expect(trust.isTrusted).toBe(true);
  });

  test('counts a gap from when pulses were sent, not from when they were answered', async () => {
    await gained();
    const sentAt = clock.now() + 1;
    await clock.advance(maxGapMs);
    trust.pulsed(sentAt, settleMs);
    await clock.advance(2);
    expect(trust.isTrusted).toBe(false);
  });

  test('is lost when an outage was noticed', async () => {
    await gained();
    trust.lose();
    expect(trust.isTrusted).toBe(false);
    expect(losses).toBe(1);
  });

  test.each([
    ['by the breaker', () => trust.lose()],
    ['by a pulse', () => trust.pulsed(clock.now() + maxGapMs + 1, settleMs)],
  ])('is not gained by a drain that a new gap has overtaken, noticed %s', async (_, notice) => {
    await pulse();
    notice();
    await drained();
    expect(trust.isTrusted).toBe(false);
    await clock.advance(maxGapMs + 1 + pulseMs);
    await pulse();
    expect(drains).toHaveLength(2);
    await drained();
    expect(trust.isTrusted).toBe(true);
  });

  test('is not kept by a process that was stopped during its drain', async () => {
    await pulse();
    await clock.advance(10 * maxGapMs);
    await drained();
    expect(trust.isTrusted).toBe(false);
    await pulse();
    await drained();
    expect(trust.isTrusted).toBe(true);
  });

  test('is waited for until it comes', async () => {
    const waits = [trust.gained(5_000), trust.gained(5_000)];
    await gained();
    expect(await Promise.all(waits)).toEqual([true, true]);
    expect(await trust.gained(5_000)).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  test('is waited for no longer than asked', async () => {
    const wait = trust.gained(300);
    await clock.advance(300);
    expect(await wait).toBe(false);
  });
});
