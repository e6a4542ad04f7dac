import type { OffsetPage } from '../../database/index.js';
import { type PageLimits, pageSizeWithin, wholeNumber } from '../../database/index.js';

/** Which page is wanted, counted from the first. */
export interface OffsetRequest {
  /** From 1. @default 1 */
  readonly page?: number;
  /** @default 20 */
  readonly pageSize?: number;
}

/** A request with its numbers checked. */
export interface PlacedPage {
  readonly page: number;
  readonly pageSize: number;
  readonly skip: number;
}

/** @throws InvalidArgumentError for numbers that are none, or out of bounds */
export function placedPage({ page, pageSize }: OffsetRequest, limits: PageLimits): PlacedPage {
  const size = pageSizeWithin(limits, pageSize);
  const max = Math.floor(Number.MAX_SAFE_INTEGER / size);
  const number = wholeNumber('page', page, { fallback: 1, min: 1, max });
  return { page: number, pageSize: size, skip: (number - 1) * size };
}

export function offsetPageOf<Row extends object>(
  items: readonly Row[],
  total: number,
  { page, pageSize }: PlacedPage,
): OffsetPage<Row> {
  const pageCount = Math.ceil(total / pageSize);
  return Object.freeze({
    items,
    total,
    page,
    pageSize,
    pageCount,
    hasNext: page < pageCount,
    hasPrevious: page > 1 && pageCount > 0,
  });
}
