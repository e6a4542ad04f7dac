import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Decimal } from '@prisma/client/runtime/client';
import type { CacheManager } from '../../../src/cache/index.js';
import { NO_SESSIONS, Sessions } from '../../../src/cache/sessions.js';
import { InvalidArgumentError } from '../../../src/errors.js';
import { ManualClock } from '../../support/manual-clock.js';
import { memoryCache, memoryCacheParts, schemaOf } from '../../support/memory-cache.js';

const HOUR = 3_600_000;

let manager: CacheManager;
let clock: ManualClock;
let sessions: Sessions;

beforeEach(() => {
  ({ manager, clock } = memoryCache(schemaOf()));
  sessions = manager.sessions;
});

describe('a session', () => {
  test('holds what was stored, types included', async () => {
    const data = {
      at: new Date(1),
      big: 7n,
      price: new Decimal('1.50'),
      bytes: new Uint8Array([1]),
      list: [{ a: null }],
    };
    expect(await sessions.setSession('id', data)).toBe(true);
    expect(await sessions.getSession('id')).toEqual(data);
    expect(await sessions.getSession('other')).toBeNull();
  });

  test('is given as a copy that may be changed, and changes nothing that is stored', async () => {
    await sessions.setSession('id', { user: { visits: 1 }, at: new Date(1), list: [1] });
    const copy = await sessions.getSession<{ user: { visits: number }; at: Date; list: number[] }>('id');
    if (copy === null) throw new Error('There is no session.');
    copy.user.visits = 2;
    copy.at.setTime(2);
    copy.list.push(2);
    expect(await sessions.getSession('id')).toEqual({ user: { visits: 1 }, at: new Date(1), list: [1] });
  });

  test('takes the place of the one with its id, and of its user', async () => {
    await sessions.setSession('id', 'first', { userId: 1 });
    await sessions.setSession('id', 'second', { userId: 2 });
    expect(await sessions.deleteSessionsOf(1)).toBe(true);
    expect(await sessions.getSession('id')).toBe('second');
  });

  test('lives a day, and begins anew with each read', async () => {
    await sessions.setSession('id', 'data');
    await clock.advance(23 * HOUR);
    expect(await sessions.getSession('id')).toBe('data');
    await clock.advance(23 * HOUR);
    expect(await sessions.getSession('id', { extend: false })).toBe('data');
    await clock.advance(HOUR + 1);
    expect(await sessions.getSession('id')).toBeNull();
  });

  test('with a time of its own begins anew with that', async () => {
    await sessions.setSession('id', 'data', { ttlSeconds: 60 });
    for (const _ of [1, 2, 3]) {
      await clock.advance(50_000);
      expect(await sessions.getSession('id')).toBe('data');
    }
    await clock.advance(60_001);
    expect(await sessions.getSession('id')).toBeNull();
  });

  test('is not extended by each of many reads, which costs it a hundredth of its time at most', async () => {
    await sessions.setSession('id', 'data', { ttlSeconds: 100 });
    const roundTrips = () => manager.getStatistics().roundTrips;
    await sessions.getSession('id');
    await clock.advance(999);
    const before = roundTrips();
    await sessions.getSession('id');
    expect(roundTrips() - before).toBe(1);
    await clock.advance(1);
    await sessions.getSession('id');
    await clock.advance(99_999);
    expect(await sessions.getSession('id')).toBe('data');
  });

  test('goes back to its own time with the next read after it was given another', async () => {
    await sessions.setSession('id', 'data', { ttlSeconds: 100 });
    await sessions.getSession('id');
    await sessions.extendSession('id', 5);
    await sessions.getSession('id');
    await clock.advance(50_000);
    expect(await sessions.getSession('id')).toBe('data');
  });

  test('is extended by its own time, or by another for once', async () => {
    await sessions.setSession('id', 'data', { ttlSeconds: 60 });
    await clock.advance(50_000);
    expect(await sessions.extendSession('id')).toBe(true);
    await clock.advance(50_000);
    expect(await sessions.extendSession('id', 600)).toBe(true);
    await clock.advance(590_000);
    expect(await sessions.getSession('id')).toBe('data');
    await clock.advance(60_001);
    expect(await sessions.extendSession('id')).toBe(false);
    expect(await sessions.extendSession('id', 60)).toBe(false);
  });

  test('that was deleted is not brought back by who extends it', async () => {
    await sessions.setSession('id', 'data');
    expect(await sessions.deleteSession('id')).toBe(true);
    expect(await sessions.extendSession('id', 60)).toBe(false);
    expect(await sessions.getSession('id')).toBeNull();
    expect(await sessions.deleteSession('id')).toBe(true);
  });

  test('ends with all others of its user, and with those of no one else', async () => {
    for (const id of ['a', 'b']) await sessions.setSession(id, id, { userId: 42 });
    await sessions.setSession('c', 'c', { userId: '4' });
    await sessions.setSession('d', 'd');
    expect(await sessions.deleteSessionsOf('42')).toBe(true);
    const left = await Promise.all(['a', 'b', 'c', 'd'].map((id) => sessions.getSession(id)));
    expect(left).toEqual([null, null, 'c', 'd']);
  });

  test('outlives a clearing of the cache', async () => {
    await sessions.setSession('id', 'data', { userId: 1 });
    await manager.set('value', 1);
    await manager.clear();
    expect(await manager.get('value')).toBeNull();
    expect(await sessions.getSession('id')).toBe('data');
  });

  test('is no value of the application, and none is a session', async () => {
    const hash = createHash('sha256').update('id', 'utf16le').digest('base64url');
    await sessions.setSession('id', 'data');
    for (const name of ['id', hash, `$${hash}`]) expect(await manager.get(name)).toBeNull();
    expect((await manager.invalidatePattern('*')).matched).toBe(0);
    await manager.invalidateTags(['1', 'id']);
    expect(await sessions.getSession('id')).toBe('data');
  });
});

