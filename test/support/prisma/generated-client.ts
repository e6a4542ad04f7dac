import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Dmmf } from '../../../src/generator/dmmf.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const DMMF_GENERATOR = fileURLToPath(new URL('write-dmmf.mjs', import.meta.url));
const GENERATORS = `
generator client {
  provider            = "prisma-client"
  output              = "./client"
  moduleFormat        = "cjs"
  importFileExtension = "js"
  runtime             = "nodejs"
}

generator dmmf {
  provider = ${JSON.stringify(`node ${JSON.stringify(DMMF_GENERATOR)}`)}
  output   = "./dmmf"

  previewFeatures = ["views"]
}
`;

/** What `prisma generate` made of a schema. */
export interface GeneratedClient {
  readonly schemaFile: string;
  readonly dmmf: Dmmf;
  /** Loads the module with `PrismaClient` and `Prisma`, which no compiler has seen. */
  load(): Promise<Record<string, unknown>>;
  /** Deletes all of it. */
  remove(): Promise<void>;
}

/**
 * Runs `prisma generate` on a schema that has no generator blocks, in a folder of its own; without a client it takes about
 * a second, with one two. The folder lies inside the repository, since the client imports Prisma's runtime.
 */
export async function generateClient(
  schema: string,
  { client = true }: { readonly client?: boolean } = {},
): Promise<GeneratedClient> {
  const parent = path.join(ROOT, '.holdfast/test-clients/generated');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(parent, 'schema-'));
  const schemaFile = path.join(folder, 'schema.prisma');
  await writeFile(schemaFile, GENERATORS + schema);
  const remove = () => rm(folder, { recursive: true });
  try {
    await runGenerators(schemaFile, client ? ['client', 'dmmf'] : ['dmmf']);
    return {
      schemaFile,
      dmmf: JSON.parse(await readFile(path.join(folder, 'dmmf/dmmf.json'), 'utf8')),
      load: () => import(path.join(folder, 'client/client.ts')),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function runGenerators(schemaFile: string, names: readonly string[]): Promise<void> {
  const chosen = names.flatMap((name) => ['--generator', name]);
  await promisify(execFile)(
    process.execPath,
    [prismaCommand(), 'generate', '--no-hints', '--schema', schemaFile, ...chosen],
    { cwd: ROOT, env: { ...process.env, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' } },
  );
}

function prismaCommand(): string {
  return createRequire(import.meta.url).resolve('prisma/build/index.js');
}

/** The models of a schema file, without its generator blocks. */
export async function schemaWithoutGenerators(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replaceAll(/^generator \w+ \{[^}]*\}/gm, '');
}
