import { columnOf, type GeneratedColumn, hasOneSpelling } from '../metadata-types.js';
import type { AnnotationDefinition, Draft } from './definition.js';

/** An annotation that makes a field serve as an option of the repository, which one field of a model can. */
function fieldOption(
  option: 'scope' | 'softDelete' | 'version',
  onViews: boolean,
  expected: string,
  fits: (column: GeneratedColumn) => boolean,
): AnnotationDefinition {
  return {
    usage: `@holdfast.${option}, without arguments`,
    standsOn: 'field',
    onViews,
    repeatable: false,
    apply({ model, field }, args, settings: Draft) {
      if (args.length > 0) return 'expected no arguments';
      const column = field === null ? null : columnOf(model, field);
      if (field === null || column === null || !fits(column))
        return `expected a field of the type ${expected}`;
      const other = settings[option];
      if (other !== undefined) return `${model.name} has it on the field ${other} already`;
      settings[option] = field;
      return null;
    },
  };
}

/** `@holdfast.scope`: the field whose value every call is confined to. */
export const scope = fieldOption(
  'scope',
  true,
  'String (text, varchar or uuid), Int, BigInt or an enum, which is required',
  (column) => !column.nullable && hasOneSpelling(column),
);

/** `@holdfast.softDelete`: the field that `delete` sets. */
export const softDelete = fieldOption(
  'softDelete',
  true,
  'DateTime?',
  ({ type, nullable, list }) => type === 'DateTime' && nullable && !list,
);

/** `@holdfast.version`: the field that every update increments. */
export const version = fieldOption(
  'version',
  false,
  'Int, which is required',
  ({ type, nullable, list }) => type === 'Int' && !nullable && !list,
);
