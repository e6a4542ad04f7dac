import path from 'node:path';
import type { GeneratorBlock } from '../generator-input.js';
import type { SchemaFile } from './schema-files.js';
import { splitLine } from './split-line.js';

const SETTING = /^(\w+)\s*=\s*"((?:[^"\\]|\\.)*)"$/;

/** The `generator` blocks in these files, as far as their settings are plain strings. */
export function generatorBlocksIn(files: readonly SchemaFile[]): readonly GeneratorBlock[] {
  return files.flatMap((file) => blocksIn(file));
}

function blocksIn({ path: file, text }: SchemaFile): GeneratorBlock[] {
  const blocks: GeneratorBlock[] = [];
  let open: { readonly name: string; readonly settings: Record<string, string> } | null = null;
  for (const line of text.split(/\r?\n/)) {
    const { code } = splitLine(line, false);
    const name: string | undefined = /^generator\s+([\w-]+)\s*\{/.exec(code)?.[1];
    if (name !== undefined) open = { name, settings: {} };
    else if (open !== null && code.startsWith('}')) {
      blocks.push(blockOf(file, open.name, open.settings));
      open = null;
    } else {
      const [, key, value] = SETTING.exec(code) ?? [];
      if (open !== null && key !== undefined && value !== undefined) {
        open.settings[key] = value.replaceAll(/\\(.)/g, '$1');
      }
    }
  }
  return blocks;
}

function blockOf(file: string, name: string, settings: Readonly<Record<string, string>>): GeneratorBlock {
  const { provider, output, ...config } = settings;
  return {
    name,
    provider: { value: provider ?? null },
    output: output === undefined ? null : { value: path.resolve(path.dirname(file), output) },
    isCustomOutput: output !== undefined,
    config,
    sourceFilePath: file,
  };
}
