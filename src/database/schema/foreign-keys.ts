import { oppositeOf } from './indexed-relation.js';
import type { ModelMetadata, ReferentialAction, RelationField, SchemaMetadata } from './schema-metadata.js';

/** A foreign key: rows of `holder` name rows of `target`. */
export interface ForeignKey {
  readonly holder: string;
  readonly target: string;
  readonly fields: readonly string[];
  readonly references: readonly string[];
  /** Known, field by field and with its actions, rather than all that it might be. */
  readonly isExact: boolean;
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
}

/** Every foreign key of the schema. */
export function foreignKeysOf(metadata: SchemaMetadata): readonly ForeignKey[] {
  return Object.values(metadata.models).flatMap((model) =>
    Object.entries(model.fields).flatMap(([name, field]): ForeignKey[] => {
      if (field.kind !== 'relation') return [];
      const opposite = oppositeOf(metadata, model, name);
      if (field.fields.length > 0) return [held(model.name, field, opposite)];
      const isHidden = field.joinTable === null && opposite === undefined;
      return isHidden ? [supposed(metadata.models[field.model], model)] : [];
    }),
  );
}

function held(holder: string, side: RelationField, opposite: RelationField | undefined): ForeignKey {
  return {
    holder,
    target: side.model,
    fields: side.fields,
    references: side.references,
    isExact: opposite === undefined || opposite.fields.length === 0,
    onDelete: side.onDelete ?? 'Cascade',
    onUpdate: side.onUpdate ?? 'Cascade',
  };
}

/** The foreign key of a side that the schema hides with `@ignore`: it may be any fields, and cascade. */
function supposed(holder: ModelMetadata | undefined, target: ModelMetadata): ForeignKey {
  return {
    holder: holder?.name ?? target.name,
    target: target.name,
    fields: scalarNames(holder ?? target),
    references: scalarNames(target),
    isExact: false,
    onDelete: 'Cascade',
    onUpdate: 'Cascade',
  };
}

/** The names of the fields that are columns. */
export function scalarNames(model: ModelMetadata): readonly string[] {
  return Object.entries(model.fields).flatMap(([name, { kind }]) => (kind === 'scalar' ? [name] : []));
}
