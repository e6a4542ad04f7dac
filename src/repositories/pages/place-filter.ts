import type { OrderTerm } from './row-order.js';

/**
 * The filter for the rows that come after a place in an order: later in its first column, or equal there and later in the
 * second, and so on. PostgreSQL can use an index for the bound of the first column alone, so that is said apart.
 */
export function rowsAfter(order: readonly OrderTerm[], place: readonly unknown[]): object {
  const ranges = order.flatMap((term, index) => {
    const later = laterIn(term, place[index]);
    const same = order.slice(0, index).map((each, position) => ({ [each.field]: place[position] }));
    return later.map((condition) => ({ AND: [...same, condition] }));
  });
  const [first] = order;
  if (first === undefined || first.column.nullable) return { OR: ranges };
  const bound = first.direction === 'asc' ? 'gte' : 'lte';
  return { AND: [{ [first.field]: { [bound]: place[0] } }, { OR: ranges }] };
}

function laterIn({ field, column, direction, nulls }: OrderTerm, value: unknown): readonly object[] {
  if (value === null) return nulls === 'first' ? [{ [field]: { not: null } }] : [];
  const beyond = { [field]: { [direction === 'asc' ? 'gt' : 'lt']: value } };
  return column.nullable && nulls === 'last' ? [beyond, { [field]: null }] : [beyond];
}
