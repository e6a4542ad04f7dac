import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type SharedLife, sharedLife } from '../../../../src/repositories/factory/shared-lives.js';
import type { Wiring } from '../../../../src/repositories/factory/wiring.js';

/** Parts that connect to nothing, and tell whether they were closed and what was asked of them. */
class Parts {
  closed = false;
  queryCount = 0;
  inUse = 0;
  readonly pool = {
    connect: async () => undefined,
    getPoolStatistics: () => ({
      totalConnections: this.inUse,
      idleConnections: 0,
      waitingRequests: 0,
      queryCount: this.queryCount,
      transactions: { started: 0 },
    }),
  };
  readonly cache = {
    connect: async () => undefined,
    getStatistics: () => ({ nearHits: 0, hits: 0, misses: 0, loads: 0, bypasses: 0 }),
  };

  async close(): Promise<void> {
    this.closed = true;
  }
}

const QUIET_MS = 10_000;
let name: string;

beforeEach(() => {
  // The registry is of the process.
  name = randomUUID();
  jest.useFakeTimers({ doNotFake: ['performance'] });
});
afterEach(() => {
  jest.useRealTimers();
});

function live(
  fingerprint: string,
  options: { models?: string[]; environment?: 'development' | 'production'; previous?: SharedLife } = {},
): { shared: SharedLife; parts: Parts } {
  const { models = ['User', 'Team'], environment = 'development', previous = null } = options;
  const made = new Parts();
  const shared = sharedLife(
    { name, fingerprint, models, environment },
    () => made as unknown as Wiring,
    previous,
  );
  return { shared, parts: shared.life.parts as unknown as Parts };
}

describe('lives of one name', () => {
  test('are one for the same fingerprint, and another for another name', () => {
    const first = live('a');
    expect(live('a').shared).toBe(first.shared);
    name = randomUUID();
    expect(live('a').shared).not.toBe(first.shared);
  });

  test('that have ended are followed by others', async () => {
    const first = live('a');
    await first.shared.life.end();
    expect(first.parts.closed).toBe(true);
    const second = live('a');
    expect(second.shared).not.toBe(first.shared);
    expect(second.parts.closed).toBe(false);
  });

  test('give way to a newer form of the schema when nothing is asked of them any more', async () => {
    const first = live('a');
    const second = live('b', { models: ['User', 'Team', 'Added'] });
    first.parts.queryCount = 1;
    await jest.advanceTimersByTimeAsync(2_000);
    expect(first.parts.closed).toBe(false);
    await jest.advanceTimersByTimeAsync(QUIET_MS);
    expect(first.parts.closed).toBe(true);
    expect(first.shared.isRetired).toBe(true);
    expect(second.parts.closed).toBe(false);
  });

  test('stay while they are asked, or at work', async () => {
    const first = live('a');
    live('b');
    for (let time = 0; time < 5; time += 1) {
      first.parts.queryCount += 1;
      await jest.advanceTimersByTimeAsync(2_000);
    }
    for (let time = 0; time < 5; time += 1) {
      first.shared.uses += 1;
      await jest.advanceTimersByTimeAsync(2_000);
    }
    first.parts.inUse = 1;
    await jest.advanceTimersByTimeAsync(QUIET_MS);
    expect(first.parts.closed).toBe(false);
    first.parts.inUse = 0;
    await jest.advanceTimersByTimeAsync(QUIET_MS);
    expect(first.parts.closed).toBe(true);
  });

  test('stay when the schema becomes again what it was', async () => {
    const first = live('a');
    const second = live('b');
    expect(live('a').shared).toBe(first.shared);
    await jest.advanceTimersByTimeAsync(QUIET_MS);
    expect(first.parts.closed).toBe(false);
    expect(second.parts.closed).toBe(true);
  });

  test('that are needed beside the newer one stay with it from then on', async () => {
    const first = live('a');
    const second = live('b');
    await jest.advanceTimersByTimeAsync(QUIET_MS);
    const again = live('a', { previous: first.shared });
    expect(again.shared).not.toBe(first.shared);
    await jest.advanceTimersByTimeAsync(QUIET_MS);
    expect([again.parts.closed, second.parts.closed]).toEqual([false, false]);
  });

  test.each([
    ['of another schema', { models: ['Invoice', 'Payment', 'User'] }],
    ['in production', { environment: 'production' as const }],
  ])('stay beside one %s', async (_case, options) => {
    const first = live('a');
    live('b', options);
    await jest.advanceTimersByTimeAsync(QUIET_MS);
    expect(first.parts.closed).toBe(false);
  });
});