test('nothing in the store holds the id of a session, and no memory of a process holds its data', async () => {
  const parts = memoryCacheParts(schemaOf());
  const own = new Sessions(parts.sessions, { ttlSeconds: 60, clock: new ManualClock() });
  await own.setSession('secret-id', 'data', { userId: 1 });
  await own.getSession('secret-id');
  const keys: string[] = [];
  for await (const some of parts.store.values.scan('')) keys.push(...some);
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.join()).not.toContain('secret-id');
  expect(parts.near?.size).toBe(0);
});

describe('what is no session', () => {
  test.each(['', null, undefined, 7, {}])('is one with the id %p', async (id) => {
    await expect(sessions.setSession(id as string, 'data')).rejects.toThrow(InvalidArgumentError);
    await expect(sessions.getSession(id as string)).rejects.toThrow(InvalidArgumentError);
    await expect(sessions.extendSession(id as string)).rejects.toThrow(InvalidArgumentError);
    await expect(sessions.deleteSession(id as string)).rejects.toThrow(InvalidArgumentError);
  });

  test.each([null, undefined, () => 1, { a: Symbol('s') }])('is one with the data %p', async (data) => {
    await expect(sessions.setSession('id', data)).rejects.toThrow(InvalidArgumentError);
  });

  test.each([0, -1, NaN, Infinity])('is one of %p seconds', async (ttlSeconds) => {
    await expect(sessions.setSession('id', 'data', { ttlSeconds })).rejects.toThrow(InvalidArgumentError);
    await sessions.setSession('id', 'data');
    await expect(sessions.extendSession('id', ttlSeconds)).rejects.toThrow(InvalidArgumentError);
  });

  test.each(['', NaN, null, {}])('is one of the user %p', async (userId) => {
    const user = userId as string;
    await expect(sessions.setSession('id', 'data', { userId: user })).rejects.toThrow(InvalidArgumentError);
    await expect(sessions.deleteSessionsOf(user)).rejects.toThrow(InvalidArgumentError);
  });
});

test('ids that differ in halves of surrogate pairs alone are two', async () => {
  await sessions.setSession('\ud83e', 'first');
  expect(await sessions.getSession('\ud83f')).toBeNull();
});

test('without a cache there are no sessions, and none is said to be stored', async () => {
  const none = new Sessions(NO_SESSIONS, { ttlSeconds: 60, clock: new ManualClock() });
  expect(await none.setSession('id', 'data', { userId: 1 })).toBe(false);
  expect(await none.getSession('id')).toBeNull();
  expect(await none.extendSession('id')).toBe(false);
  expect(await none.deleteSession('id')).toBe(true);
  expect(await none.deleteSessionsOf(1)).toBe(true);
});
