import type { GeneratedMetadata } from '../metadata-types.js';
import type { OutputModules } from '../output-modules.js';
import { schemaHash } from '../schema-hash.js';
import { literal, quoted } from './literal.js';
import { docComment, from, head } from './parts.js';

const FILE = 'metadata.ts';

/** `metadata.ts`: the whole schema as data. */
export function metadataModule(metadata: GeneratedMetadata, modules: OutputModules): string {
  const declaration = 'export const schemaMetadata: SchemaMetadata = ';
  return [
    head(FILE),
    from('import type', ['SchemaMetadata'], modules.library(FILE)),
    '\n',
    docComment(['Changes whenever the shape of a model does, or a model comes or goes.']),
    `export const schemaHash = ${quoted(schemaHash(metadata))};\n`,
    '\n',
    docComment(['What holdfast knows of the schema.']),
    `${declaration}${literal(metadata, '', declaration.length + 1)};\n`,
  ].join('');
}
