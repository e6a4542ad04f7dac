import { createHash } from 'node:crypto';
import type { DmmfEnum, DmmfField, DmmfModel } from './dmmf.js';

/** The enums of a schema, by name. */
export type Enums = ReadonlyMap<string, DmmfEnum>;

/**
 * A hash over all that decides what Prisma returns for the scalar fields of a row, and by which key: where the row lies,
 * and of each field its column, its type with the native type's arguments, and an enum's values. The order of the fields
 * in the schema, comments, defaults, indexes and relations change nothing.
 */
export function shapeHash(model: DmmfModel, id: readonly string[], enums: Enums): string {
  const fields = model.fields
    .filter(({ kind }) => kind !== 'object')
    .map((field) => [
      field.name,
      field.dbName ?? field.name,
      field.type,
      field.isList,
      field.isRequired,
      nativeTypeOf(field),
      (enums.get(field.type)?.values ?? []).map(({ name, dbName }) => [name, dbName ?? name]).sort(),
    ])
    .sort();
  const shape = JSON.stringify([model.dbName ?? model.name, model.schema ?? null, id, fields]);
  return createHash('sha256').update(shape).digest('base64url').slice(0, 12);
}

function nativeTypeOf({ nativeType }: DmmfField): readonly string[] {
  return nativeType ? [nativeType[0], ...nativeType[1]] : [];
}
