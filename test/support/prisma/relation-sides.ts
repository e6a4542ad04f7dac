import type { ModelMetadata, RelationField, SchemaMetadata } from '../../../src/database/index.js';

/** A relation as a writer of nested data needs to know it. */
export interface RelationSide {
  readonly name: string;
  readonly field: RelationField;
  readonly target: ModelMetadata;
  /** The name of the field of `target` that leads back. */
  readonly back: string;
  readonly isJoined: boolean;
  /** Whether Prisma lets rows be parted: not where a foreign key is required. */
  readonly canPart: boolean;
}

/** The relations of one model. Works them out on its own, not with the code that is to be tested with them. */
export function relationSides(metadata: SchemaMetadata, model: ModelMetadata): readonly RelationSide[] {
  return Object.entries(model.fields).flatMap(([name, field]): RelationSide[] => {
    const target = field.kind === 'relation' ? metadata.models[field.model] : undefined;
    if (field.kind !== 'relation' || target === undefined) return [];
    const opposite = Object.entries(target.fields).find(
      ([other, candidate]) =>
        candidate.kind === 'relation' &&
        candidate.name === field.name &&
        (target !== model || other !== name),
    );
    if (opposite === undefined) return [];
    const [back, other] = opposite as [string, RelationField];
    const holder = field.fields.length > 0 ? field : other;
    const isJoined = field.joinTable !== null;
    return [{ name, field, target, back, isJoined, canPart: isJoined || holder.nullable }];
  });
}
