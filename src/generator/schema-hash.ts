import { createHash } from 'node:crypto';
import type { GeneratedMetadata } from './metadata-types.js';

/**
 * Changes whenever the shape of a model does, or a model comes or goes. A test holds it equal to `schemaFingerprint` of the
 * library, from which the generator stands apart.
 */
export function schemaHash({ models }: GeneratedMetadata): string {
  const shapes = Object.entries(models)
    .map(([name, { shape }]) => [name, shape])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(shapes)).digest('base64url').slice(0, 12);
}
