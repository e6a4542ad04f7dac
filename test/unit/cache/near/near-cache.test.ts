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
  const get = (key: string, now = 1, scope = rows): unknown => near.get(key, scope, scope, now);

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
    expect(get('list', 1, lists)).toBe(NOTHING);
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

  test('holds no more entries than it may, and keeps those that are used often', () => {
    for (let n = 0; n < 100; n += 1) put(`${n}`, n);
    // One use in eight is noted.
    for (let use = 0; use < 8; use += 1) get('0');
    put('one more', 'v');
    expect(near.size).toBe(100);
    expect(get('0')).toBe(0);
    expect(get('1')).toBe(NOTHING);
  });

  const admits = (key: string, flight = near.depart(key)): boolean => near.admits(key, flight);

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

  test('counts what had no room and what had no time left, and not what was dropped or put anew', () => {
    for (let n = 0; n < 103; n += 1) put(`${n}`, 'v');
    put('102', 'new');
    near.drop(['102'], []);
    expect(get('101', TTL_MS)).toBe(NOTHING);
    rows.generation += 1;
    expect(get('100')).toBe(NOTHING);
    expect(near.use).toEqual({ entries: 97, bytes: 97 * 310, evictions: 3, expired: 1 });
  });

  test('takes nobody in when it is full who was not asked for before, and counts him as one who had no room', () => {
    for (let n = 0; n < 100; n += 1) {
      expect(admits(`${n}`)).toBe(true);
      put(`${n}`, n);
    }
    expect(admits('new')).toBe(false);
    expect(near.use.evictions).toBe(1);
    expect(admits('new')).toBe(true);
    // What is there may be put anew, and what was dropped leaves room.
    near.drop(['5'], []);
    expect(admits('another')).toBe(true);
  });

  test('counts nobody as one who had no room whom an announcement overtook', () => {
    for (let n = 0; n < 100; n += 1) put(`${n}`, n);
    const flight = near.depart('new');
    near.drop(['new'], []);
    expect(admits('new', flight)).toBe(false);
    expect(near.use.evictions).toBe(0);
  });

  test('is full as well when its bytes are nearly used up', () => {
    for (let n = 0; n < 10; n += 1) put(`${n}`, n, rows, 96_000);
    expect(near.size).toBe(10);
    expect(admits('new')).toBe(false);
    expect(admits('new')).toBe(true);
  });

  test('keeps what is read again and again through a walk over many rows', () => {
    const read = (key: string): void => {
      if (get(key) === NOTHING && admits(key)) put(key, key);
    };
    const hot = Array.from({ length: 50 }, (_, n) => `hot${n}`);
    for (let round = 0; round < 20; round += 1) for (const key of hot) read(key);
    for (let n = 0; n < 5_000; n += 1) read(`row${n}`);
    expect(hot.filter((key) => get(key) !== NOTHING).length).toBe(50);
  });

  test('holds nothing when it was cleared', () => {
    put('a', 'v');
    near.clear();
    expect(get('a')).toBe(NOTHING);
    expect(near.size).toBe(0);
    expect(near.approximateBytes).toBe(0);
  });
});

