import { beforeEach, describe, expect, test } from '@jest/globals';
import { TimeLease } from '../../../../src/cache/fleet/time-lease.js';
import { NearCache, type NearScope, NOTHING } from '../../../../src/cache/near/near-cache.js';
import type { Guard } from '../../../../src/cache/store/shared-store.js';

const guard = (name: string): Guard => ({ version: name, fences: `${name}:fence` });
const TTL_MS = 1_000;

describe('a near cache', () => {
  let lease: TimeLease;
  let near: NearCache;
  let rows: NearScope;

  beforeEach(() => {
    lease = TimeLease.forever();
    near = new NearCache({ maxEntries: 100, maxBytes: 1_000_000, ttlMs: TTL_MS }, lease);
    rows = near.scope([guard('all'), guard('rows')]);
  });

  const put = (key: string, value: unknown, scope = rows, bytes = 10, now = 0): void => {
    const flight = near.depart(key);
    near.put(key, flight, value, bytes, scope, scope.generation, now);
    near.land(key, flight);
  };
  const get = (key: string, now = 1): unknown => near.get(key, now);

  test('gives back the very value it was given, and null for what is known not to be', () => {
    const value = Object.freeze({ id: 1 });
    put('a', value);
    put('b', null);
    expect(get('a')).toBe(value);
    expect(get('b')).toBeNull();
    expect(get('c')).toBe(NOTHING);
  });

  test('drops the keys that an announcement names, and no others', () => {
    for (const key of ['a', 'b', 'c']) put(key, key);
    near.drop(['a', 'b', 'unknown'], []);
    expect(['a', 'b', 'c'].map((key) => get(key))).toEqual([NOTHING, NOTHING, 'c']);
  });

  test('drops all that hang on a guard that an announcement names, and nothing else', () => {
    const lists = near.scope([guard('all'), guard('lists of a'), guard('lists of b')]);
    put('row', 'row');
    put('list', 'list', lists);
    near.drop([], ['lists of b', 'unknown']);
    expect(get('row')).toBe('row');
    expect(get('list')).toBe(NOTHING);
    near.drop([], ['all']);
    expect(get('row')).toBe(NOTHING);
  });

  test('takes the same guards for the same scope, and others for another', () => {
    expect(near.scope([guard('all'), guard('rows')])).toBe(rows);
    expect(near.scope([guard('all')])).not.toBe(rows);
    expect(near.scope([guard('rows'), guard('all')])).not.toBe(rows);
  });

  test('answers after a drop what is put anew', () => {
    put('a', 'old');
    near.drop(['a'], ['rows']);
    put('a', 'new');
    expect(get('a')).toBe('new');
  });

  test('answers nothing without the time lease, and does again with it', () => {
    lease = new TimeLease();
    near = new NearCache({ maxEntries: 100, maxBytes: 1_000_000, ttlMs: TTL_MS }, lease);
    rows = near.scope([guard('all')]);
    lease.extend(100);
    put('a', 'v');
    expect(get('a', 99)).toBe('v');
    expect(get('a', 100)).toBe(NOTHING);
    lease.extend(200);
    expect(get('a', 150)).toBe('v');
  });

  test('forgets a value when its time is over', () => {
    put('a', 'v');
    expect(get('a', TTL_MS - 1)).toBe('v');
    expect(get('a', TTL_MS)).toBe(NOTHING);
    expect(near.size).toBe(0);
  });

  test('holds no more entries than it may, and keeps those that were used last', () => {
    for (let n = 0; n < 100; n += 1) put(`${n}`, n);
    get('0');
    put('one more', 'v');
    expect(near.size).toBe(100);
    expect(get('0')).toBe(0);
    expect(get('1')).toBe(NOTHING);
  });

  test('holds no more bytes than it may', () => {
    for (let n = 0; n < 100; n += 1) put(`${n}`, n, rows, 100_000);
    expect(near.approximateBytes).toBeLessThanOrEqual(1_000_000);
    expect(near.size).toBeGreaterThan(5);
    expect(get('99')).toBe(99);
    expect(get('0')).toBe(NOTHING);
  });

  test('does not take what alone is larger than it may hold, and forgets what was there before', () => {
    put('a', 'small');
    put('b', 'other');
    put('a', 'large', rows, 2_000_000);
    expect(get('a')).toBe(NOTHING);
    expect(get('b')).toBe('other');
  });

  test('counts values of no size as well', () => {
    const tiny = new NearCache({ maxEntries: 1_000_000, maxBytes: 30_000, ttlMs: TTL_MS }, lease);
    for (let n = 0; n < 1_000; n += 1) {
      const flight = tiny.depart(`${n}`);
      tiny.put(`${n}`, flight, null, 0, rows, rows.generation, 0);
      tiny.land(`${n}`, flight);
    }
    expect(tiny.size).toBeLessThanOrEqual(100);
  });

  test('holds nothing when it was cleared', () => {
    put('a', 'v');
    near.clear();
    expect(get('a')).toBe(NOTHING);
    expect(near.size).toBe(0);
    expect(near.approximateBytes).toBe(0);
  });
});

