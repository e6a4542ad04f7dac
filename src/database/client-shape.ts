import { createHash } from 'node:crypto';
import type { SchemaMetadata } from './schema/schema-metadata.js';

/** An extension of a client, and those before it. Prisma 7 documents none of this. */
interface ExtensionLayer {
  readonly extension?: { readonly result?: unknown; readonly query?: unknown };
  readonly previous?: ExtensionLayer;
}

interface ShapingClient {
  readonly _extensions?: { readonly head?: ExtensionLayer };
  readonly _globalOmit?: unknown;
}

/**
 * What a client does to the rows that it returns, beyond their model: extensions of results and queries, fields that it
 * always omits. A text that changes with it, as far as the source of its functions tells; empty for a plain client.
 */
export function clientShape(client: object): string {
  const { _extensions: extensions, _globalOmit: omitted } = client as ShapingClient;
  const layers: string[] = [];
  for (let layer = extensions?.head; layer !== undefined; layer = layer.previous) {
    const { result, query } = layer.extension ?? {};
    if (result !== undefined || query !== undefined) layers.push(sourceOf([result, query], new Set()));
  }
  if (omitted !== undefined) layers.push(sourceOf(omitted, new Set()));
  return layers.length === 0 ? '' : createHash('sha256').update(layers.join('\n')).digest('base64url');
}

/** The metadata under which a cache keeps what this client returns: what another returns is then of another shape. */
export function shapedBy(shape: string, metadata: SchemaMetadata): SchemaMetadata {
  if (shape === '') return metadata;
  const models = Object.entries(metadata.models).map(
    ([name, model]) => [name, { ...model, shape: `${model.shape}.${shape}` }] as const,
  );
  return { ...metadata, models: Object.fromEntries(models) };
}

function sourceOf(value: unknown, around: ReadonlySet<object>): string {
  if (typeof value === 'function') return String(value);
  if (typeof value !== 'object' || value === null) return `${typeof value}:${String(value)}`;
  if (around.has(value)) return '';
  const inside = new Set([...around, value]);
  const entries = Object.entries(value).map(([key, inner]) => `${key}=${sourceOf(inner, inside)}`);
  return `{${entries.sort().join(',')}}`;
}
