import { readFileSync } from 'node:fs';
import path from 'node:path';
import { linkEmbeddedPostgres } from './embedded-postgres.mjs';
import { root, run, say } from './run.mjs';
import { SetupError } from './setup-error.mjs';

/** Installs the dependencies from the lockfile, unless they are what it says. */
export function install() {
  const wanted = packagesOf('package-lock.json');
  if (!isInstalled(wanted, packagesOf('node_modules/.package-lock.json'))) {
    say('installing the dependencies from package-lock.json (a minute or so, once)');
    installFromLockfile();
  }
  linkEmbeddedPostgres();
}

/**
 * Whether every package of the lockfile is installed in its version. Optional ones may be absent: most are for other
 * platforms. What is installed beyond them does no harm.
 */
export function isInstalled(wanted, installed) {
  if (wanted === null || installed === null) return false;
  return Object.entries(wanted)
    .filter(([location, entry]) => location !== '' && !entry.link)
    .every(([location, entry]) => {
      const found = installed[location];
      if (found === undefined) return Boolean(entry.optional || entry.devOptional);
      return found.version === entry.version;
    });
}

/** The packages that a lockfile names, by their place under the root; null where there is no such file. */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages ?? null;
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function installFromLockfile() {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  // Inside `npm run` this is the npm that runs; elsewhere the one on PATH.
  const npm = process.env.npm_execpath;
  const isNpm = npm !== undefined && path.basename(npm).startsWith('npm');
  const { ok, output } = isNpm ? run(process.execPath, [npm, ...args]) : run('npm', args);
  if (ok) return;
  throw new SetupError(`${output}\n\nThe dependencies could not be installed: \`npm ci\` said the above.`);
}