describe('a read on its way brings nothing into the near cache', () => {
  let lease: TimeLease;
  let near: NearCache;
  let rows: NearScope;

  beforeEach(() => {
    lease = TimeLease.forever();
    near = new NearCache({ maxEntries: 100, maxBytes: 1_000_000, ttlMs: TTL_MS }, lease);
    rows = near.scope([guard('all'), guard('rows')]);
  });

  /** Sets out, lets something happen, and comes back. */
  const around = (happens: () => void): unknown => {
    const flight = near.depart('a');
    const { generation } = rows;
    happens();
    near.put('a', flight, 'old', 10, rows, generation, 0);
    near.land('a', flight);
    return near.get('a', 1);
  };

  test('only where something happened on the way', () => {
    expect(around(() => undefined)).toBe('old');
    near.clear();
    expect(around(() => near.drop(['another'], ['other rows']))).toBe('old');
  });

  test('that an announcement of its key has overtaken', () => {
    expect(around(() => near.drop(['a'], []))).toBe(NOTHING);
  });

  test.each(['rows', 'all'])('that an announcement of its guard "%s" has overtaken', (version) => {
    expect(around(() => near.drop([], [version]))).toBe(NOTHING);
  });

  test('that the loss of the channel has overtaken, though it is whole again', () => {
    expect(around(() => lease.lose())).toBe(NOTHING);
    lease.extend(Number.POSITIVE_INFINITY);
    const lostAndFound = (): void => {
      lease.lose();
      lease.extend(Number.POSITIVE_INFINITY);
    };
    expect(around(lostAndFound)).toBe(NOTHING);
  });

  test('that set out while the channel was broken', () => {
    lease.lose();
    expect(around(() => lease.extend(Number.POSITIVE_INFINITY))).toBe(NOTHING);
  });

  test('that was under way when everything was dropped, since it was not known what changed', () => {
    expect(around(() => near.clear())).toBe(NOTHING);
  });

  test('that a second one of the same key has replaced', () => {
    const first = near.depart('a');
    const second = near.depart('a');
    near.put('a', first, 'of the first', 10, rows, rows.generation, 0);
    expect(near.get('a', 1)).toBe(NOTHING);
    near.land('a', first);
    near.drop(['a'], []);
    near.put('a', second, 'of the second', 10, rows, rows.generation, 0);
    expect(near.get('a', 1)).toBe(NOTHING);
  });

  test('that came back, when another has set out since', () => {
    const first = near.depart('a');
    near.land('a', first);
    const second = near.depart('a');
    expect(near.isUnchanged(first)).toBe(true);
    near.drop(['a'], []);
    near.put('a', second, 'old', 10, rows, rows.generation, 0);
    expect(near.get('a', 1)).toBe(NOTHING);
  });

  test('and may not be joined, whatever has overtaken it', () => {
    const joinable = (happens: () => void): boolean => {
      const flight = near.depart('a');
      happens();
      return near.isUnchanged(flight);
    };
    expect(joinable(() => undefined)).toBe(true);
    expect(joinable(() => near.drop(['b'], []))).toBe(true);
    expect(joinable(() => near.drop(['a'], []))).toBe(false);
    expect(joinable(() => near.depart('a'))).toBe(false);
    expect(joinable(() => near.clear())).toBe(false);
    expect(joinable(() => lease.lose())).toBe(false);
  });
});
