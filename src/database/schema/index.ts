export { canonicalArguments } from './canonical-arguments.js';
export { coarseMetadata } from './coarse-metadata.js';
export type { ModelEffect, WriteEffects, WriteOperation } from './effects.js';
export { idTypesOf, type KeyPart, type KeyType, keyTypeOf } from './entity-key.js';
export { modelOf, reachableModels, schemaFingerprint } from './model-lookup.js';
export type { NamedRow } from './named-row.js';
export { namedRows } from './named-rows.js';
export { readDependencies, seesOnlyMatchingRows } from './read-dependencies.js';
export type {
  EnumValue,
  FieldMetadata,
  ModelMetadata,
  ReferentialAction,
  RelationField,
  ScalarField,
  SchemaMetadata,
} from './schema-metadata.js';
export { snapshotArguments } from './snapshot-arguments.js';
export { writeEffects } from './write-effects.js';
