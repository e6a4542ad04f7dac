import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BIN = path.join(ROOT, 'src/generator/bin.ts');
const LIBRARY = path.join(ROOT, 'src/domain/library.js');

/** How the generated code is to be made. */
export interface CodeProjectOptions {
  /** Further lines of the client's `generator` block. */
  readonly client?: string;
  /** @default 'prisma-client' */
  readonly clientProvider?: string;
  /** Further lines of holdfast's `generator` block. */
  readonly holdfast?: string;
  /**
   * A built package that the code imports as 'holdfast'.
   *
   * @default none: the code imports the library's source
   */
  readonly packageFolder?: string;
}

/** What a program printed, and whether it ended well. */
export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/** A folder with a Prisma schema, and what its generators make of it: a client in src/client, repositories in src/holdfast. */
export class CodeProject {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Makes the folder and generates nothing yet. It lies inside the repository, so that what is generated finds its packages.
   *
   * @param schema a schema without `generator` blocks, or several files of one by their names
   */
  static async create(
    schema: string | Readonly<Record<string, string>>,
    options: CodeProjectOptions = {},
  ): Promise<CodeProject> {
    const parent = path.join(ROOT, '.holdfast/test-projects');
    await mkdir(parent, { recursive: true });
    const project = new CodeProject(await mkdtemp(path.join(parent, 'project-')));
    const files = typeof schema === 'string' ? { 'schema.prisma': schema } : schema;
    for (const [name, text] of Object.entries(files)) await project.write(`prisma/${name}`, text);
    await project.write('prisma/generators.prisma', generators(project.folder, options));
    if (options.packageFolder !== undefined) {
      await mkdir(path.join(project.folder, 'node_modules'));
      await symlink(options.packageFolder, path.join(project.folder, 'node_modules/holdfast'));
    }
    return project;
  }

  /** Runs `prisma generate`, with further arguments. */
  generate(...args: readonly string[]): Promise<Outcome> {
    const prisma = createRequire(import.meta.url).resolve('prisma/build/index.js');
    const schema = path.join(this.folder, 'prisma');
    return runNode([prisma, 'generate', '--no-hints', '--schema', schema, ...args]);
  }

  /** Runs it, and fails where it fails. */
  async generated(...args: readonly string[]): Promise<void> {
    const { ok, output } = await this.generate(...args);
    if (!ok) throw new Error(output);
  }

  /** The absolute path of a file in src/holdfast. */
  output(file = ''): string {
    return path.join(this.folder, 'src/holdfast', file);
  }

  /** What was generated for holdfast, by its path in the output folder. */
  async outputFiles(): Promise<Readonly<Record<string, string>>> {
    const names = await readdir(this.output(), { recursive: true, withFileTypes: true });
    const paths = names
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const contents = await Promise.all(
      paths.sort().map(async (file) => [file, await readFile(file, 'utf8')] as const),
    );
    return Object.fromEntries(contents.map(([file, text]) => [path.relative(this.output(), file), text]));
  }

  async write(file: string, text: string): Promise<void> {
    const target = path.join(this.folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  }

  /** Compiles src, or what `tsconfig` says, with TypeScript's strictest settings. */
  async compile(settings: CompileSettings): Promise<Outcome> {
    await this.write('package.json', JSON.stringify({ type: settings.type }));
    const compilerOptions = { ...STRICTEST, ...settings.compilerOptions };
    await this.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['src'] }));
    return runNode([path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', this.folder]);
  }

  /** Loads what was generated, which no compiler has seen. */
  load(): Promise<Record<string, unknown>> {
    return import(this.output('index.ts'));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

/** A kind of consumer: how its files are loaded, and how the compiler looks for modules. */
export interface CompileSettings {
  readonly type: 'module' | 'commonjs';
  readonly compilerOptions: Readonly<Record<string, unknown>>;
}

/** Both module systems, with each way of finding modules that is in use. `verbatimModuleSyntax` is for ES modules alone. */
export const CONSUMERS: Readonly<Record<string, CompileSettings>> = {
  'ES modules on Node': {
    type: 'module',
    compilerOptions: { module: 'nodenext', verbatimModuleSyntax: true },
  },
  'CommonJS on Node': { type: 'commonjs', compilerOptions: { module: 'nodenext' } },
  'CommonJS, bundled': {
    type: 'commonjs',
    compilerOptions: { module: 'commonjs', moduleResolution: 'bundler' },
  },
  'ES modules, bundled': {
    type: 'module',
    compilerOptions: { module: 'esnext', moduleResolution: 'bundler', verbatimModuleSyntax: true },
  },
};

export const STRICTEST = {
  target: 'es2022',
  lib: ['es2023'],
  types: ['node'],
  noEmit: true,
  declaration: true,
  skipLibCheck: false,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noPropertyAccessFromIndexSignature: true,
  isolatedModules: true,
  erasableSyntaxOnly: true,
};

function generators(folder: string, options: CodeProjectOptions): string {
  const { client = 'importFileExtension = "js"', clientProvider = 'prisma-client', holdfast = '' } = options;
  const source = path.relative(path.join(folder, 'prisma'), LIBRARY);
  const library = options.packageFolder === undefined ? `library = ${JSON.stringify(source)}` : '';
  return `
generator client {
  provider        = "${clientProvider}"
  output          = "../src/client"
  previewFeatures = ["views"]
  ${client}
}

generator holdfast {
  provider = ${JSON.stringify(`node --import tsx ${JSON.stringify(BIN)}`)}
  output   = "../src/holdfast"
  ${library}
  ${holdfast}
}
`;
}

function runNode(args: readonly string[]): Promise<Outcome> {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1', NO_COLOR: '1' };
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [...args], options, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: `${stdout}${stderr}` });
    });
  });
}
