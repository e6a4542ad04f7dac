import { describe, expect, test } from '@jest/globals';
import type { Clock } from '../../../src/cache/clock.js';
import { KeySpace } from '../../../src/cache/keys.js';
import { MemoryStore } from '../../../src/cache/memory-store.js';
import { describeStoreContract } from '../../support/store-contract.js';

function manualClock(): Clock & { advance(ms: number): void } {
  let now = 0;
  return {
    now: () => now,
    sleep: () => Promise.reject(new Error('a store does not sleep')),
    advance: (ms) => {
      now += ms;
    },
  };
}

describeStoreContract('the memory store', async () => {
  const clock = manualClock();
  const store = new MemoryStore({ clock });
  return {
    first: store,
    second: store,
    prefix: 'test',
    advance: async (ms) => clock.advance(ms),
    close: () => store.close(),
  };
});

describe('the memory store', () => {
  test('stays within its bytes, and forgets what was used longest ago', async () => {
    const store = new MemoryStore({ maxBytes: 50_000 });
    const keys = new KeySpace('test', 'shape');
    const scope = keys.scope('User');
    const value = new Uint8Array(1_000);
    for (let id = 0; id < 200; id += 1) {
      const key = keys.entry('User', String(id));
      const { guard } = await store.read(scope, [key], 'a', 60_000);
      await store.fill(scope, [{ key, token: 'a', guard, value, ttlMs: 60_000 }]);
    }
    const all = Array.from({ length: 200 }, (_, id) => keys.entry('User', String(id)));
    const { outcomes } = await store.read(scope, all.slice(150).reverse(), 'b', 60_000);
    const hits = outcomes.filter((outcome) => outcome.kind === 'hit').length;
    expect(hits).toBeGreaterThan(10);
    expect(hits).toBeLessThan(50);
    expect(outcomes[0]?.kind).toBe('hit');
  });
});
