import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SchemaEngine } from '../../../scripts/support/schema-engine.js';
import { buildPackage } from '../../support/generator/built-package.js';
import { CONSUMERS, STRICTEST } from '../../support/generator/code-project.js';
import { COMMAND_PATIENCE_MS } from '../../support/patience.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const support = (file: string) => readFile(path.join(ROOT, 'test/support', file), 'utf8');

/** No question to the network for newer versions, and none for the schema engine, which `generate` does not need. */
const QUIET = { CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1', NO_COLOR: '1' };
const PRISMA_CONFIG = `\
import { defineConfig } from 'prisma/config';

process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;
export default defineConfig({ schema: 'prisma/schema.prisma' });
`;

const FORMATS = [
  { name: 'ES modules', moduleFormat: 'esm', settings: CONSUMERS['ES modules on Node'] },
  { name: 'CommonJS', moduleFormat: 'cjs', settings: CONSUMERS['CommonJS on Node'] },
] as const;

/** Outside of the repository, so that nothing is found that was not installed. */
let folder: string;
let schema: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'holdfast-installed-'));
  [schema, program] = await Promise.all([
    support('prisma/every-attribute.prisma'),
    support('generator/smoke-every-attribute.txt'),
  ]);
  await install();
}, 180_000);

afterAll(() => rm(folder, { recursive: true }));

describe('the installed package', () => {
  test('brings the command that the generator block names', async () => {
    const command = path.join(folder, 'node_modules/.bin/holdfast-generator');
    expect((await stat(command)).mode & 0o111).not.toBe(0);
    expect(await readFile(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test.each(FORMATS)(
    'generates, compiles strictly and works as $name',
    async (format) => {
      const { name, moduleFormat, settings } = format;
      if (settings === undefined) throw new Error(`no ${name}`);
      const project = path.join(folder, moduleFormat);
      const write = async (file: string, text: string) => {
        await mkdir(path.dirname(path.join(project, file)), { recursive: true });
        await writeFile(path.join(project, file), text);
      };
      const compilerOptions = {
        ...STRICTEST,
        ...settings.compilerOptions,
        noEmit: false,
        rootDir: 'src',
        outDir: 'dist',
      };
      await write('package.json', JSON.stringify({ type: settings.type, private: true }));
      await write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['src'] }));
      await write('prisma.config.ts', PRISMA_CONFIG);
      await write('prisma/schema.prisma', generators(moduleFormat) + schema);
      await write('src/main.ts', program);

      await inProject(
        project,
        path.join(folder, 'node_modules/prisma/build/index.js'),
        'generate',
        '--no-hints',
      );
      await inProject(project, path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.');
      const redis = sharedRedis();
      const database = await databaseFor(path.join(project, 'prisma/schema.prisma'));
      try {
        const printed = await inProject(project, 'dist/main.js', {
          // Which logs nothing, however slow the machine is.
          NODE_ENV: 'test',
          DATABASE_URL: database.url,
          REDIS_URL: redis.url,
          REDIS_COMMAND_TIMEOUT: String(COMMAND_PATIENCE_MS),
          CACHE_PREFIX: redis.keyPrefix,
        });
        expect(JSON.parse(printed)).toEqual(EXPECTED);
      } finally {
        await database.drop();
      }
    },
    120_000,
  );
});

const EXPECTED = {
  repositories: 21,
  models: 21,
  unhealthy: [],
  teams: [1, [[1, [2]]]],
  membership: [7, 'b', 7, 'ada@example.test', null],
  after: [7, 1],
  scalars: [true, '1.25', 'red', ['red', 'GREEN'], 0],
  deleted: [null, 0],
  odd: [5, 6, 1, 1, 1],
  views: ['3', 1],
};

/** Packs the package as it would be published, and installs it into an empty project, as a user would. */
async function install(): Promise<void> {
  const built = await buildPackage();
  try {
    await npm(built.folder, 'pack', '--pack-destination', folder);
  } finally {
    await built.remove();
  }
  const { name, version, peerDependencies, devDependencies } = JSON.parse(
    await readFile(path.join(ROOT, 'package.json'), 'utf8'),
  );
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }');
  await npm(
    folder,
    'install',
    // Another test of this kind, or the set-up, has most of it in npm's cache.
    '--prefer-offline',
    `./${name}-${version}.tgz`,
    `prisma@${devDependencies.prisma}`,
    `@prisma/client@${devDependencies.prisma}`,
    `pg@${peerDependencies.pg}`,
    `@types/node@${devDependencies['@types/node']}`,
  );
}

async function npm(cwd: string, ...args: readonly string[]): Promise<void> {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // Inside `npm run` this is the npm that runs; elsewhere the one on PATH.
  const program = process.env['npm_execpath'];
  if (program?.endsWith('.js')) await run(process.execPath, [program, ...args, ...quiet], { cwd });
  else await run('npm', [...args, ...quiet], { cwd });
}

/** Runs a program of Node in the project, with nothing of this repository's environment that it would be led by. */
async function inProject(
  cwd: string,
  program: string,
  ...args: readonly (string | Readonly<Record<string, string>>)[]
): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  const given = Object.assign({}, ...args.filter((arg) => typeof arg !== 'string'));
  const env = { PATH: `${path.join(folder, 'node_modules/.bin')}:${PATH}`, HOME, ...QUIET, ...given };
  const { stdout } = await run(
    process.execPath,
    [program, ...args.filter((arg) => typeof arg === 'string')],
    {
      cwd,
      env,
    },
  );
  return stdout;
}

function generators(moduleFormat: string): string {
  return `
generator client {
  provider            = "prisma-client"
  output              = "../src/generated/prisma"
  moduleFormat        = "${moduleFormat}"
  importFileExtension = "js"
  previewFeatures     = ["views"]
}

generator holdfast {
  provider = "holdfast-generator"
  output   = "../src/generated/holdfast"
}
`;
}

async function databaseFor(schemaFile: string): Promise<TestDatabase> {
  const database = await createDatabase({ migrated: false });
  await runSql(database.url, 'CREATE EXTENSION citext');
  const engine = await SchemaEngine.open(database.url, schemaFile);
  await runSql(database.url, await engine.completeSql());
  await engine.close();
  await runSql(database.url, VIEWS);
  return database;
}

const VIEWS = `
  CREATE VIEW shop.overviews AS SELECT 1 AS id, 3::bigint AS total, 'a'::text AS code;
  CREATE VIEW shop."Nameless" AS SELECT 5::bigint AS total;
`;
