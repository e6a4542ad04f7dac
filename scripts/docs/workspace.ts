import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Example, sourceOf } from './examples.js';

/** What an example is written for: all of it, to be compiled, or what `runs` covers, to be executed. */
export type Purpose = 'compile' | 'run';

/**
 * A folder inside the repository in which the examples lie as files, a folder for each page: so they find the installed
 * packages, and `holdfast` and its parts are the sources.
 */
export class Workspace {
  readonly root: string;
  readonly folder: string;

  private constructor(root: string, folder: string) {
    this.root = root;
    this.folder = folder;
  }

  /** Makes one below `.holdfast`; `remove` takes it away. */
  static async create(root: string): Promise<Workspace> {
    await mkdir(path.join(root, '.holdfast'), { recursive: true });
    const folder = await mkdtemp(path.join(root, '.holdfast/documentation-'));
    const workspace = new Workspace(root, folder);
    await writeFile(workspace.tsconfig, `${JSON.stringify(TSCONFIG, null, 2)}\n`);
    return workspace;
  }

  get tsconfig(): string {
    return path.join(this.folder, 'tsconfig.json');
  }

  /** The folder of a page. Examples that name a file name it from here. */
  pageFolder(page: string): string {
    return path.join(this.folder, page.replace(/\.md$/, '').replaceAll('/', '-'));
  }

  /** Where a TypeScript example lies, or will. */
  fileOf(example: Example, purpose: Purpose): string {
    const file = path.join(this.pageFolder(example.page), example.file ?? `example-${example.line}.ts`);
    return purpose === 'compile' ? file : file.replace(/\.ts$/, '.run.ts');
  }

  /** Writes a TypeScript example, and returns where it lies. */
  async write(example: Example, purpose: Purpose): Promise<string> {
    const file = this.fileOf(example, purpose);
    const { text } = sourceOf(example, purpose === 'run' ? example.executed : undefined);
    await mkdir(path.dirname(file), { recursive: true });
    // Every example is a module, also one that neither imports nor exports. Few close what they opened.
    await writeFile(file, `${text}export {};\n${purpose === 'run' ? 'process.exit();\n' : ''}`);
    return file;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The library is included for tsx, which gives a file that no configuration includes no decorators of the old kind. */
const TSCONFIG = {
  extends: '../../tsconfig.json',
  compilerOptions: {
    paths: {
      holdfast: ['../../src/index.ts'],
      'holdfast/domain': ['../../src/domain/index.ts'],
      'holdfast/keyv': ['../../src/integrations/keyv.ts'],
    },
  },
  include: ['./**/*.ts', '../../src/**/*.ts'],
};
