import { expect, test } from '@jest/globals';
import { Decimal } from '@prisma/client/runtime/client';
import { freezeDeep } from '../../../src/cache/freeze.js';
import { thawed } from '../../../src/cache/thaw.js';

test('a copy of a frozen value can be changed at any depth, and leaves the value as it was', () => {
  const make = () => ({
    list: [{ at: new Date(1) }],
    bytes: new Uint8Array([1]),
    price: new Decimal('1.50'),
    none: null,
  });
  const frozen = freezeDeep(make());
  const copy = thawed(frozen) as ReturnType<typeof make>;
  expect(copy).toEqual(make());
  copy.list[0]?.at.setTime(2);
  copy.list.push({ at: new Date(3) });
  copy.bytes[0] = 2;
  expect(frozen).toEqual(make());
});

test('properties that are named as parts of prototypes are only properties', () => {
  const odd = freezeDeep(JSON.parse('{"__proto__": {"a": 1}, "constructor": [1]}') as object);
  const copy = thawed(odd) as object;
  expect(Object.keys(copy)).toEqual(['__proto__', 'constructor']);
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  expect(JSON.stringify(copy)).toBe(JSON.stringify(odd));
});

test.each([1, 'a', 2n, true, null, undefined])('what never changes is the same: %p', (value) => {
  expect(thawed(value)).toBe(value);
});
