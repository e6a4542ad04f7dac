import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from '../setup/run.mjs';

const ENTRY_POINTS = ['holdfast', 'holdfast/domain'];

/**
 * Uses the built package as an application would, by its name: each entry point must load by `import` and by `require`,
 * export the same names both ways, and have types both ways; they must share their classes, and load nothing that is not
 * needed yet; and the generator must answer Prisma.
 */
export async function checkPackage() {
  const { exports, bin } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  checkTargets(exports);
  const require = createRequire(path.join(root, 'package.json'));
  for (const name of ENTRY_POINTS) {
    const imported = namesOf(await import(name));
    const required = namesOf(require(name));
    assert.ok(imported.length > 0, `${name} exports nothing`);
    assert.deepEqual(required, imported, `${name} exports other names by require than by import`);
  }
  await checkSharing(require);
  checkLoading();
  checkGenerator(path.join(root, bin['holdfast-generator']));
  checkTypes();
}

/** What one entry point throws or makes is known to the other, and Prisma's client is there once however it is loaded. */
async function checkSharing(require) {
  const client = (format) => path.join(root, 'dist', format, 'domain/generated/prisma/client.js');
  const both = [
    [
      await import('holdfast'),
      await import('holdfast/domain'),
      await import(pathToFileURL(client('esm')).href),
    ],
    [require('holdfast'), require('holdfast/domain'), require(client('cjs'))],
  ];
  for (const [library, domain, generated] of both) {
    assert.ok(domain.AttemptsExhaustedError.prototype instanceof library.HoldfastError);
    assert.ok(domain.DomainRepositoryFactory.prototype instanceof library.RepositoryFactory);
    assert.ok(domain.UserRepository.prototype instanceof library.BaseRepository);
    assert.equal(domain.PrismaClient, generated.PrismaClient);
    assert.equal(domain.UserRepository.name, 'UserRepository');
  }
}

/** In a fresh process: the clients of caches wait until they are needed, and a library without the domain leaves that alone. */
function checkLoading() {
  const loadedBy = (name) => {
    const program = `require('${name}'); console.log(JSON.stringify(Object.keys(require.cache)))`;
    const { stdout } = spawnSync(process.execPath, ['-e', program], { cwd: root, encoding: 'utf8' });
    return JSON.parse(stdout).map((file) => path.relative(root, file).replaceAll('\\', '/'));
  };
  const among = (files, unwanted) => files.filter((file) => unwanted.test(file));
  const clients = /node_modules\/(?:redis|@redis|@upstash|keyv)\//;
  for (const name of ENTRY_POINTS) assert.deepEqual(among(loadedBy(name), clients), []);
  assert.deepEqual(among(loadedBy('holdfast'), /dist\/cjs\/(?:domain|chunks\/generated)/), []);
}

/** Asks the generator for its manifest, as `prisma generate` does first. */
function checkGenerator(program) {
  const request = { jsonrpc: '2.0', id: 1, method: 'getManifest', params: {} };
  const input = `${JSON.stringify(request)}\n`;
  const { stderr } = spawnSync(process.execPath, [program], { input, encoding: 'utf8' });
  assert.match(stderr ?? '', /"id":1,"result":\{"manifest":\{/, `${program} does not answer: ${stderr}`);
}

/** Every file that the exports map names is there; the compiler would silently look for another one. */
function checkTargets(target) {
  if (typeof target === 'string')
    assert.ok(existsSync(path.join(root, target)), `exports names ${target}, which is not there`);
  else for (const nested of Object.values(target)) checkTargets(nested);
}

function namesOf(module) {
  return Object.keys(module)
    .filter((name) => name !== 'default' && name !== '__esModule' && name !== 'module.exports')
    .sort();
}

/** Compiles one file of each kind of module against the built declarations, which are checked too. */
function checkTypes() {
  const directory = path.join(root, '.holdfast/package-check');
  mkdirSync(directory, { recursive: true });
  const lines = ENTRY_POINTS.map(
    (name, i) => `import * as entry${i} from '${name}';\nexport const used${i} = entry${i};`,
  );
  const files = ['consumer.mts', 'consumer.cts'].map((name) => path.join(directory, name));
  for (const file of files) writeFileSync(file, `${lines.join('\n')}\n`);
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
  const { ok, output } = run(process.execPath, [tsc, ...options, '--types', 'node', ...files]);
  assert.ok(ok, `The declarations cannot be used:\n${output}`);
  rmSync(directory, { recursive: true });
}
