import { filterSql } from './filter.js';
import { type PageLimits, pageSizeWithin, wholeNumber } from './limits.js';
import { type OrderBy, orderTerms, orderText, uniqueOrder } from './order.js';
import { type PatternContext, type RowsRequest, runQuery } from './pattern-context.js';
import { sql, trusted } from './sql.js';

/** A page of rows, found by counting from the first. */
export interface OffsetPage<Row extends object> {
  readonly items: readonly Row[];
  /** All rows that the filter lets through, counted in the same snapshot as the page. */
  readonly total: number;
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly pageCount: number;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

export interface OffsetPageRequest extends RowsRequest {
  /** The primary key is put after it, where there is one, so that equal rows keep their places. @default none */
  readonly orderBy?: readonly OrderBy[];
  /** From 1. @default 1 */
  readonly page?: number;
  /** @default 20 */
  readonly pageSize?: number;
}

const TOTAL = 'holdfast:total';

/**
 * A page by number, with the total. One round trip, two where the page lies behind the last row. The server reads and
 * drops every row before the page: for walks through a large table `keysetPage` is meant.
 *
 * @throws UnknownIdentifierError, InvalidArgumentError for requests that cannot be met
 */
export async function offsetPage<Row extends object>(
  context: PatternContext,
  request: OffsetPageRequest,
  limits?: PageLimits,
): Promise<OffsetPage<Row>> {
  const pageSize = pageSizeWithin(limits, request.pageSize);
  const page = wholeNumber('page', request.page, {
    fallback: 1,
    min: 1,
    max: Math.floor(Number.MAX_SAFE_INTEGER / pageSize),
  });
  const shape = await context.catalog.describe(context.executor, request.table);
  const columns = shape.select(request.select).map(({ quoted }) => quoted);
  const filter = filterSql(shape, request.where);
  const asked = orderTerms(shape, request.orderBy ?? []);
  const terms = shape.primaryKey === null ? asked : uniqueOrder(shape, asked);
  const order = trusted(terms.length === 0 ? '' : `ORDER BY ${orderText(terms)}`);
  const table = trusted(shape.quoted);
  // A subquery, not `count(*) OVER ()`: the window makes the server carry every row, where here an index may give both
  // the order and the count.
  const count = sql`(SELECT count(*)::float8 FROM ${table} WHERE ${filter})`;
  const rows = await runQuery<Record<string, unknown>>(
    context,
    sql`SELECT ${trusted(columns.map((column) => `${column}, `).join(''))}${count} AS "${trusted(TOTAL)}"
      FROM ${table} WHERE ${filter} ${order} LIMIT ${pageSize} OFFSET ${(page - 1) * pageSize}`,
    request.signal,
  );
  let total = rows[0]?.[TOTAL] as number | undefined;
  if (total === undefined && page === 1) total = 0;
  if (total === undefined) {
    const [counted] = await runQuery<{ readonly total: number }>(
      context,
      sql`SELECT ${count} AS total`,
      request.signal,
    );
    total = counted?.total ?? 0;
  }
  const pageCount = Math.ceil(total / pageSize);
  return {
    items: rows.map(({ [TOTAL]: _total, ...item }) => item as Row),
    total,
    page,
    pageSize,
    pageCount,
    hasNext: page < pageCount,
    hasPrevious: page > 1 && pageCount > 0,
  };
}
