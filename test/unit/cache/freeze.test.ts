import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { Decimal } from '@prisma/client/runtime/client';
import { approximateBytes, copyMutable, freezeDeep } from '../../../src/cache/freeze.js';

describe('a frozen value', () => {
  test('cannot be changed, nor the plain values in it', () => {
    const entity = freezeDeep({
      name: 'a',
      tags: ['x'],
      json: { deep: { list: [1] } },
      owner: { jobs: [{ id: 1 }] },
    });
    expect(() => Object.assign(entity, { name: 'b' })).toThrow(TypeError);
    expect(() => entity.tags.push('y')).toThrow(TypeError);
    expect(() => Object.assign(entity.json.deep, { more: 1 })).toThrow(TypeError);
    expect(() => Object.assign(entity.owner.jobs[0] ?? {}, { id: 2 })).toThrow(TypeError);
  });

  test('is the object that it was, with dates that cannot be set', () => {
    const entity = { at: new Date(5), list: [new Date(6)], deep: { at: new Date(7) } };
    const frozen = freezeDeep(entity);
    expect(frozen).toBe(entity);
    expect(frozen).toStrictEqual({ at: new Date(5), list: [new Date(6)], deep: { at: new Date(7) } });
    for (const date of [frozen.at, frozen.list[0], frozen.deep.at]) {
      expect(() => date?.setTime(0)).toThrow(TypeError);
    }
  });

  test('has Decimals that are frozen with their digits', () => {
    const { cost } = freezeDeep({ cost: new Decimal('1.5') });
    expect(Object.isFrozen(cost) && Object.isFrozen(cost.d)).toBe(true);
  });

  test('may be a scalar, a date or a list', () => {
    expect(freezeDeep(null)).toBeNull();
    expect(freezeDeep(3)).toBe(3);
    expect(() => freezeDeep(new Date(0)).setTime(1)).toThrow(TypeError);
    expect(Object.isFrozen(freezeDeep([{ a: 1 }])[0])).toBe(true);
  });

  test('may have a key __proto__', () => {
    const value = JSON.parse('{"__proto__": {"list": []}}') as object;
    Object.defineProperty(value, '__proto__', { value: { list: [], at: new Date(1) }, enumerable: true });
    freezeDeep(value);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.isFrozen(Object.getOwnPropertyDescriptor(value, '__proto__')?.value)).toBe(true);
  });

  test('may contain itself, or be deeper than what is cached', () => {
    const circle: { self?: unknown; all: unknown[] } = { all: [] };
    circle.self = circle;
    circle.all.push(circle, circle);
    expect(Object.isFrozen(freezeDeep(circle).all)).toBe(true);
    let deep: unknown = [];
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(Object.isFrozen(freezeDeep(deep))).toBe(true);
  });

  test('is a copy where the value is a proxy that refuses to be frozen, as entities of an extended client are', () => {
    const target = { id: 1 };
    const extended: { id: number; label: string; at: Date } = new Proxy(target as never, {
      ownKeys: () => ['id', 'label', 'at'],
      get: (_target, key) => (key === 'id' ? 1 : key === 'label' ? 'computed' : new Date(9)),
      getOwnPropertyDescriptor: () => ({
        value: undefined,
        enumerable: true,
        configurable: true,
        writable: true,
      }),
    });
    for (const frozen of [
      freezeDeep(extended),
      freezeDeep([extended])[0],
      freezeDeep({ extended }).extended,
    ]) {
      expect(frozen).toStrictEqual({ id: 1, label: 'computed', at: new Date(9) });
      expect(() => frozen?.at.setTime(0)).toThrow(TypeError);
      expect(Object.isFrozen(frozen)).toBe(true);
    }
    expect(Object.isExtensible(target)).toBe(true);
  });

  test('keeps what it cannot freeze: Bytes, functions, instances of classes', () => {
    const value = { bytes: new Uint8Array([1]), call: () => 1, map: new Map([[1, 2]]) };
    const frozen = freezeDeep({ ...value });
    expect(frozen.bytes).toBe(value.bytes);
    expect(frozen.map.set(3, 4).size).toBe(2);
    expect(frozen.call()).toBe(1);
  });
});

describe('a value that several readers share', () => {
  test('needs no copy for its readers when it holds no Bytes', () => {
    const value = freezeDeep({ at: new Date(1), cost: new Decimal(1), list: [{ a: null }] });
    expect(copyMutable(value)).toBe(value);
  });

  test('gives each reader Bytes of its own, and shares the rest', () => {
    const entity = {
      id: 1,
      avatar: new Uint8Array([1, 2]),
      owner: { name: 'a' },
      files: [{ name: 'x', data: [new Uint8Array([3])] }, { name: 'y' }],
    };
    const value = freezeDeep(entity);
    const copy = copyMutable(value);
    expect(copy).toStrictEqual(value);
    copy.avatar[0] = 99;
    copy.files[0]?.data?.[0]?.fill(99);
    expect(value.avatar[0]).toBe(1);
    expect(value.files[0]?.data?.[0]?.[0]).toBe(3);
    expect(copy.owner).toBe(value.owner);
    expect(copy.files[1]).toBe(value.files[1]);
    for (const part of [copy, copy.files, copy.files[0], copy.files[0]?.data])
      expect(Object.isFrozen(part)).toBe(true);
  });

  test('gives Bytes that are the value itself as a copy', () => {
    const bytes = new Uint8Array([1, 2]);
    expect(copyMutable(bytes)).toEqual(bytes);
    expect(copyMutable(bytes)).not.toBe(bytes);
  });

  test('keeps a key __proto__ a key when it is copied', () => {
    const value = JSON.parse('{"__proto__": {"a": 1}, "b": 2}') as object;
    Object.defineProperty(value, '__proto__', { value: new Uint8Array([1]), enumerable: true });
    const copy = copyMutable(freezeDeep(value));
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(Object.keys(copy)).toEqual(['__proto__', 'b']);
  });
});

describe('the approximate size of a value', () => {
  const user = (n: number) => ({
    id: `0190a1b2-c3d4-7e5f-8abc-${n.toString(16).padStart(12, '0')}`,
    email: `someone${n}@example.com`,
    name: n % 3 === 0 ? null : `Some One ${n}`,
    createdAt: new Date(1_770_000_000_000 + n),
    balance: new Decimal(n).div(100),
    size: BigInt(n) * 5_000_000_000n,
    ratio: n / 7,
    document: { tags: [`tag ${n}`, 'x'], nested: { a: n, b: true } },
    bytes: new Uint8Array(100),
  });

  test('is within a factor of two of what the heap grows by', () => {
    const keep: unknown[] = new Array(20_000);
    const used = () => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    // Twice, since what earlier tests left may only be given up after a first round.
    collect();
    collect();
    const before = used();
    for (let n = 0; n < keep.length; n += 1) keep[n] = freezeDeep(user(n));
    collect();
    const grown = (used() - before) / keep.length;
    const estimated = approximateBytes(keep) / keep.length;
    expect(estimated / grown).toBeGreaterThan(0.5);
    expect(estimated / grown).toBeLessThan(2);
  });

  test('grows with what a value holds', () => {
    expect(approximateBytes(1)).toBeLessThan(20);
    expect(approximateBytes('x'.repeat(5_000))).toBeGreaterThan(5_000);
    expect(approximateBytes(new Uint8Array(5_000))).toBeGreaterThan(5_000);
    expect(approximateBytes([user(1), user(2)])).toBeGreaterThan(1.9 * approximateBytes(user(1)));
  });
});
