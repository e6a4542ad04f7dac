import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface LockedPackage {
  readonly version?: string;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Readonly<Record<string, LockedPackage>>;
};

/** Whether `require(name)` from the package at `location` finds a locked package. */
function isLocked(location: string, name: string): boolean {
  for (let at = location; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (`${at}/node_modules/${name}` in packages) return true;
  }
  return `node_modules/${name}` in packages;
}

describe('package-lock.json', () => {
  // A lockfile written where the registry lacks the packages for other platforms leaves them out, and `npm ci` then
  // refuses it everywhere.
  it('names the programs for every platform, as `npm ci` demands', () => {
    const missing = Object.entries(packages).flatMap(([location, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter((name) => !isLocked(location, name)),
    );
    expect(missing).toEqual([]);
  });

  it('names no registry, so that it installs from whichever one the machine uses', () => {
    expect(Object.entries(packages).filter(([, entry]) => 'resolved' in entry)).toEqual([]);
  });
});
