import { didYouMean } from '../closest-name.js';
import { columnNames, columnOf } from '../metadata-types.js';
import { type AnnotationDefinition, text, wholeNumber } from './definition.js';

const MOST_ROWS = 1_000_000;

/** `@holdfast.maxPageSize(200)`: the most rows that a page gives. */
export const maxPageSize: AnnotationDefinition = {
  usage: '@holdfast.maxPageSize(200)',
  standsOn: 'model',
  onViews: true,
  repeatable: false,
  apply(_target, args, settings) {
    const rows = wholeNumber(args, 1, MOST_ROWS);
    if (rows === null) return `expected a whole number of rows, 1 to ${MOST_ROWS}`;
    settings.maxPageSize = rows;
    return null;
  },
};

const TERM = /^([A-Za-z]\w*)(?:\s+(asc|desc))?$/;

/** `@holdfast.defaultOrder("createdAt desc, id")`: the order of lists where a call names none. */
export const defaultOrder: AnnotationDefinition = {
  usage: '@holdfast.defaultOrder("createdAt desc, id")',
  standsOn: 'model',
  onViews: true,
  repeatable: false,
  apply({ model }, args, settings) {
    const order = new Map<string, 'asc' | 'desc'>();
    const given = text(args);
    if (given === null) return 'expected one string in double quotes';
    for (const term of given.split(',')) {
      const [, name, direction = 'asc'] = TERM.exec(term.trim()) ?? [];
      if (name === undefined)
        return `expected a column and perhaps asc or desc behind it, not "${term.trim()}"`;
      const column = columnOf(model, name);
      if (column === null)
        return `${model.name} has no column "${name}".${didYouMean(name, columnNames(model))}`;
      if (column.list || column.type === 'Json')
        return `lists cannot be ordered by ${name}, a ${column.type}`;
      if (order.has(name)) return `it names ${name} twice`;
      order.set(name, direction === 'desc' ? 'desc' : 'asc');
    }
    settings.defaultOrder = [...order].map(([name, direction]) => ({ [name]: direction }));
    return null;
  },
};
