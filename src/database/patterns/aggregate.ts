import { InvalidArgumentError } from '../../errors.js';
import { UnknownIdentifierError } from './errors.js';
import { allOf, filterSql } from './filter.js';
import { quoteIdentifier } from './identifiers.js';
import { wholeNumber } from './limits.js';
import type { SortDirection } from './order.js';
import { type PatternContext, type RowsRequest, runQuery } from './pattern-context.js';
import { type Sql, sql, trusted } from './sql.js';
import type { TableShape } from './table-shape.js';

/**
 * One figure per group. `count` takes a column, whose nulls it leaves out, or `*`, and gives a number; the others give
 * what pg makes of PostgreSQL's answer: exact sums and averages are decimal texts.
 */
export type Metric =
  | { readonly count: string; readonly distinct?: boolean }
  | { readonly sum: string }
  | { readonly avg: string }
  | { readonly min: string }
  | { readonly max: string };

/** What a group's figure must be for the group to be given out. */
export interface HavingConditions {
  readonly equals?: number | bigint | string;
  readonly lt?: number | bigint | string;
  readonly lte?: number | bigint | string;
  readonly gt?: number | bigint | string;
  readonly gte?: number | bigint | string;
}

/** Which rows are summed up, and how: figures by name, per group or over all. */
export interface AggregateRequest<Alias extends string> extends Omit<RowsRequest, 'select'> {
  /** The figures wanted, by the name each shall have in the result. */
  readonly metrics: Readonly<Record<Alias, Metric>>;
  /** @default none: all rows are one group */
  readonly groupBy?: readonly string[];
  /** By names of metrics. */
  readonly having?: Readonly<Partial<Record<Alias, HavingConditions>>>;
  /** By names of metrics or columns of `groupBy`. */
  readonly orderBy?: readonly { readonly by: string; readonly direction?: SortDirection }[];
  /** How many groups at most. @default 1000 */
  readonly limit?: number;
}

/** The groups found. */
export interface AggregateResult<Group extends object> {
  /** Each has the columns of `groupBy` and a figure by each metric's name. */
  readonly groups: readonly Group[];
  readonly hasMore: boolean;
}

const FUNCTIONS = ['count', 'sum', 'avg', 'min', 'max'] as const;
const OPERATORS: Readonly<Record<string, string>> = { equals: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' };
const MAX_GROUPS = 100_000;

/**
 * Counts, sums, averages and extremes, over all rows or per group. One round trip.
 *
 * @throws UnknownIdentifierError for a column or a metric that there is not
 * @throws InvalidArgumentError for a figure that the column's type does not have, and other requests that cannot be met
 */
export async function aggregate<Group extends object, Alias extends string = string>(
  context: PatternContext,
  request: AggregateRequest<Alias>,
): Promise<AggregateResult<Group>> {
  const limit = wholeNumber('limit', request.limit, { fallback: 1_000, min: 1, max: MAX_GROUPS });
  const shape = await context.catalog.describe(context.executor, request.table);
  const metrics = metricsByAlias(shape, request.metrics);
  const groups = shape.select(request.groupBy ?? []);
  for (const { name } of groups) {
    if (metrics.has(name)) throw new InvalidArgumentError(`"${name}" names both a metric and a group.`);
  }
  const selected = [
    ...groups.map(({ quoted }) => quoted),
    ...[...metrics].map(([alias, text]) => `${text} AS ${quoteIdentifier(alias)}`),
  ];
  const grouped = groups.length === 0 ? '' : `GROUP BY ${groups.map(({ quoted }) => quoted).join(', ')}`;
  const names = [...groups.map(({ name }) => name), ...metrics.keys()];
  const order = (request.orderBy ?? []).map(({ by, direction = 'asc' }) => {
    if (!names.includes(by)) throw new UnknownIdentifierError('alias', by, names);
    if (direction !== 'asc' && direction !== 'desc') throw new InvalidArgumentError('Order is asc or desc.');
    return `${names.indexOf(by) + 1} ${direction}`;
  });
  const rows = await runQuery<Group>(
    context,
    sql`SELECT ${trusted(selected.join(', '))} FROM ${trusted(shape.quoted)}
      WHERE ${filterSql(shape, request.where)} ${trusted(grouped)}
      HAVING ${havingSql(metrics, request.having ?? {})}
      ${trusted(order.length === 0 ? '' : `ORDER BY ${order.join(', ')}`)} LIMIT ${limit + 1}`,
    request.signal,
  );
  return { groups: rows.slice(0, limit), hasMore: rows.length > limit };
}

function metricsByAlias(
  shape: TableShape,
  metrics: Readonly<Record<string, Metric>>,
): ReadonlyMap<string, string> {
  const texts = new Map(Object.entries(metrics).map(([alias, metric]) => [alias, metricText(shape, metric)]));
  if (texts.size === 0) throw new InvalidArgumentError('An aggregation needs at least one metric.');
  return texts;
}

function metricText(shape: TableShape, metric: Metric): string {
  const { distinct, ...rest } = metric as Readonly<Record<string, unknown>>;
  const [entry, ...others] = Object.entries(rest);
  const name = FUNCTIONS.find((each) => each === entry?.[0]);
  if (name === undefined || others.length > 0 || (distinct !== undefined && name !== 'count')) {
    throw new InvalidArgumentError(`A metric is one of ${FUNCTIONS.join(', ')}, with a column.`);
  }
  const column = String(entry?.[1]);
  if (name !== 'count') return `${name}(${shape.column(column).quoted})`;
  // Up to 2^53 rows a double is exact, and pg gives it as a number.
  if (column === '*') return 'count(*)::float8';
  return `count(${distinct === true ? 'DISTINCT ' : ''}${shape.column(column).quoted})::float8`;
}

function havingSql(
  metrics: ReadonlyMap<string, string>,
  having: Readonly<Record<string, HavingConditions | undefined>>,
): Sql {
  const conditions = Object.entries(having).flatMap(([alias, asked]) => {
    const figure = metrics.get(alias);
    if (figure === undefined) throw new UnknownIdentifierError('alias', alias, [...metrics.keys()]);
    return Object.entries(asked ?? {}).map(([name, value]: [string, unknown]) => {
      const operator = OPERATORS[name];
      if (operator === undefined || !isFigure(value)) {
        throw new InvalidArgumentError(`The condition "${name}" on "${alias}" cannot be used.`);
      }
      return sql`${trusted(figure)} ${trusted(operator)} ${String(value)}`;
    });
  });
  return allOf(conditions);
}

function isFigure(value: unknown): boolean {
  return (
    typeof value === 'bigint' ||
    typeof value === 'string' ||
    (typeof value === 'number' && !Number.isNaN(value))
  );
}
