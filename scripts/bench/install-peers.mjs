import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root, run, say } from '../setup/run.mjs';

/*
 * Installs what the benchmark measures against, and draws with, from scripts/bench/package-lock.json, when it is first
 * wanted. Nothing else of the project needs these packages, so they stand beside it; Prisma, pg and redis they find in the
 * project's own node_modules, so that both sides of a comparison run on one copy of them.
 */
const folder = path.join(root, 'scripts/bench');

if (!isInstalled()) installPeers();

function installPeers() {
  say('installing the peers of the benchmark from scripts/bench/package-lock.json (some seconds, once)');
  const installed = npm(['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund']);
  if (installed.ok) return;
  console.error(`${installed.output}\n\nThe peers could not be installed: \`npm ci\` said the above.`);
  process.exit(1);
}

/** npm writes that file last; it then says of every package what the lockfile says. */
function isInstalled() {
  const done = path.join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(done)) return false;
  const wanted = packagesOf(path.join(folder, 'package-lock.json'));
  const found = packagesOf(done);
  return Object.entries(wanted).every(
    ([location, { version, optional }]) =>
      location === '' || optional || found[location]?.version === version,
  );
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** Inside `npm run` this is the npm that runs; elsewhere the one on PATH. */
function npm(args) {
  const npmProgram = process.env.npm_execpath;
  const isNpm = npmProgram !== undefined && path.basename(npmProgram).startsWith('npm');
  return isNpm ? run(process.execPath, [npmProgram, ...args]) : run('npm', args);
}
