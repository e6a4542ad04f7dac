import { createHash } from 'node:crypto';
import type { ModelMetadata } from '../database/index.js';
import { CODEC_VERSION } from './entry-codec.js';

/**
 * Eight characters that change with what Prisma returns for these models, and with how values are written.
 *
 * @param more what the entries differ by besides
 */
export function shapeOf(models: readonly ModelMetadata[], more: readonly string[] = []): string {
  const text = [CODEC_VERSION, ...models.map((model) => model.shape), ...more].join(',');
  return createHash('sha256').update(text).digest('base64url').slice(0, 8);
}