describe('a scope of a near cache', () => {
  let near: NearCache;

  beforeEach(() => {
    near = new NearCache({ maxEntries: 100, maxBytes: 1_000_000, ttlMs: TTL_MS }, TimeLease.forever());
  });

  const guards = (tag: string): Guard[] => [guard('all'), guard('lists'), guard(tag)];
  const put = (key: string, scope: NearScope): void => {
    const flight = near.depart(key);
    near.put(key, flight, 'v', 10, scope, scope.generation, 0);
    near.land(key, flight);
  };
  const get = (key: string, scope: NearScope): unknown => near.get(key, scope, scope, 1);

  test('lives as long as somebody holds it, and its guards are listened for as long', () => {
    const [one, two] = [near.scope(guards('a')), near.scope(guards('a'))];
    expect(two).toBe(one);
    put('k', one);
    near.release(one);
    expect(get('k', two)).toBe('v');
    expect(near.held).toEqual({ scopes: 1, guards: 3 });
    near.drop([], ['a']);
    expect(get('k', two)).toBe(NOTHING);
    near.release(two);
    expect(near.held).toEqual({ scopes: 0, guards: 0 });
  });

  test('leaves alone what others listen for when it ends', () => {
    const [one, two] = [near.scope(guards('a')), near.scope(guards('b'))];
    put('k', two);
    near.release(one);
    expect(near.held).toEqual({ scopes: 1, guards: 3 });
    expect(get('k', two)).toBe('v');
    near.drop([], ['lists']);
    expect(get('k', two)).toBe(NOTHING);
  });

  test('that has ended answers nothing more, also not to one of the same guards that came after it', () => {
    const ended = near.scope(guards('a'));
    put('k', ended);
    near.release(ended);
    const next = near.scope(guards('a'));
    expect(next).not.toBe(ended);
    expect(get('k', ended)).toBe(NOTHING);
    put('k', next);
    expect(get('k', next)).toBe('v');
    expect(get('k', ended)).toBe(NOTHING);
  });

  test('that ends while a read is under way lets it bring nothing home', () => {
    const scope = near.scope(guards('a'));
    const flight = near.depart('k');
    const { generation } = scope;
    near.release(scope);
    near.put('k', flight, 'v', 10, scope, generation, 0);
    near.put('k', flight, 'v', 10, scope, scope.generation, 0);
    near.land('k', flight);
    expect(get('k', scope)).toBe(NOTHING);
    expect(near.size).toBe(0);
  });

  test('answers to no reader whose values hang on something else, though the key is the same', () => {
    const [one, two] = [near.scope(guards('a')), near.scope(guards('b'))];
    put('k', one);
    expect(get('k', two)).toBe(NOTHING);
    put('k', one);
    expect(near.get('k', two, one, 1)).toBe('v');
  });

  test('that hangs on the changes under other rules is concerned by all but its own', () => {
    const ruled = (rule: string): Guard[] => [guard('all'), { ...guard('rules'), rule }];
    const [ours, theirs, plain] = [
      near.scope(ruled('rule---1')),
      near.scope(ruled('rule---2')),
      near.scope([guard('all'), guard('lists')]),
    ];
    expect(ours).not.toBe(theirs);
    const all = { ours, theirs, plain };
    const left = (change: string): string[] => {
      for (const [key, scope] of Object.entries(all)) put(key, scope);
      near.drop([], [change]);
      return Object.entries(all).flatMap(([key, scope]) => (get(key, scope) === 'v' ? [key] : []));
    };
    expect(left('rules|rule---1')).toEqual(['ours', 'plain']);
    expect(left('rules|rule---2')).toEqual(['theirs', 'plain']);
    expect(left('rules|rule---3')).toEqual(['plain']);
    expect(left('lists')).toEqual(['ours', 'theirs']);
    expect(left('all')).toEqual([]);
  });

  test('takes a shorter life for an entry, and no longer one', () => {
    const scope = near.scope(guards('a'));
    const lived = (ttlMs: number): number => {
      const flight = near.depart('k');
      near.put('k', flight, 'v', 10, scope, scope.generation, 0, ttlMs);
      near.land('k', flight);
      let now = 0;
      while (near.get('k', scope, scope, now) === 'v') now += 1;
      return now;
    };
    expect(lived(10)).toBe(10);
    expect(lived(10 * TTL_MS)).toBe(TTL_MS);
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
    return near.get('a', rows, rows, 1);
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
    expect(near.get('a', rows, rows, 1)).toBe(NOTHING);
    near.land('a', first);
    near.drop(['a'], []);
    near.put('a', second, 'of the second', 10, rows, rows.generation, 0);
    expect(near.get('a', rows, rows, 1)).toBe(NOTHING);
  });

  test('that came back, when another has set out since', () => {
    const first = near.depart('a');
    near.land('a', first);
    const second = near.depart('a');
    expect(near.isUnchanged(first)).toBe(true);
    near.drop(['a'], []);
    near.put('a', second, 'old', 10, rows, rows.generation, 0);
    expect(near.get('a', rows, rows, 1)).toBe(NOTHING);
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
