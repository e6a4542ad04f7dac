import { InvalidArgumentError } from '../../errors.js';

/**
 * A whole number within bounds, or the default where none was given.
 *
 * @throws InvalidArgumentError for NaN, fractions, infinities, texts, and what lies out of bounds
 */
export function wholeNumber(
  name: string,
  value: number | undefined,
  bounds: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const number = value === undefined ? bounds.fallback : value;
  if (Number.isInteger(number) && number >= bounds.min && number <= bounds.max) return number;
  throw new InvalidArgumentError(
    `${name} must be a whole number from ${bounds.min} to ${bounds.max}, not ${String(number)}.`,
    { context: { argument: name, value: number, min: bounds.min, max: bounds.max } },
  );
}

/** How many rows a page may have, and has when nobody says. */
export interface PageLimits {
  /** @default 20 */
  readonly defaultPageSize?: number;
  /** @default 1000 */
  readonly maxPageSize?: number;
}

/** A page size within the limits. */
export function pageSizeWithin(limits: PageLimits | undefined, pageSize: number | undefined): number {
  const max = wholeNumber('maxPageSize', limits?.maxPageSize, { fallback: 1_000, min: 1, max: 1_000_000 });
  const fallback = wholeNumber('defaultPageSize', limits?.defaultPageSize, {
    fallback: Math.min(20, max),
    min: 1,
    max,
  });
  return wholeNumber('pageSize', pageSize, { fallback, min: 1, max });
}
