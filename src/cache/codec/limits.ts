import type { Decimal } from '@prisma/client/runtime/client';

/**
 * Levels of nesting that are packed and unpacked. Rows with relations take ten; the rest is for JSON columns. It takes a
 * third of Node's default stack.
 */
export const MAX_DEPTH = 1_000;

// numeric holds up to 131,072 digits before the point and 16,383 after it, and Decimal and BigInt are what such columns
// are read as: https://www.postgresql.org/docs/current/datatype-numeric.html
const MAX_DECIMAL_EXPONENT = 131_072;
export const MAX_DECIMAL_TEXT = 150_000;
export const MAX_BIG_INTEGER_BYTES = 65_536;

/** Whether a Decimal is within the range of numeric. One far beyond it takes a few bytes, and gigabytes to print. */
export function isNumeric(value: Decimal): boolean {
  return !value.isFinite() || Math.abs(value.e) <= MAX_DECIMAL_EXPONENT;
}
