/*
 * What a register holds, as one number: of a row its stamp, of a list a digest of its rows' stamps, of a count the
 * count. Millions of reads are kept until the end, so a state has 32 bits.
 */

/** The state of a row that is not there, of a value that nobody holds, of an empty list. */
export const ABSENT = 0;

/** A row of projects, as far as a check looks at it. */
export interface ProjectRow {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  /** The row's stamp. */
  readonly fileCount: number;
}

/** A row of users, as far as a check looks at it. */
export interface UserRow {
  readonly id: string;
  readonly githubId: string;
  readonly email: string;
  readonly username: string;
  /** The row's stamp. */
  readonly name: string | null;
}

export function stateOfProject(row: ProjectRow | null): number {
  return row === null ? ABSENT : row.fileCount;
}

export function stateOfUser(row: UserRow | null): number {
  return row === null ? ABSENT : Number(row.name);
}

/**
 * The sum of the scattered stamps. The order of the rows does not matter. That two of a run's lists share a digest is
 * unlikely, and makes the judge more lenient, not wrong.
 */
export function stateOfList(stamps: readonly number[]): number {
  let sum = 0;
  for (const stamp of stamps) sum = (sum + scattered(stamp)) | 0;
  return sum >>> 0;
}

/** The finalizer of MurmurHash3, by Austin Appleby: https://github.com/aappleby/smhasher, `fmix32`. */
function scattered(stamp: number): number {
  let word = stamp | 0;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}
