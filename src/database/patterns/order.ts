import { InvalidArgumentError } from '../../errors.js';
import { OrderNotUniqueError } from './errors.js';
import type { ColumnShape, TableShape, UniqueIndex } from './table-shape.js';

/** Ascending or descending. */
export type SortDirection = 'asc' | 'desc';

/** One column of an order. */
export interface OrderBy {
  readonly column: string;
  /** @default 'asc' */
  readonly direction?: SortDirection;
  /**
   * Where nulls stand. An index serves an order only if it was made with the same.
   * @default 'last' for 'asc', 'first' for 'desc', as in PostgreSQL
   */
  readonly nulls?: 'first' | 'last';
}

/** One column of an order with nothing left to a default. */
export interface OrderTerm {
  readonly column: ColumnShape;
  readonly direction: SortDirection;
  readonly nulls: 'first' | 'last';
}

/**
 * An order with its defaults filled in.
 *
 * @throws UnknownIdentifierError for a column that the table does not have
 * @throws InvalidArgumentError for a column named twice and for directions there are none of
 */
export function orderTerms(shape: TableShape, order: readonly OrderBy[]): readonly OrderTerm[] {
  const seen = new Set<string>();
  return order.map(({ column: name, direction = 'asc', nulls }) => {
    const column = shape.column(name);
    if (seen.has(name)) throw badOrder(`names "${name}" twice`);
    seen.add(name);
    if (direction !== 'asc' && direction !== 'desc') throw badOrder(`takes 'asc' or 'desc'`);
    if (nulls !== undefined && nulls !== 'first' && nulls !== 'last')
      throw badOrder(`takes 'first' or 'last'`);
    const usual = direction === 'asc' ? 'last' : 'first';
    // Where there are no nulls their place is nothing to ask for: an index made the usual way would not be used.
    return { column, direction, nulls: column.notNull ? usual : (nulls ?? usual) };
  });
}

/**
 * The order made to tell every two rows apart: as it is when it holds a unique index, else with the primary key after
 * it, in the direction of its last column, so that one index can serve it all.
 *
 * @throws OrderNotUniqueError when the table has no primary key, and no unique index is held
 */
export function uniqueOrder(shape: TableShape, terms: readonly OrderTerm[]): readonly OrderTerm[] {
  const named = new Set(terms.map(({ column }) => column.name));
  const isHeld = (index: UniqueIndex): boolean =>
    index.columns.every((name) => named.has(name) && (index.nullsNotDistinct || shape.column(name).notNull));
  if (shape.uniqueIndexes.some(isHeld)) return terms;
  const key = shape.primaryKey;
  if (key === null) {
    throw new OrderNotUniqueError(
      `An order of ${shape.quoted} by ${[...named].join(', ') || 'nothing'} does not tell every two rows apart, and ` +
        'there is no primary key to end it. Order by the columns of a unique index without nulls.',
      { context: { table: shape.quoted, order: [...named] } },
    );
  }
  const direction = terms.at(-1)?.direction ?? 'asc';
  const missing = key.columns.filter((name) => !named.has(name));
  return [
    ...terms,
    ...orderTerms(
      shape,
      missing.map((column) => ({ column, direction })),
    ),
  ];
}

/** The same order walked from its end. */
export function reversed(terms: readonly OrderTerm[]): readonly OrderTerm[] {
  return terms.map(({ column, direction, nulls }) => ({
    column,
    direction: direction === 'asc' ? 'desc' : 'asc',
    nulls: nulls === 'last' ? 'first' : 'last',
  }));
}

/** What stands after ORDER BY. `nameOf` gives the column's name where it is not the table's own. */
export function orderText(
  terms: readonly OrderTerm[],
  nameOf: (term: OrderTerm, index: number) => string = ({ column }) => column.quoted,
): string {
  return terms
    .map((term, index) => {
      const usual = term.direction === 'asc' ? 'last' : 'first';
      const nulls = term.nulls === usual ? '' : ` NULLS ${term.nulls.toUpperCase()}`;
      return `${nameOf(term, index)}${term.direction === 'asc' ? '' : ' DESC'}${nulls}`;
    })
    .join(', ');
}

function badOrder(reason: string): InvalidArgumentError {
  return new InvalidArgumentError(`The order cannot be used: it ${reason}.`);
}
