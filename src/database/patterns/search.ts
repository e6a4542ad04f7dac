import { InvalidArgumentError } from '../../errors.js';
import { filterSql, isTextual } from './filter.js';
import { type PageLimits, pageSizeWithin } from './limits.js';
import { type OrderBy, orderTerms, orderText } from './order.js';
import { type PatternContext, type RowsRequest, runQuery } from './pattern-context.js';
import {
  notIndexed,
  type SearchMethod,
  type SearchPlan,
  similarPlan,
  substringPlan,
  wordsPlan,
} from './search-plan.js';
import { checkedTerm } from './search-term.js';
import { sql, trusted } from './sql.js';
import type { ColumnShape, TableShape } from './table-shape.js';
import { toText } from './values.js';

/** What a search found. */
export interface SearchResult<Row extends object> {
  readonly items: readonly Row[];
  /** How the term was matched. */
  readonly method: SearchMethod;
  /** Whether there is more than the limit let through. */
  readonly hasMore: boolean;
}

export interface SearchRequest extends RowsRequest {
  readonly term: string;
  /** Where to look: a row is found when any of them matches. */
  readonly columns: readonly string[];
  /**
   * `auto` takes words where an index has them, else likeness where one has trigrams, else substrings. Name a method
   * where a new index shall not change what is found.
   * @default 'auto'
   */
  readonly method?: SearchMethod | 'auto';
  /** The text search configuration for columns of type tsvector. @default 'simple' */
  readonly language?: string;
  /** How many rows at most. @default 20 */
  readonly limit?: number;
  /** The fewest characters a term may have. @default 2 */
  readonly minTermLength?: number;
  /** @default the best match first where the method ranks, else none */
  readonly orderBy?: readonly OrderBy[];
}

/**
 * The rows in which a term is found, never more than the limit. The term means itself: `%`, `_` and `\` are characters.
 *
 * @throws SearchTermError when the term, without the spaces around it, is too short or too long
 * @throws SearchNotIndexedError when a method was named that no index serves
 * @throws UnknownIdentifierError, InvalidArgumentError for requests that cannot be met
 */
export async function search<Row extends object>(
  context: PatternContext,
  request: SearchRequest,
  limits?: PageLimits,
): Promise<SearchResult<Row>> {
  const limit = pageSizeWithin(limits, request.limit);
  const term = checkedTerm(request.term, request.minTermLength);
  const shape = await context.catalog.describe(context.executor, request.table);
  if (request.columns.length === 0) throw new InvalidArgumentError('A search needs columns to look into.');
  const columns = shape.select(request.columns);
  const [first] = columns;
  if (first !== undefined) toText(term, { ...first, baseType: 'text' });
  const plan = planFor(shape, columns, term, request);
  const order = orderTerms(shape, request.orderBy ?? []);
  const ranked = plan.rank === null ? trusted('') : sql`ORDER BY ${plan.rank} DESC`;
  const ordered = order.length === 0 ? ranked : trusted(`ORDER BY ${orderText(order)}`);
  const selected = shape.select(request.select).map(({ quoted }) => quoted);
  const rows = await runQuery<Row>(
    context,
    sql`SELECT ${trusted(selected.join(', '))} FROM ${trusted(shape.quoted)}
      WHERE ${plan.condition} AND ${filterSql(shape, request.where)} ${ordered} LIMIT ${limit + 1}`,
    request.signal,
  );
  return { items: rows.slice(0, limit), method: plan.method, hasMore: rows.length > limit };
}

function planFor(
  shape: TableShape,
  columns: readonly ColumnShape[],
  term: string,
  { method = 'auto', language = 'simple' }: SearchRequest,
): SearchPlan {
  switch (method) {
    case 'words':
      return wordsPlan(shape, columns, term, language) ?? notIndexed(shape, columns, method);
    case 'similar':
      return similarPlan(shape, columns, term) ?? notIndexed(shape, columns, method);
    case 'substring':
      return substringPlan(columns.map(textual), term);
    case 'auto':
      return (
        wordsPlan(shape, columns, term, language) ??
        similarPlan(shape, columns, term) ??
        substringPlan(columns.map(textual), term)
      );
    default:
      throw new InvalidArgumentError(`There is no search by "${String(method)}".`);
  }
}

function textual(column: ColumnShape): ColumnShape {
  if (isTextual(column)) return column;
  throw new InvalidArgumentError(
    `Column "${column.name}" is of type ${column.type}: a term is looked for in texts.`,
    { context: { column: column.name, type: column.type } },
  );
}
