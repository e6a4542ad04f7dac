import { InvalidArgumentError } from '../../errors.js';
import { type LikePlace, likePattern } from './like-pattern.js';
import { joinSql, Sql, sql, trusted } from './sql.js';
import type { ColumnShape, TableShape } from './table-shape.js';
import { arrayLiteral, toText } from './values.js';

/** What is asked of one column; several are all asked. A value alone means `equals`, and null means "is null". */
export interface ColumnConditions {
  readonly equals?: unknown;
  readonly not?: unknown;
  readonly in?: readonly unknown[];
  readonly notIn?: readonly unknown[];
  readonly lt?: unknown;
  readonly lte?: unknown;
  readonly gt?: unknown;
  readonly gte?: unknown;
  readonly contains?: string;
  readonly startsWith?: string;
  readonly endsWith?: string;
  /** How `contains`, `startsWith` and `endsWith` compare. @default 'sensitive' */
  readonly mode?: 'sensitive' | 'insensitive';
}

/** Which rows: conditions by column, all of which hold. `$or`, `$and` and `$not` combine others. */
export interface Filter {
  readonly [column: string]: unknown;
  readonly $or?: readonly (Filter | Sql)[];
  readonly $and?: readonly (Filter | Sql)[];
  readonly $not?: Filter | Sql;
}

const COMPARISONS: Readonly<Record<string, string>> = { lt: '<', lte: '<=', gt: '>', gte: '>=' };
const PLACES: readonly string[] = ['contains', 'startsWith', 'endsWith'];

/**
 * The filter as a condition; `true` where it asks nothing. An `Sql` made by the caller is put in as it is.
 *
 * @throws UnknownIdentifierError for a column that the table does not have
 * @throws InvalidArgumentError for a condition there is none of, and for values that cannot be sent
 */
export function filterSql(shape: TableShape, filter: Filter | Sql | undefined): Sql {
  if (filter === undefined) return trusted('true');
  if (filter instanceof Sql) return sql`(${filter})`;
  const conditions = Object.entries(filter).map(([name, asked]) => {
    if (name === '$or') return combined(shape, name, asked, ' OR ', 'false');
    if (name === '$and') return combined(shape, name, asked, ' AND ', 'true');
    if (name === '$not') return sql`NOT ${filterSql(shape, filters(name, [asked])[0])}`;
    return columnSql(shape.column(name), asked);
  });
  return allOf(conditions);
}

/** Conditions that all hold; `true` where there are none. */
export function allOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? trusted('true') : sql`(${joinSql(conditions, ' AND ')})`;
}

function combined(shape: TableShape, name: string, asked: unknown, operator: string, none: string): Sql {
  const parts = filters(name, asked).map((filter) => filterSql(shape, filter));
  return parts.length === 0 ? trusted(none) : sql`(${joinSql(parts, operator)})`;
}

function filters(name: string, asked: unknown): readonly (Filter | Sql)[] {
  const isFilter = (each: unknown): each is Filter | Sql => each instanceof Sql || isPlainObject(each);
  if (Array.isArray(asked) && asked.every(isFilter)) return asked;
  throw new InvalidArgumentError(`${name} combines filters, and was given something else.`, {
    context: { operator: name },
  });
}

function columnSql(column: ColumnShape, asked: unknown): Sql {
  if (!isPlainObject(asked)) return equals(column, asked);
  const { mode, ...conditions } = asked;
  if (mode !== undefined && mode !== 'sensitive' && mode !== 'insensitive') {
    throw badCondition(column, 'mode', "it is 'sensitive' or 'insensitive'");
  }
  const entries = Object.entries(conditions);
  if (entries.length === 0) throw badCondition(column, '{}', 'it asks nothing');
  return allOf(entries.map(([name, value]) => conditionSql(column, name, value, mode === 'insensitive')));
}

function conditionSql(column: ColumnShape, name: string, value: unknown, insensitive: boolean): Sql {
  const quoted = trusted(column.quoted);
  const comparison = COMPARISONS[name];
  if (comparison !== undefined) {
    if (value === null) throw badCondition(column, name, 'null is neither less nor more');
    return sql`${quoted} ${trusted(comparison)} ${toText(value, column)}`;
  }
  if (PLACES.includes(name)) return likeSql(column, name as LikePlace, value, insensitive);
  switch (name) {
    case 'equals':
      return equals(column, value);
    case 'not':
      return value === null
        ? sql`${quoted} IS NOT NULL`
        : sql`${quoted} IS DISTINCT FROM ${toText(value, column)}`;
    case 'in':
      return anyOf(column, name, value);
    case 'notIn':
      return sql`${anyOf(column, name, value)} IS NOT TRUE`;
    default:
      throw badCondition(column, name, 'there is no such condition');
  }
}

function equals(column: ColumnShape, value: unknown): Sql {
  const quoted = trusted(column.quoted);
  return value === null ? sql`${quoted} IS NULL` : sql`${quoted} = ${toText(value, column)}`;
}

function anyOf(column: ColumnShape, name: string, values: unknown): Sql {
  if (!Array.isArray(values)) throw badCondition(column, name, 'it takes an array');
  // An array of arrays would be flattened by the server.
  if (column.category === 'A') throw badCondition(column, name, 'the column holds arrays');
  const texts = values.filter((value) => value !== null).map((value: unknown) => toText(value, column));
  const listed = sql`${trusted(column.quoted)} = ANY (${arrayLiteral(texts)}::${trusted(column.type)}[])`;
  return texts.length === values.length ? listed : sql`(${listed} OR ${trusted(column.quoted)} IS NULL)`;
}

function likeSql(column: ColumnShape, place: LikePlace, value: unknown, insensitive: boolean): Sql {
  if (typeof value !== 'string') throw badCondition(column, place, 'it takes a text');
  if (!isTextual(column)) throw badCondition(column, place, `the column is of type ${column.type}`);
  const operator = trusted(insensitive ? 'ILIKE' : 'LIKE');
  return sql`${trusted(column.quoted)} ${operator} ${likePattern(toText(value, column) ?? '', place)}`;
}

/** Whether LIKE can be asked of a column. */
export function isTextual(column: ColumnShape): boolean {
  return column.category === 'S';
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function badCondition(column: ColumnShape, condition: string, reason: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `The condition "${condition}" on column "${column.name}" cannot be used: ${reason}.`,
    {
      context: { column: column.name, condition },
    },
  );
}
