import type { ModelMetadata, RelationField, SchemaMetadata } from './schema-metadata.js';

/** One relation, seen from one of its two sides. */
export interface IndexedRelation {
  readonly field: RelationField;
  readonly target: string;
  /** Where the relation is written down: in rows of this side, of the other side, or in a table of its own. */
  readonly kept: 'here' | 'there' | 'joinTable' | 'unknown';
  /** The fields of the foreign key, on whichever side holds it. */
  readonly key: readonly string[];
  /** Where rows of the other side hold the foreign key: each field of it, and the field of this side that it names. */
  readonly heldThere: readonly (readonly [field: string, reference: string])[];
  /** True as well where the other side is hidden, so that it is not known. */
  readonly oneToOne: boolean;
}

/** The relations of one model, by the name of their fields. */
export function indexRelations(
  metadata: SchemaMetadata,
  model: ModelMetadata,
): ReadonlyMap<string, IndexedRelation> {
  const relations = new Map<string, IndexedRelation>();
  for (const [name, field] of Object.entries(model.fields)) {
    if (field.kind === 'relation') relations.set(name, seenFrom(field, oppositeOf(metadata, model, name)));
  }
  return relations;
}

/** The field on the other side; undefined where the schema hides it with `@ignore`. */
export function oppositeOf(
  metadata: SchemaMetadata,
  model: ModelMetadata,
  fieldName: string,
): RelationField | undefined {
  const field = model.fields[fieldName];
  if (field?.kind !== 'relation') return undefined;
  for (const [name, candidate] of Object.entries(metadata.models[field.model]?.fields ?? {})) {
    if (candidate.kind !== 'relation') continue;
    const isItself = field.model === model.name && name === fieldName;
    if (!isItself && candidate.name === field.name && candidate.model === model.name) return candidate;
  }
  return undefined;
}

function seenFrom(field: RelationField, opposite: RelationField | undefined): IndexedRelation {
  const here = field.fields.length > 0;
  const there = (opposite?.fields.length ?? 0) > 0;
  const kept = here && there ? 'unknown' : here ? 'here' : there ? 'there' : joinTableOr(field);
  return {
    field,
    target: field.model,
    kept,
    key: here ? field.fields : (opposite?.fields ?? []),
    heldThere: (opposite?.fields ?? []).map((name, index) => [name, opposite?.references[index] ?? '']),
    oneToOne: !field.list && opposite?.list !== true,
  };
}

function joinTableOr(field: RelationField): 'joinTable' | 'unknown' {
  return field.joinTable === null ? 'unknown' : 'joinTable';
}
