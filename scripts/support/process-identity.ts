import { chownSync, existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The user and group that a server runs under. */
export interface ProcessIdentity {
  readonly uid: number;
  readonly gid: number;
}

/** Whose name comes first is used; PostgreSQL needs a user that the system knows by name. */
const UNPRIVILEGED_USERS = ['postgres', 'nobody', 'daemon'];

/**
 * The user that a server runs under when this process is root, or null when it is not root and servers run as the
 * same user. PostgreSQL refuses to run as root.
 */
export function unprivilegedIdentity(): ProcessIdentity | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of UNPRIVILEGED_USERS) {
    const fields = users.find(([name]) => name === wanted);
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error(
    `PostgreSQL does not run as root, and this machine has none of the users ${UNPRIVILEGED_USERS.join(', ')}. ` +
      'Run `useradd --system postgres`, or run the command as an ordinary user.',
  );
}

/**
 * Makes a new temporary directory that belongs to `identity`, where one is given, and returns its path. It lies in
 * the system's temporary directory, or in /tmp where the other user could not reach that.
 */
export function makeTemporaryDirectory(prefix: string, identity: ProcessIdentity | null): string {
  const parent = identity === null || isReachableByOthers(tmpdir()) ? tmpdir() : '/tmp';
  const directory = mkdtempSync(path.join(parent, prefix));
  if (identity !== null) chownSync(directory, identity.uid, identity.gid);
  return directory;
}

/** Whether users other than the owner may pass through `directory` and all that it lies in. */
export function isReachableByOthers(directory: string): boolean {
  const OTHERS_MAY_PASS = 0o001;
  for (let current = path.resolve(directory); ; current = path.dirname(current)) {
    if (!existsSync(current) || (statSync(current).mode & OTHERS_MAY_PASS) === 0) return false;
    if (current === path.dirname(current)) return true;
  }
}
