import { describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import { MemoryStore } from '../../../src/cache/store/memory-store.js';
import type { Scope } from '../../../src/cache/store/shared-store.js';
import { ManualClock } from '../../support/manual-clock.js';
import { describeStoreContract } from '../../support/store-contract.js';

describeStoreContract('the memory store', async () => {
  const clock = new ManualClock();
  const store = new MemoryStore({ clock });
  return {
    first: store,
    second: store,
    keys: new KeySpace('test'),
    advance: (ms) => clock.advance(ms),
    close: () => store.close(),
  };
});

describe('the memory store', () => {
  const keys = new KeySpace('test');
  const users = { table: 'users', schema: null };
  const scope: Scope = {
    guards: [keys.namespace, keys.rows(users)],
    absence: keys.absence(users),
    shape: 'shape--1',
    keyed: true,
  };

  test('stays within its bytes, and forgets what was used longest ago', async () => {
    const store = new MemoryStore({ maxBytes: 50_000 });
    const value = new Uint8Array(1_000);
    for (let id = 0; id < 200; id += 1) {
      const key = keys.entity(users, String(id));
      const { versions } = await store.read(scope, [key], 'a', 60_000);
      await store.fill(scope, [{ key, token: 'a', versions, value, ttlMs: 60_000 }]);
    }
    const all = Array.from({ length: 200 }, (_, id) => keys.entity(users, String(id)));
    const { outcomes } = await store.read(scope, all.slice(150).reverse(), 'b', 60_000);
    const hits = outcomes.filter((outcome) => outcome.kind === 'hit').length;
    expect(hits).toBeGreaterThan(10);
    expect(hits).toBeLessThan(50);
    expect(outcomes[0]?.kind).toBe('hit');
  });

  test('has nobody else to tell of a write, and no fleet to be part of', async () => {
    const store = new MemoryStore();
    const targets = { keys: [keys.entity(users, '1')], guards: [] };
    expect((await store.fence(targets, 'w', 60_000)).awaited).toEqual([]);
    expect((await store.lift(targets, 'other'))?.awaited).toEqual([]);
    expect(await store.pulse()).toBeNull();
    await expect(store.leave()).resolves.toBeUndefined();
  });

  test('forgets everything when it is closed', async () => {
    const store = new MemoryStore();
    const key = keys.entity(users, '1');
    const { versions } = await store.read(scope, [key], 'a', 60_000);
    await store.fill(scope, [{ key, token: 'a', versions, value: new Uint8Array(1), ttlMs: 60_000 }]);
    await store.close();
    expect((await store.read(scope, [key], 'b', 60_000)).outcomes[0]?.kind).toBe('lease');
  });
});
