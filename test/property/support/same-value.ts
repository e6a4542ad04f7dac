import { Decimal } from '@prisma/client/runtime/client';

/**
 * Whether two values are the same in all that a reader can see: kinds, contents to the last digit and sign, own keys and their
 * order. Stricter than a test framework's equality, and a hundred times faster.
 */
export function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null) return Object.is(a, b);
  if (typeof b !== 'object' || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && areSameItems(a, b);
  if (a instanceof Date) return b instanceof Date && Object.is(a.getTime(), b.getTime());
  if (a instanceof Uint8Array) {
    return b instanceof Uint8Array && !Buffer.isBuffer(b) && Buffer.compare(a, b) === 0;
  }
  if (Decimal.isDecimal(a)) {
    return b instanceof Decimal && Object.is(a.s, b.s) && Object.is(a.e, b.e) && `${a.d}` === `${b.d}`;
  }
  return Object.getPrototypeOf(b) === Object.prototype && areSameFields(a, b);
}

function areSameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (!isSame(a[index], b[index])) return false;
  return true;
}

function areSameFields(a: object, b: object): boolean {
  const keys = Object.keys(a);
  const otherKeys = Object.keys(b);
  if (keys.length !== otherKeys.length) return false;
  for (const [index, key] of keys.entries()) {
    if (otherKeys[index] !== key || !isSame(Reflect.get(a, key), Reflect.get(b, key))) return false;
  }
  return true;
}
