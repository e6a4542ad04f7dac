import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';

/** The first of `directories` that holds an executable file of this name, joined with the name; null where none does. */
export function findExecutable(name: string, directories: readonly string[]): string | null {
  for (const directory of directories) {
    const candidate = path.join(directory, name);
    if (isExecutable(candidate)) return candidate;
  }
  return null;
}

/** The directories of PATH. */
export function searchPath(): string[] {
  return (process.env['PATH'] ?? '').split(path.delimiter).filter((directory) => directory !== '');
}

/** The subdirectories of `parent`, joined with it, the highest version number first; none where it does not exist. */
export function versionedDirectories(parent: string): string[] {
  try {
    return readdirSync(parent)
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((name) => path.join(parent, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Absent or not executable: either way it is not the one.
    return false;
  }
}
