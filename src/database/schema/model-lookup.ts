import { createHash } from 'node:crypto';
import { indexOf } from './schema-index.js';
import type { ModelMetadata, SchemaMetadata } from './schema-metadata.js';

/** @throws WiringError when the schema has no such model */
export function modelOf(metadata: SchemaMetadata, model: string): ModelMetadata {
  return indexOf(metadata).model(model).metadata;
}

/** The model itself and every model that relations lead to from it, over any number of steps; sorted. */
export function reachableModels(metadata: SchemaMetadata, model: string): readonly string[] {
  return indexOf(metadata).reachableFrom(model);
}

/** Changes whenever the shape of a model does, or a model comes or goes. */
export function schemaFingerprint(metadata: SchemaMetadata): string {
  const shapes = Object.entries(metadata.models)
    .map(([name, { shape }]) => [name, shape])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(shapes)).digest('base64url').slice(0, 12);
}

/** Whether rows of it may hold Bytes: the only values that cannot be frozen. */
export function hasBytes(model: ModelMetadata): boolean {
  return Object.values(model.fields).some((field) => field.kind === 'scalar' && field.type === 'Bytes');
}
