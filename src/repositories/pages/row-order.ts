import type { ModelMetadata, ScalarField } from '../../database/index.js';
import { InvalidArgumentError } from '../../errors.js';

/** One column of an order of rows. */
export interface OrderTerm {
  readonly field: string;
  readonly column: ScalarField;
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last';
}

const NOT_ORDERED = new Set(['Json', 'Bytes']);
/** Types whose values JavaScript holds exactly, and which Prisma compares. */
const EXACT = new Set(['Int', 'BigInt', 'String', 'Decimal', 'Float', 'DateTime']);
/** JavaScript's dates are exact to the millisecond. */
const EXACT_DIGITS = 3;

/**
 * The order in which a query gives rows, with the key after it where it does not tell every two rows apart.
 *
 * @throws InvalidArgumentError when it names what a page by cursor cannot be ordered by, such as a relation
 */
export function rowOrder(model: ModelMetadata, orderBy: unknown): readonly OrderTerm[] {
  const asked = (Array.isArray(orderBy) ? orderBy : [orderBy ?? {}]).flatMap((item: object) =>
    Object.entries(item).flatMap(([field, value]) =>
      value === undefined ? [] : [term(model, field, value)],
    ),
  );
  if (isUnique(model, asked)) return asked;
  if (model.id.length === 0) {
    throw new InvalidArgumentError(
      `${model.name} has no unique key, so a page by cursor needs an order by one: use findPage.`,
    );
  }
  const named = new Set(asked.map(({ field }) => field));
  const direction = asked.at(-1)?.direction ?? 'asc';
  return [
    ...asked,
    ...model.id.filter((field) => !named.has(field)).map((field) => term(model, field, direction)),
  ];
}

/** Whether a place in this order can be said by the values that a row has there. */
export function isExact(order: readonly OrderTerm[]): boolean {
  return order.every(({ column: { type, isEnum, nativeType, precision } }) => {
    if (isEnum || !EXACT.has(type) || nativeType === 'Real') return false;
    return type !== 'DateTime' || (precision !== null && precision <= EXACT_DIGITS);
  });
}

export function reversed(order: readonly OrderTerm[]): readonly OrderTerm[] {
  return order.map((each) => ({
    ...each,
    direction: each.direction === 'asc' ? 'desc' : 'asc',
    nulls: each.nulls === 'first' ? 'last' : 'first',
  }));
}

/** As Prisma takes it. */
export function orderByOf(order: readonly OrderTerm[]): readonly object[] {
  return order.map(({ field, column, direction, nulls }) => ({
    [field]: column.nullable ? { sort: direction, nulls } : direction,
  }));
}

function term(model: ModelMetadata, field: string, value: unknown): OrderTerm {
  const column = model.fields[field];
  if (column?.kind !== 'scalar' || column.list || NOT_ORDERED.has(column.type)) {
    throw new InvalidArgumentError(
      `A page by cursor cannot be ordered by ${model.name}.${field}: name columns of the model itself, or use findPage.`,
      { context: { model: model.name, field } },
    );
  }
  const { sort, nulls } = (typeof value === 'object' && value !== null ? value : { sort: value }) as {
    readonly sort?: unknown;
    readonly nulls?: unknown;
  };
  if (sort !== 'asc' && sort !== 'desc') {
    throw new InvalidArgumentError(
      `The order by ${model.name}.${field} is "asc" or "desc", not ${String(sort)}.`,
    );
  }
  // PostgreSQL takes null for the largest.
  const usual = sort === 'asc' ? 'last' : 'first';
  return { field, column, direction: sort, nulls: nulls === 'first' || nulls === 'last' ? nulls : usual };
}

function isUnique({ id, uniques }: ModelMetadata, order: readonly OrderTerm[]): boolean {
  const sure = new Set(order.filter(({ column }) => !column.nullable).map(({ field }) => field));
  return [id, ...uniques].some((key) => key.length > 0 && key.every((field) => sure.has(field)));
}
