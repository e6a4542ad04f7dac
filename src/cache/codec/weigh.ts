import { isDate, isUint8Array } from 'node:util/types';
import { Decimal } from '@prisma/client/runtime/client';
import * as cost from './cost.js';

const DIGITS_PER_WORD = 7;

/** What a value of the kinds that the codec takes costs to keep. */
export interface Weight {
  /** Memory that it takes, in bytes: within a factor of two of the growth of the heap. */
  readonly bytes: number;
  /** Whether a Uint8Array is in it, which a reader could change under the others. */
  readonly holdsBytes: boolean;
}

/** Weighs a value in one walk, so meant for when it enters a cache and not for each time it is read. */
export function weigh(value: unknown): Weight {
  const weight = { bytes: cost.SLOT_COST, holdsBytes: false };
  add(value, weight);
  return weight;
}

function add(value: unknown, weight: { bytes: number; holdsBytes: boolean }): void {
  switch (typeof value) {
    case 'string':
      weight.bytes += cost.TEXT_COST + value.length;
      return;
    case 'number':
      if ((value | 0) !== value) weight.bytes += cost.NUMBER_COST;
      return;
    case 'bigint':
      weight.bytes += cost.BIG_INTEGER_COST;
      return;
    case 'object':
      if (value !== null) addObject(value, weight);
  }
}

function addObject(value: object, weight: { bytes: number; holdsBytes: boolean }): void {
  if (Array.isArray(value)) {
    weight.bytes += cost.CONTAINER_COST + cost.SLOT_COST * value.length;
    for (const item of value) add(item, weight);
  } else if (isDate(value)) weight.bytes += cost.DATE_COST;
  else if (Decimal.isDecimal(value)) {
    weight.bytes += cost.DECIMAL_COST + DIGITS_PER_WORD * (value.d?.length ?? 0);
  } else if (isUint8Array(value)) {
    weight.bytes += cost.BYTES_COST + value.byteLength;
    weight.holdsBytes = true;
  } else {
    const fields = Object.values(value);
    weight.bytes += cost.CONTAINER_COST + cost.SLOT_COST * fields.length;
    for (const field of fields) add(field, weight);
  }
}
