import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root, run, say } from '../setup/run.mjs';

/*
 * `npm run docs:api`: writes the API reference to docs/api, from the doc comments of what the package exports. It fails
 * where an export has no comment, a link leads nowhere, or a type that an export speaks of is not exported itself.
 *
 * TypeDoc needs TypeScript's compiler API, which TypeScript 7.0 has not. So it has a package and a lockfile of its own, in
 * scripts/docs/api, and is installed beside the project when it is first wanted.
 */
const settings = path.join(root, 'scripts/docs/api');
const tools = path.join(root, '.holdfast/api-reference');
const MANIFESTS = ['package.json', 'package-lock.json'];

installTools();
const { ok, output } = run(
  process.execPath,
  [path.join(tools, 'node_modules/typedoc/bin/typedoc'), '--options', path.join(settings, 'typedoc.json')],
  { NO_COLOR: '1' },
);
console.log(output);
// TypeDoc's own options would write nothing where there is a warning; here the pages come, and the exit code is 1.
if (!ok || output.includes('[warning]')) process.exitCode = 1;

function installTools() {
  if (isInstalled()) return;
  say('installing TypeDoc from scripts/docs/api/package-lock.json (some seconds, once)');
  mkdirSync(tools, { recursive: true });
  for (const name of MANIFESTS) copyFileSync(path.join(settings, name), path.join(tools, name));
  const installed = npm(['ci', '--prefix', tools, '--ignore-scripts', '--no-audit', '--no-fund']);
  if (installed.ok) return;
  console.error(`${installed.output}\n\nTypeDoc could not be installed: \`npm ci\` said the above.`);
  process.exit(1);
}

function isInstalled() {
  // npm writes this file last, so it is there only after an installation that ended.
  if (!existsSync(path.join(tools, 'node_modules/.package-lock.json'))) return false;
  return MANIFESTS.every(
    (name) =>
      readFileSync(path.join(tools, name), 'utf8') === readFileSync(path.join(settings, name), 'utf8'),
  );
}

/** Inside `npm run` this is the npm that runs; elsewhere the one on PATH. */
function npm(args) {
  const npmProgram = process.env.npm_execpath;
  const isNpm = npmProgram !== undefined && path.basename(npmProgram).startsWith('npm');
  return isNpm ? run(process.execPath, [npmProgram, ...args]) : run('npm', args);
}
