import { createHash } from 'node:crypto';
import { InvalidArgumentError } from '../../errors.js';
import { type CursorCodec, type CursorPosition, FINGERPRINT_BYTES } from './cursor-codec.js';
import { CursorError } from './errors.js';
import { filterSql } from './filter.js';
import { type KeyValues, rangesAfter } from './keyset-predicate.js';
import { type PageLimits, pageSizeWithin } from './limits.js';
import { type OrderBy, type OrderTerm, orderTerms, orderText, reversed, uniqueOrder } from './order.js';
import { type PatternContext, type RowsRequest, runQuery } from './pattern-context.js';
import { joinSql, type Sql, sql, trusted } from './sql.js';
import type { ColumnShape, TableShape } from './table-shape.js';

/** A page of rows, found from a place in an order rather than by counting. */
export interface KeysetPage<Row extends object> {
  /** In the order asked for, whichever way the page was reached. */
  readonly items: readonly Row[];
  /** For `after`; null when nothing follows. */
  readonly nextCursor: string | null;
  /** For `before`; null when nothing precedes. */
  readonly previousCursor: string | null;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

export interface KeysetPageRequest extends RowsRequest {
  /** Where it does not tell every two rows apart, the primary key is put after it. */
  readonly orderBy: readonly OrderBy[];
  /**
   * Says that no two rows are alike in the columns of `orderBy`, where the catalog cannot know it: of a view.
   * @default false
   */
  readonly orderIsUnique?: boolean;
  /** @default 20 */
  readonly pageSize?: number;
  /** A cursor: the page begins after its place. */
  readonly after?: string;
  /** A cursor: the page ends before its place. */
  readonly before?: string;
}

/** One page and the way to it, ready to be put into a statement. */
interface Walk {
  readonly shape: TableShape;
  readonly columns: readonly ColumnShape[];
  readonly filter: Sql;
  /** In the direction walked. */
  readonly terms: readonly OrderTerm[];
  readonly from: CursorPosition | null;
}

/** Column that carries the place of a row beside what was asked for. */
const KEYS = 'holdfast:keys';
const BEHIND = 'holdfast:behind';

/**
 * A page by keyset: however deep it lies, it costs what the first one does, provided that an index has the order.
 * One round trip. Rows that come or go between two pages neither repeat nor skip others.
 *
 * @throws CursorError for a cursor of another query, a forged one, or none at all
 * @throws OrderNotUniqueError, UnknownIdentifierError, InvalidArgumentError for requests that cannot be met
 */
export async function keysetPage<Row extends object>(
  context: PatternContext,
  codec: CursorCodec,
  request: KeysetPageRequest,
  limits?: PageLimits,
): Promise<KeysetPage<Row>> {
  const pageSize = pageSizeWithin(limits, request.pageSize);
  if (request.after !== undefined && request.before !== undefined) {
    throw new InvalidArgumentError('A page lies after one cursor or before one, not both.');
  }
  const backwards = request.before !== undefined;
  const shape = await context.catalog.describe(context.executor, request.table);
  const asked = orderTerms(shape, request.orderBy);
  const order = request.orderIsUnique === true ? asked : uniqueOrder(shape, asked);
  if (order.length === 0) throw new InvalidArgumentError('A page by cursor needs an order.');
  const filter = filterSql(shape, request.where);
  const fingerprint = fingerprintOf(shape, order, filter);
  const cursor = request.after ?? request.before;
  const from = cursor === undefined ? null : codec.decode(cursor, fingerprint);
  if (from !== null && from.values.length !== order.length) throw new CursorError('other-query');

  const terms = backwards ? reversed(order) : order;
  const walk: Walk = { shape, columns: shape.select(request.select), filter, terms, from };
  const rows = await runQuery<Record<string, unknown>>(context, pageSql(walk, pageSize + 1), request.signal);
  const further = rows.length > pageSize;
  const behind = await hasBehind(context, walk, rows, request.signal);

  const walked = rows.slice(0, pageSize);
  if (backwards) walked.reverse();
  const keys = walked.map((row) => row[KEYS] as KeyValues);
  const hasNext = backwards ? behind : further;
  const hasPrevious = backwards ? further : behind;
  // Off the end, the place asked from is all there is: the way back begins with the row that stood there.
  const edge = (values: KeyValues | undefined): CursorPosition =>
    values === undefined
      ? { values: from?.values ?? [], inclusive: from?.inclusive !== true }
      : { values, inclusive: false };
  return {
    items: walked.map((row) => withoutHidden<Row>(row)),
    nextCursor: hasNext ? codec.encode(edge(keys.at(-1)), fingerprint) : null,
    previousCursor: hasPrevious ? codec.encode(edge(keys[0]), fingerprint) : null,
    hasNext,
    hasPrevious,
  };
}

function pageSql(walk: Walk, limit: number): Sql {
  const { columns, terms, from, shape, filter } = walk;
  const behind = from === null ? trusted('false') : behindSql(walk, from);
  const ranges = from === null ? [trusted('true')] : rangesAfter(terms, from.values, from.inclusive);
  const order = trusted(orderText(terms));
  const selected = columns.map(({ quoted }) => quoted).join(', ');
  const keys = `ARRAY[${terms.map((_, index) => `"holdfast:${index}"::text`).join(', ')}] AS "${KEYS}"`;
  const ordered = terms.map(({ column }, index) => `${column.quoted} AS "holdfast:${index}"`).join(', ');
  const all = trusted([selected, ordered].filter((list) => list !== '').join(', '));
  const parts = (ranges.length === 0 ? [trusted('false')] : ranges).map(
    (range) =>
      sql`(SELECT ${all} FROM ${trusted(shape.quoted)} WHERE ${filter} AND ${range} ORDER BY ${order} LIMIT ${limit})`,
  );
  const outer = trusted(orderText(terms, (_, index) => `"holdfast:${index}"`));
  const head = trusted(selected === '' ? keys : `${selected}, ${keys}`);
  return sql`SELECT ${head}, ${behind} AS "${trusted(BEHIND)}" FROM (${joinSql(parts, ' UNION ALL ')}) AS page
    ORDER BY ${outer} LIMIT ${limit}`;
}

/** Whether any row lies the other way. Ordered and limited, or the planner may read the table to find one. */
function behindSql({ terms, filter, shape }: Walk, from: CursorPosition): Sql {
  const back = reversed(terms);
  const order = trusted(orderText(back));
  const found = rangesAfter(back, from.values, !from.inclusive).map(
    (range) =>
      sql`(SELECT true FROM ${trusted(shape.quoted)} WHERE ${filter} AND ${range} ORDER BY ${order} LIMIT 1) IS NOT NULL`,
  );
  return found.length === 0 ? trusted('false') : sql`(${joinSql(found, ' OR ')})`;
}

async function hasBehind(
  context: PatternContext,
  walk: Walk,
  rows: readonly Readonly<Record<string, unknown>>[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const [first] = rows;
  if (first !== undefined) return first[BEHIND] === true;
  if (walk.from === null) return false;
  // An empty page has no row to carry the answer.
  const statement = sql`SELECT ${behindSql(walk, walk.from)} AS behind`;
  const [answer] = await runQuery<{ readonly behind: boolean }>(context, statement, signal);
  return answer?.behind === true;
}

/** What makes two queries walk the same rows in the same order. */
function fingerprintOf(shape: TableShape, order: readonly OrderTerm[], filter: Sql): Buffer {
  const parts = [
    shape.quoted,
    orderText(order),
    filter.strings,
    filter.values.map((value) => [typeof value, typeof value === 'object' ? value : String(value)]),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, FINGERPRINT_BYTES);
}

function withoutHidden<Row extends object>(row: Record<string, unknown>): Row {
  const { [KEYS]: _keys, [BEHIND]: _behind, ...item } = row;
  return item as Row;
}
