import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PrismaClientClass, PrismaClientLike, SchemaMetadata } from '../../../src/database/index.js';
import type { Dmmf } from '../../../src/generator/dmmf.js';
import type { DefinedRepositoryFactory, RepositoryClasses } from '../../../src/repositories/index.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PARENT = path.join(ROOT, '.holdfast/test-clients/generated');
const DMMF_GENERATOR = fileURLToPath(new URL('../prisma/write-dmmf.mjs', import.meta.url));
const GENERATORS = `
generator client {
  provider            = "prisma-client"
  output              = "./client"
  moduleFormat        = "cjs"
  importFileExtension = "js"
  runtime             = "nodejs"
  previewFeatures     = ["views"]
}

generator holdfast {
  provider = "node --import tsx src/generator/bin.ts"
  output   = "./holdfast"
  library  = "../../../../src/index.js"
}

generator dmmf {
  provider = ${JSON.stringify(`node ${JSON.stringify(DMMF_GENERATOR)}`)}
  output   = "./dmmf"
}
`;

/** What the generated `index` exports. */
export interface GeneratedIndex {
  readonly repositories: RepositoryClasses;
  readonly schemaMetadata: SchemaMetadata;
  readonly schemaHash: string;
  readonly GeneratedRepositoryFactory: DefinedRepositoryFactory<RepositoryClasses, PrismaClientLike>;
}

/** What Prisma's generated module exports, as far as it is used here. */
export interface GeneratedClientModule {
  readonly PrismaClient: PrismaClientClass<PrismaClientLike>;
  readonly Prisma: Readonly<Record<string, unknown>>;
}

/** What `prisma generate` made of a schema: Prisma's client, and the repositories on it. */
export interface GeneratedRepositories {
  readonly schemaFile: string;
  readonly dmmf: Dmmf;
  readonly index: GeneratedIndex;
  readonly client: GeneratedClientModule;
  /** Deletes all of it. */
  remove(): Promise<void>;
}

/**
 * Runs `prisma generate` on a schema that has no generator blocks, with Prisma's generator of clients and that of this
 * checkout, and loads what they wrote. The folder lies inside the repository, since both import from it.
 */
export async function generateRepositories(schema: string): Promise<GeneratedRepositories> {
  await mkdir(PARENT, { recursive: true });
  const folder = await mkdtemp(path.join(PARENT, 'repositories-'));
  const remove = () => rm(folder, { recursive: true });
  const schemaFile = path.join(folder, 'schema.prisma');
  try {
    await writeFile(schemaFile, GENERATORS + schema);
    await runGenerators(schemaFile);
    return {
      schemaFile,
      dmmf: JSON.parse(await readFile(path.join(folder, 'dmmf/dmmf.json'), 'utf8')),
      index: await import(path.join(folder, 'holdfast/index.ts')),
      client: await import(path.join(folder, 'client/client.ts')),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function runGenerators(schemaFile: string): Promise<void> {
  const prisma = createRequire(import.meta.url).resolve('prisma/build/index.js');
  await promisify(execFile)(process.execPath, [prisma, 'generate', '--no-hints', '--schema', schemaFile], {
    cwd: ROOT,
    env: { ...process.env, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
    maxBuffer: 64 * 1024 * 1024,
  });
}
