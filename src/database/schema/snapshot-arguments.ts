import { types } from 'node:util';
import { isPlainObject } from './prisma-values.js';

/** As deep as `canonicalArguments` goes; what lies deeper is not copied. */
const DEEPEST = 64;

/**
 * The arguments as they are now, whatever the caller does with the objects afterwards. What a call depends on or touches is
 * worked out before it waits for the cache, and Prisma reads the arguments after that: without a copy, a filter that is
 * changed and used again meanwhile would put the rows of one query under the text of the other, for everyone.
 *
 * Objects, lists, dates and bytes are copied. Instances of other classes are not, since most of them cannot be; Decimals
 * and Prisma's own values never change.
 */
export function snapshotArguments<T>(args: T): T {
  return copyOf(args, 0, new Map()) as T;
}

function copyOf(value: unknown, depth: number, copies: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null || depth === DEEPEST) return value;
  // Each object once: the paths through a circle of objects are more than can be walked.
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    copies.set(value, list);
    for (const item of value) list.push(copyOf(item, depth + 1, copies));
    return list;
  }
  if (types.isDate(value)) return new Date(value.getTime());
  if (types.isUint8Array(value)) return Uint8Array.prototype.slice.call(value);
  return isPlainObject(value) ? copyOfObject(value, depth, copies) : value;
}

function copyOfObject(
  object: Readonly<Record<string, unknown>>,
  depth: number,
  copies: Map<object, unknown>,
): object {
  const copy: Record<string, unknown> = {};
  copies.set(object, copy);
  for (const key of Object.keys(object)) {
    const value = copyOf(object[key], depth + 1, copies);
    if (key !== '__proto__') copy[key] = value;
    // An assignment would take it for the prototype.
    else Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}
