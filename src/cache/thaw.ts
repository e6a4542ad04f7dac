import { isDate, isUint8Array } from 'node:util/types';

/**
 * A copy of a value of the cache that its caller may change: its objects, lists, dates and bytes are new. Values that never
 * change, such as a Decimal, are the same.
 */
export function thawed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(thawed);
  if (isDate(value)) return new Date(value.getTime());
  if (isUint8Array(value)) return new Uint8Array(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const copy: Record<string, unknown> = { ...value };
  // An own property by now, so also a key `__proto__` is only a key.
  for (const key of Object.keys(copy)) copy[key] = thawed(copy[key]);
  return copy;
}
