import { isDate, isProxy, isUint8Array } from 'node:util/types';
import { Decimal } from '@prisma/client/runtime/client';
import { freezeDecimal, frozenDate, isFrozenDate } from './codec/frozen-scalars.js';
import { MAX_DEPTH } from './codec/limits.js';

export { approximateBytes } from './codec/approximate-bytes.js';

/**
 * Makes a value safe to be shared by all its readers, in place as far as that goes: use what it returns. Plain objects
 * and arrays are frozen at any depth, and so are Decimals. A Date is replaced by one whose setters throw a TypeError,
 * and an object that Prisma's result extensions made by a frozen copy with its computed fields, since such a proxy
 * breaks when it is frozen. Bytes stay as they are (see `copyMutable`), and so does what was frozen before, and what lies
 * deeper than the 1,000 levels that are ever cached.
 */
export function freezeDeep<T>(value: T): T {
  const shared = replaced(value);
  freezeInside(shared, 0);
  return shared as T;
}

/**
 * A copy of a frozen value in which the Bytes, and the objects and arrays on the way to them, are new, and frozen again;
 * all else is shared. A value without Bytes is returned as it is.
 */
export function copyMutable<T>(value: T): T {
  return copied(value) as T;
}

/** What stands for a value among shared ones: another object, or the value itself, not frozen yet. */
function replaced(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isDate(value)) return isFrozenDate(value) ? value : frozenDate(value.getTime());
  if (!isProxy(value)) return value;
  return Array.isArray(value) ? [...value] : isPlain(value) ? { ...value } : value;
}

/** Each object is frozen before those in it, so that a cycle comes to an end. */
function freezeInside(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH || Object.isFrozen(value)) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const item: unknown = value[index];
      const shared = replaced(item);
      if (shared !== item) value[index] = shared;
    }
    Object.freeze(value);
    for (const item of value) freezeInside(item, depth + 1);
  } else if (isPlain(value)) {
    const keys = Object.keys(value);
    const fields = value as Record<string, unknown>;
    for (const key of keys) {
      const field = fields[key];
      const shared = replaced(field);
      if (shared !== field) Reflect.set(fields, key, shared);
    }
    Object.freeze(value);
    for (const key of keys) freezeInside(fields[key], depth + 1);
  } else if (Decimal.isDecimal(value)) freezeDecimal(value);
}

function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isUint8Array(value)) return new Uint8Array(value);
  if (Array.isArray(value)) {
    let items: unknown[] | null = null;
    for (let index = 0; index < value.length; index += 1) {
      const item: unknown = value[index];
      const copy = copied(item);
      if (copy === item) continue;
      items ??= [...value];
      items[index] = copy;
    }
    return items === null ? value : Object.freeze(items);
  }
  if (!isPlain(value)) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  let copy: Record<string, unknown> | null = null;
  for (const key of Object.keys(fields)) {
    const field = fields[key];
    const fieldCopy = copied(field);
    if (fieldCopy === field) continue;
    copy ??= { ...fields };
    // An own property by now, so also a key `__proto__` is only a key.
    copy[key] = fieldCopy;
  }
  return copy === null ? value : Object.freeze(copy);
}

/** Whether a value is an array or an object without a class. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
