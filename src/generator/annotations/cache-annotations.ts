import { didYouMean } from '../closest-name.js';
import { columnNames, columnOf, type GeneratedModel, hasOneSpelling } from '../metadata-types.js';
import { type AnnotationDefinition, text, wholeNumber } from './definition.js';

const YEAR_SECONDS = 31_536_000;

/** `@holdfast.ttl(600)`: how long entities and results of queries may be cached, in seconds. */
export const ttl: AnnotationDefinition = {
  usage: '@holdfast.ttl(600)',
  standsOn: 'model',
  onViews: false,
  repeatable: false,
  apply(_target, args, settings) {
    const seconds = wholeNumber(args, 1, YEAR_SECONDS);
    if (seconds === null) return `expected a whole number of seconds, 1 to ${YEAR_SECONDS}`;
    if (settings.uncached === true) return 'the model is not cached at all, by @holdfast.uncached';
    settings.ttlSeconds = seconds;
    return null;
  },
};

/** `@holdfast.uncached`: what is always read from the database. */
export const uncached: AnnotationDefinition = {
  usage: '@holdfast.uncached, @holdfast.uncached(entities) or @holdfast.uncached(queries)',
  standsOn: 'model',
  onViews: false,
  repeatable: false,
  apply(_target, args, settings) {
    const [only] = args;
    if (args.length === 0) {
      if (settings.ttlSeconds !== undefined) return 'the model has a lifetime in the cache, by @holdfast.ttl';
      settings.uncached = true;
      return null;
    }
    if (args.length !== 1 || (only?.value !== 'entities' && only?.value !== 'queries')) {
      return 'expected no argument, or entities, or queries';
    }
    settings.uncached = only.value;
    return null;
  },
};

/** `@holdfast.tag("team:{teamId}")`: a tag that entities bear, from their own fields. */
export const tag: AnnotationDefinition = {
  usage: '@holdfast.tag("team:{teamId}")',
  standsOn: 'model',
  onViews: false,
  repeatable: true,
  apply({ model }, args, settings) {
    const template = text(args);
    if (template === null) return 'expected one string in double quotes';
    const wrong = wrongTemplate(template, model);
    if (wrong !== null) return wrong;
    if (settings.tags?.includes(template)) return 'the model has this tag already';
    settings.tags = [...(settings.tags ?? []), template];
    return null;
  },
};

function wrongTemplate(template: string, model: GeneratedModel): string | null {
  const pieces = template.split(/\{([^{}]*)\}/);
  if (pieces.length === 1) return 'it names no field. Put one in braces, as in "team:{teamId}"';
  if (pieces.some((piece, index) => index % 2 === 0 && /[{}]/.test(piece))) {
    return 'its braces do not match';
  }
  for (const [index, name] of pieces.entries()) {
    if (index % 2 === 0) continue;
    const column = columnOf(model, name);
    if (column === null)
      return `${model.name} has no column "${name}".${didYouMean(name, columnNames(model))}`;
    if (!hasOneSpelling(column)) {
      return `${name} cannot be part of a tag: expected String (text, varchar or uuid), Int, BigInt or an enum`;
    }
  }
  return null;
}
