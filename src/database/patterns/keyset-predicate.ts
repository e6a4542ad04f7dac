import { allOf } from './filter.js';
import type { OrderTerm } from './order.js';
import { joinSql, type Sql, sql, trusted } from './sql.js';

/*
 * "The rows after this one" in an order (a, b, c) are, without nulls and with one direction, `(a, b, c) > ($1, $2, $3)`:
 * one range of an index. With mixed directions or nulls there is no such comparison, and the usual expansion
 * `a > $1 OR (a = $1 AND b < $2) OR ...` is a filter to the planner: it reads the index from its start. Each of the
 * expansion's parts by itself is one range, though, they have no row in common, and they follow one another in the
 * order. So they are given as a list, for a UNION ALL in which each part is limited.
 */

/** A place in an order: the text of each of its columns in one row. */
export type KeyValues = readonly (string | null)[];

/**
 * The conditions of the ranges that make up what comes after a place, nearest first. None at all means no row.
 *
 * @param inclusive whether the row at that place counts as well
 */
export function rangesAfter(
  terms: readonly OrderTerm[],
  values: KeyValues,
  inclusive: boolean,
): readonly Sql[] {
  const [first] = terms;
  const alike = terms.every(({ column, direction }) => column.notNull && direction === first?.direction);
  if (first !== undefined && alike) return [rowComparison(terms, values, first, inclusive)];
  const ranges = terms.flatMap((_, index) => rangesAt(terms, values, index)).reverse();
  return inclusive
    ? [allOf(terms.map((term, index) => same(term, values[index] ?? null))), ...ranges]
    : ranges;
}

function rowComparison(
  terms: readonly OrderTerm[],
  values: KeyValues,
  { direction }: OrderTerm,
  inclusive: boolean,
): Sql {
  const columns = trusted(terms.map(({ column }) => column.quoted).join(', '));
  const place = joinSql(
    terms.map((term, index) => typed(term, values[index] ?? null)),
    ', ',
  );
  const operator = trusted(`${direction === 'asc' ? '>' : '<'}${inclusive ? '=' : ''}`);
  return sql`(${columns}) ${operator} (${place})`;
}

/** The rows equal up to this column and later in it; farthest first, as the caller turns the list round. */
function rangesAt(terms: readonly OrderTerm[], values: KeyValues, index: number): readonly Sql[] {
  const term = terms[index];
  if (term === undefined) return [];
  const before = terms.slice(0, index).map((each, position) => same(each, values[position] ?? null));
  return laterIn(term, values[index] ?? null)
    .map((later) => allOf([...before, later]))
    .reverse();
}

function laterIn(term: OrderTerm, value: string | null): readonly Sql[] {
  const column = trusted(term.column.quoted);
  if (value === null) return term.nulls === 'first' ? [sql`${column} IS NOT NULL`] : [];
  const beyond = sql`${column} ${trusted(term.direction === 'asc' ? '>' : '<')} ${typed(term, value)}`;
  return term.nulls === 'last' && !term.column.notNull ? [beyond, sql`${column} IS NULL`] : [beyond];
}

function same(term: OrderTerm, value: string | null): Sql {
  const column = trusted(term.column.quoted);
  return value === null ? sql`${column} IS NULL` : sql`${column} = ${typed(term, value)}`;
}

function typed({ column }: OrderTerm, value: string | null): Sql {
  return sql`${value}::${trusted(column.type)}`;
}
