/*
 * What values take in memory, in bytes: measured as heap growth per value on 64-bit Node 20, rounded. Each is at least
 * the length of what the value is packed into, so a bound on their sum bounds the packed length too.
 */

/** An object or an array, apart from its slots. */
export const CONTAINER_COST = 56;
/** A field or an element. A small integer, a boolean or null is kept in it. */
export const SLOT_COST = 8;
/** A number that does not fit in its slot. */
export const NUMBER_COST = 16;
/** A text, apart from its characters. */
export const TEXT_COST = 24;
export const DATE_COST = 112;
/** A big integer, apart from its digits. */
export const BIG_INTEGER_COST = 24;
/** A Decimal, apart from its digits. */
export const DECIMAL_COST = 240;
/** A Uint8Array with its buffer, apart from its bytes. */
export const BYTES_COST = 208;

// V8 gives an object whose keys are indices one block of slots up to the highest of them, until the next index lies
// this far beyond the block, or the block would be this long; then it changes to a hash table. From `JSObject` in
// https://github.com/v8/v8/blob/11.3.244/src/objects/js-objects.h (kMaxGap, kMaxUncheckedFastElementsLength)
const MAX_GAP = 1_024;
const MAX_UNCHECKED_LENGTH = 5_000;
const INDEX = /^(?:0|[1-9]\d{0,9})$/;

/** What an object with these keys takes, apart from the values that do not fit in their slots. */
export function objectCost(keys: readonly string[]): number {
  let indexSlots = 0;
  for (const key of keys) {
    if (!INDEX.test(key)) continue;
    const index = Number(key);
    if (index < indexSlots) continue;
    const grown = index + (index >>> 1) + 16;
    if (index - indexSlots >= MAX_GAP || grown > MAX_UNCHECKED_LENGTH) break;
    indexSlots = grown;
  }
  return CONTAINER_COST + SLOT_COST * (keys.length + indexSlots);
}
