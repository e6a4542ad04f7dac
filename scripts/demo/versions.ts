/**
 * Where each entity carries the version that the demo's writes count up, so that a read can be judged by what it
 * returned. Versions are never below zero; an entity that is missing counts as -1.
 */

const missing = -1;

/** A project's version is its number of files: every update of the demo adds one. */
export function projectVersion(project: { readonly fileCount: number } | null): number {
  return project?.fileCount ?? missing;
}

/** A user's version is the number at the end of the avatar's address, which makes browsers fetch a new picture. */
export function userVersion(user: { readonly avatarUrl: string | null } | null): number {
  if (user === null) {
    return missing;
  }
  const url = user.avatarUrl ?? '';
  return Number(url.slice(url.lastIndexOf('=') + 1));
}

/** The address of a user's avatar in this version. */
export function avatarUrlAt(url: string, version: number): string {
  return `${url.slice(0, url.lastIndexOf('=') + 1)}${version}`;
}

const ended = 102;

/** A job's version goes from 0 (pending) over 1 to 101 (running, by per cent) to 102 (ended in any way). */
export function jobVersion(job: { readonly status: string; readonly progress: number } | null): number {
  if (job === null) {
    return missing;
  }
  return job.status === 'PENDING' ? 0 : job.status === 'RUNNING' ? 1 + job.progress : ended;
}
