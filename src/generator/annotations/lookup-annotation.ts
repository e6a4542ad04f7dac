import { didYouMean } from '../closest-name.js';
import { columnNames, columnOf, type GeneratedModel } from '../metadata-types.js';
import type { AnnotationDefinition, Draft } from './definition.js';

/** `@holdfast.lookup`: a method that finds an entity by a unique field, or by a unique key of several. */
export const lookup: AnnotationDefinition = {
  usage: '@holdfast.lookup on a unique field, or @holdfast.lookup(teamId, seat) on the model',
  standsOn: 'model or field',
  onViews: true,
  repeatable: true,
  apply({ model, field }, args, settings) {
    if (field !== null) {
      return args.length > 0 ? 'expected no arguments on a field' : addLookup(model, [field], settings);
    }
    if (args.length === 0) return 'on a model, expected the fields of a unique key';
    if (args.some(({ kind }) => kind !== 'word')) return 'expected the names of fields, without quotes';
    return addLookup(
      model,
      args.map(({ value }) => value),
      settings,
    );
  },
};

function addLookup(model: GeneratedModel, fields: readonly string[], settings: Draft): string | null {
  const missing = fields.find((name) => columnOf(model, name) === null);
  if (missing !== undefined) {
    return `${model.name} has no column "${missing}".${didYouMean(missing, columnNames(model))}`;
  }
  const name = fields.join(', ');
  if (isSameKey(model.id, fields)) return `${name} is the primary key, which findById finds by`;
  if (!model.uniques.some((key) => isSameKey(key, fields))) {
    return fields.length === 1
      ? `${name} is not unique by itself. Add @unique to it, or take the annotation away`
      : `${model.name} has no @@unique([${name}])`;
  }
  const others = settings.lookups ?? [];
  if (others.some((other) => isSameKey(other, fields))) return `${model.name} has this look-up already`;
  settings.lookups = [...others, fields];
  return null;
}

/** The same fields, in any order. */
function isSameKey(key: readonly string[], fields: readonly string[]): boolean {
  return key.length === fields.length && key.every((name) => fields.includes(name));
}
