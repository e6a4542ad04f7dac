import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root, run } from '../setup/run.mjs';

const ENTRY_POINTS = ['holdfast', 'holdfast/domain'];

/**
 * Uses the built package as an application would, by its name: each entry point must load by `import` and by `require`,
 * export the same names both ways, and have types both ways; and the generator must answer Prisma.
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
  checkGenerator(path.join(root, bin['holdfast-generator']));
  checkTypes();
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
