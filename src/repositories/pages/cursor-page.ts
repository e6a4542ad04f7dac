import {
  CursorError,
  type KeysetPage,
  type ModelMetadata,
  type PageLimits,
  pageSizeWithin,
} from '../../database/index.js';
import { InvalidArgumentError } from '../../errors.js';
import type { EntityKey } from '../access/entity-key.js';
import { type Column, decodeCursor, encodeCursor, fingerprintOf } from './page-cursor.js';
import { rowsAfter } from './place-filter.js';
import { isExact, type OrderTerm, orderByOf, reversed, rowOrder } from './row-order.js';

/** Which page is wanted, from a place in an order. */
export interface CursorRequest {
  /** @default 20 */
  readonly pageSize?: number;
  /** A cursor: the page begins after its place. Null as none. */
  readonly after?: string | null | undefined;
  /** A cursor: the page ends before its place. Null as none. */
  readonly before?: string | null | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** One page, ready to be asked for. */
export interface CursorWalk {
  /** For `findMany`. */
  readonly args: object;
  /** A filter for the row that the page is counted from, where its place is not known without it. */
  readonly anchor: Fields | null;
  /** What `findMany` gave, as a page. */
  page<Row extends object>(rows: readonly Row[]): KeysetPage<Row>;
}

/**
 * A page by keyset, through Prisma: however deep it lies, it costs what the first one does, provided that an index has the
 * order. A cursor holds the values of a row in the order's columns, so it outlives the row. Where JavaScript cannot hold
 * them exactly (a DateTime of microseconds, an enum's order), it holds the row's key, and Prisma asks the row for its place.
 *
 * @throws CursorError for a cursor of another query, or none at all
 * @throws InvalidArgumentError for requests that cannot be met
 */
export function cursorWalk(
  model: ModelMetadata,
  key: EntityKey,
  request: CursorRequest & Fields,
  limits: PageLimits,
): CursorWalk {
  const { pageSize: asked, after: afterCursor, before: beforeCursor, where, orderBy, ...selection } = request;
  const after = afterCursor ?? undefined;
  const before = beforeCursor ?? undefined;
  const pageSize = pageSizeWithin(limits, asked);
  if (after !== undefined && before !== undefined) {
    throw new InvalidArgumentError('A page lies after one cursor or before one, not both.');
  }
  const order = rowOrder(model, orderBy);
  const backwards = before !== undefined;
  const walked = backwards ? reversed(order) : order;
  const exact = isExact(order);
  const columns = exact ? order : columnsOf(model, key.fields);
  const fingerprint = fingerprintOf(model, order, where);
  const cursor = after ?? before;
  const place = cursor === undefined ? null : decodeCursor(cursor, fingerprint, columns);
  const anchor =
    place === null || exact ? null : Object.fromEntries(columns.map(({ field }, n) => [field, place[n]]));
  const wanted = withColumns(selection, columns);
  const beyond = place === null || !exact ? {} : rowsAfter(walked, place);
  const encode = (row: object | undefined): string | null =>
    row === undefined ? null : encodeCursor(fingerprint, columns, row);
  return {
    args: {
      ...wanted.selection,
      where: place === null || !exact ? (where ?? {}) : { AND: [where ?? {}, beyond] },
      orderBy: orderByOf(walked),
      take: pageSize + 1,
      ...(anchor !== null && { cursor: key.uniqueWhere(anchor), skip: 1 }),
    },
    anchor,
    page: <Row extends object>(rows: readonly Row[]) => {
      const further = rows.length > pageSize;
      const inOrder = rows.slice(0, pageSize);
      if (backwards) inOrder.reverse();
      // What lies behind the place was seen by whoever got the cursor.
      const hasNext = backwards ? true : further;
      const hasPrevious = backwards ? further : place !== null;
      const last = inOrder.at(-1);
      return Object.freeze({
        items: Object.freeze(inOrder.map((row) => wanted.strip(row))),
        nextCursor: hasNext ? (encode(last) ?? null) : null,
        previousCursor: hasPrevious ? (encode(inOrder[0]) ?? null) : null,
        hasNext: hasNext && last !== undefined,
        hasPrevious: hasPrevious && last !== undefined,
      });
    },
  };
}

/** The row that a page was to be counted from has gone. */
export function rowGone(): CursorError {
  return new CursorError('row-gone');
}

function columnsOf(model: ModelMetadata, fields: readonly string[]): readonly Column[] {
  return fields.flatMap((field) => {
    const column = model.fields[field];
    return column?.kind === 'scalar' ? [{ field, column }] : [];
  });
}

/** The selection with the columns that cursors are made of, and how they are taken away again. */
function withColumns(selection: Fields, columns: readonly Column[] | readonly OrderTerm[]) {
  const { select, omit } = selection as { readonly select?: Fields; readonly omit?: Fields };
  const hidden = columns
    .map(({ field }) => field)
    .filter((field) => (select ? select[field] !== true : omit?.[field] === true));
  if (hidden.length === 0) return { selection, strip: <Row extends object>(row: Row): Row => row };
  const shown = Object.fromEntries(hidden.map((field) => [field, select !== undefined]));
  const wanted = select
    ? { ...selection, select: { ...select, ...shown } }
    : { ...selection, omit: { ...omit, ...shown } };
  const strip = <Row extends object>(row: Row): Row =>
    Object.freeze(Object.fromEntries(Object.entries(row).filter(([name]) => !hidden.includes(name)))) as Row;
  return { selection: wanted, strip };
}
