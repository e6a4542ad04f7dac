import { isDate, isUint8Array } from 'node:util/types';
import { Decimal } from '@prisma/client/runtime/client';
import * as cost from './cost.js';

const DIGITS_PER_WORD = 7;

/**
 * Memory that a value of the kinds that the codec takes costs to keep, in bytes: within a factor of two of what the heap
 * grows by. It walks the whole value, so it is meant for when one enters a cache, not for each time it is read.
 */
export function approximateBytes(value: unknown): number {
  return cost.SLOT_COST + beyondSlot(value);
}

/** What a value takes besides the field or element that holds it. */
function beyondSlot(value: unknown): number {
  if (typeof value === 'string') return cost.TEXT_COST + value.length;
  if (typeof value === 'number') return (value | 0) === value ? 0 : cost.NUMBER_COST;
  if (typeof value === 'bigint') return cost.BIG_INTEGER_COST;
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return containerBytes(value);
  if (isDate(value)) return cost.DATE_COST;
  if (Decimal.isDecimal(value)) return cost.DECIMAL_COST + DIGITS_PER_WORD * (value.d?.length ?? 0);
  if (isUint8Array(value)) return cost.BYTES_COST + value.byteLength;
  return fieldBytes(value);
}

function containerBytes(items: readonly unknown[]): number {
  let bytes = cost.CONTAINER_COST + cost.SLOT_COST * items.length;
  for (const item of items) bytes += beyondSlot(item);
  return bytes;
}

/** A loop over the keys: a list of them, or of the values, would be made for each row and thrown away. */
function fieldBytes(fields: object): number {
  let bytes = cost.CONTAINER_COST;
  for (const key in fields) {
    bytes += cost.SLOT_COST + beyondSlot((fields as Readonly<Record<string, unknown>>)[key]);
  }
  return bytes;
}
