import { isDate, isUint8Array } from 'node:util/types';
import { Decimal } from '@prisma/client/runtime/client';
import type { EntryCodec } from '../entry-codec.js';

// Lists of more are compared in their order alone.
const MAX_UNORDERED = 1_000;

/**
 * Whether two results of one query say the same. Rows of a list may come in another order: without an order of its own,
 * PostgreSQL gives them as it finds them. Null and undefined are one: there is none.
 */
export function isSameResult(one: unknown, other: unknown, codec: EntryCodec): boolean {
  if (isSame(one ?? null, other ?? null)) return true;
  if (!Array.isArray(one) || !Array.isArray(other)) return false;
  if (one.length !== other.length || one.length > MAX_UNORDERED) return false;
  const rows = encoded(one, codec);
  const others = encoded(other, codec);
  return rows !== null && others !== null && isSame(rows, others);
}

/** The rows as texts, in an order of these; null where one has no encoding. */
function encoded(rows: readonly unknown[], codec: EntryCodec): readonly string[] | null {
  const texts: string[] = [];
  for (const row of rows) {
    const bytes = codec.encodeIfPossible(row);
    if (bytes === null) return null;
    texts.push(Buffer.from(bytes).toString('latin1'));
  }
  return texts.sort();
}

/** Deeply; of no class but those that Prisma's values have. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (isDate(one)) return isDate(other) && Object.is(one.getTime(), other.getTime());
  if (isUint8Array(one)) return isUint8Array(other) && Buffer.compare(one, other) === 0;
  if (Decimal.isDecimal(one)) return Decimal.isDecimal(other) && one.toString() === other.toString();
  if (Array.isArray(one)) {
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, index) => isSame(item, other[index]))
    );
  }
  if (isDate(other) || isUint8Array(other) || Decimal.isDecimal(other) || Array.isArray(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(Reflect.get(one, key), Reflect.get(other, key)))
  );
}
