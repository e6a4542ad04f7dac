import { closestName } from '../closest-name.js';
import type { SchemaProblem } from '../errors.js';
import type { GeneratedMetadata, GeneratedModel } from '../metadata-types.js';
import type { Annotation } from './annotation.js';
import { tag, ttl, uncached } from './cache-annotations.js';
import type { AnnotationDefinition, Draft } from './definition.js';
import { scope, softDelete, version } from './field-annotations.js';
import { defaultOrder, maxPageSize } from './list-annotations.js';
import { lookup } from './lookup-annotation.js';
import type { ModelSettings } from './model-settings.js';

const DEFINITIONS: ReadonlyMap<string, AnnotationDefinition> = new Map(
  Object.entries({
    ttl,
    uncached,
    tag,
    maxPageSize,
    defaultOrder,
    lookup,
    scope,
    softDelete,
    version,
  }),
);

/** What the annotations say of each model that has any, and what is wrong with them. */
export function readSettings(
  annotations: readonly Annotation[],
  metadata: GeneratedMetadata,
): {
  readonly settings: ReadonlyMap<string, ModelSettings>;
  readonly problems: readonly SchemaProblem[];
} {
  const settings = new Map<string, Draft>();
  const seen = new Set<string>();
  const problems: SchemaProblem[] = [];
  for (const annotation of annotations) {
    const { block, field } = annotation.owner;
    const model = metadata.models[block];
    // Nothing is generated for a model that `@@ignore` hides.
    if (model === undefined) continue;
    const draft = settings.get(block) ?? {};
    settings.set(block, draft);
    const place = [block, field, annotation.name].join(' ');
    const problem = problemOf(annotation, model, seen.has(place), draft);
    if (problem === null) seen.add(place);
    else problems.push({ ...annotation.place, message: `${annotation.text}: ${problem}` });
  }
  return { settings, problems };
}

/** What is wrong with an annotation; where nothing is, its settings are in the draft afterwards. */
function problemOf(
  { name, args, owner }: Annotation,
  model: GeneratedModel,
  isRepeated: boolean,
  draft: Draft,
): string | null {
  const definition = DEFINITIONS.get(name);
  if (definition === undefined) return unknownAnnotation(name);
  const { usage, standsOn, onViews, repeatable } = definition;
  const { field } = owner;
  if (field !== null && standsOn === 'model') return `it belongs on the model, above "model ${model.name}".`;
  if (field === null && standsOn === 'field') return 'it belongs on a field.';
  if (model.readOnly && !onViews) return 'a view is never cached or written, so it says nothing of one.';
  const kind = field === null ? null : model.fields[field]?.kind;
  if (kind === undefined) return `${field} is hidden from Prisma's client, so it says nothing.`;
  if (kind === 'relation') return `${field} is a relation; it belongs on a column.`;
  if (isRepeated && !repeatable) return 'it stands here already.';
  const wrong = definition.apply({ model, field }, args, draft);
  return wrong === null ? null : `${sentence(wrong)} It is written ${usage}.`;
}

function unknownAnnotation(name: string): string {
  const names = [...DEFINITIONS.keys()];
  const close = closestName(name, names);
  const advice =
    close === null
      ? `There are: ${names.join(', ')}.`
      : `Did you mean @holdfast.${close}? It is written ${DEFINITIONS.get(close)?.usage}.`;
  return `there is no such annotation. ${advice}`;
}

function sentence(words: string): string {
  return /[.?]$/.test(words) ? words : `${words}.`;
}
