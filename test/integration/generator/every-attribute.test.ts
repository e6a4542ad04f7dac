import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { biomeFormat } from '../../support/generator/biome-format.js';
import { type BuiltPackage, buildPackage } from '../../support/generator/built-package.js';
import { CONSUMERS, CodeProject, type CompileSettings } from '../../support/generator/code-project.js';

const SCHEMA = fileURLToPath(new URL('../../support/prisma/every-attribute.prisma', import.meta.url));
/** Not a module of the tests, since what it imports is generated. */
const CONSUMER = fileURLToPath(new URL('../../support/generator/use-every-attribute.txt', import.meta.url));

let built: BuiltPackage;
let schema: string;
let consumer: string;

beforeAll(async () => {
  built = await buildPackage();
  schema = await readFile(SCHEMA, 'utf8');
  consumer = await readFile(CONSUMER, 'utf8');
}, 120_000);

afterAll(() => built?.remove());

describe.each(['prisma-client', 'prisma-client-js'])(
  'on the client of %s, a schema with every attribute',
  (provider) => {
    let project: CodeProject;

    beforeAll(async () => {
      const client = provider === 'prisma-client' ? 'importFileExtension = "js"' : '';
      project = await CodeProject.create(schema, {
        clientProvider: provider,
        client,
        packageFolder: built.folder,
      });
      await project.generated();
      const module = provider === 'prisma-client' ? 'client' : 'index';
      await project.write('src/consumer.ts', consumer.replace('CLIENT', module));
    }, 120_000);

    afterAll(() => project?.remove());

    test.each(Object.keys(CONSUMERS))(
      'compiles strictly for %s',
      async (name) => {
        expect(await project.compile(consumerOf(name))).toEqual({ ok: true, output: '' });
      },
      60_000,
    );

    test('does not compile where the consumer is wrong, so the compiler has looked', async () => {
      await project.write(
        'src/wrong.ts',
        "import { repositoryFactory } from './holdfast/index.js';\nrepositoryFactory.getNoRepository();\n",
      );
      const { output } = await project.compile(consumerOf('ES modules on Node'));
      await rm(path.join(project.folder, 'src/wrong.ts'));
      expect(output).toMatch(/src\/wrong\.ts\(2,19\): error TS/);
    }, 120_000);

    test('is written as Biome writes it', async () => {
      const files = await project.outputFiles();
      expect(files).toEqual(await biomeFormat(files));
    });

    test('is the same when it is generated again, and no file is touched', async () => {
      const before = await project.outputFiles();
      const times = await modified(project, Object.keys(before));
      await project.generated();
      expect(await project.outputFiles()).toEqual(before);
      expect(await modified(project, Object.keys(before))).toEqual(times);
    }, 120_000);

    test('is the same when only this generator runs', async () => {
      const before = await project.outputFiles();
      await project.generated('--generator', 'holdfast');
      expect(await project.outputFiles()).toEqual(before);
    }, 120_000);
  },
);

function consumerOf(name: string): CompileSettings {
  const settings = CONSUMERS[name];
  if (settings === undefined) throw new Error(`no ${name}`);
  return settings;
}

async function modified(project: CodeProject, files: readonly string[]): Promise<readonly number[]> {
  return Promise.all(files.map(async (file) => (await stat(project.output(file))).mtimeMs));
}
