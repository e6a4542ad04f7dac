import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SchemaNotUsableError, type SchemaProblem } from '../../../src/generator/errors.js';
import { generate } from '../../../src/generator/generate.js';
import type { GeneratorInput } from '../../../src/generator/generator-input.js';
import { generateClient } from '../prisma/generated-client.js';

/** A schema as Prisma hands it to the generator, in this process. */
export interface ParsedSchema {
  readonly text: string;
  readonly input: GeneratorInput;
  /** The folder that is generated into. */
  readonly output: string;
  remove(): Promise<void>;
}

/** Has Prisma parse a schema without `generator` blocks; about a second. */
export async function parseSchema(text: string): Promise<ParsedSchema> {
  const { dmmf, remove } = await generateClient(text, { client: false });
  await remove();
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-generator-'));
  const schemaPath = path.join(folder, 'schema.prisma');
  await writeFile(schemaPath, text);
  const output = path.join(folder, 'holdfast');
  const block = { config: {}, sourceFilePath: schemaPath, isCustomOutput: true };
  return {
    text,
    output,
    input: {
      generator: {
        ...block,
        name: 'holdfast',
        provider: { value: 'holdfast-generator' },
        output: { value: output },
      },
      otherGenerators: [
        {
          ...block,
          name: 'client',
          provider: { value: 'prisma-client' },
          output: { value: path.join(folder, 'client') },
        },
      ],
      schemaPath,
      dmmf,
      datasources: [{ activeProvider: 'postgresql' }],
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

/** What the generator finds wrong with a schema. */
export function problemsOf(input: GeneratorInput): readonly SchemaProblem[] {
  try {
    generate(input);
  } catch (error) {
    if (error instanceof SchemaNotUsableError) return error.problems;
    throw error;
  }
  return [];
}
