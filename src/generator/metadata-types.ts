import type { metadataFromDmmf } from './metadata-from-dmmf.js';

/** `SchemaMetadata` as the generator makes it. */
export type GeneratedMetadata = ReturnType<typeof metadataFromDmmf>;

export type GeneratedModel = GeneratedMetadata['models'][string];

export type GeneratedField = GeneratedModel['fields'][string];

export type GeneratedColumn = Extract<GeneratedField, { readonly kind: 'scalar' }>;

/** The column of this name; null where the model has none, or a relation. */
export function columnOf(model: GeneratedModel, name: string): GeneratedColumn | null {
  const field = Object.hasOwn(model.fields, name) ? model.fields[name] : undefined;
  return field?.kind === 'scalar' ? field : null;
}

/** The names of a model's columns. */
export function columnNames(model: GeneratedModel): readonly string[] {
  return Object.entries(model.fields).flatMap(([name, { kind }]) => (kind === 'scalar' ? [name] : []));
}

/**
 * Whether one value of the column is always written in one way, so that it can be part of a key of the cache. A test holds
 * it equal to what the library says.
 */
export function hasOneSpelling({ type, isEnum, nativeType, list }: GeneratedColumn): boolean {
  if (list) return false;
  if (isEnum || type === 'Int' || type === 'BigInt') return true;
  return type === 'String' && (nativeType === null || ['Text', 'VarChar', 'Uuid'].includes(nativeType));
}
