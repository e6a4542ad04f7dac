import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** One migration as it lies in its folder. */
export interface Migration {
  /** The folder's name: a timestamp and a title. */
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  /** SHA-256 of the file in hexadecimal, which is what Prisma records. */
  readonly checksum: string;
}

/** Reads all migrations of a folder, in the order in which they are applied. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map((name) => readMigration(folder, name)));
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const file = path.join(folder, name, 'migration.sql');
  const sql = await readFile(file, 'utf8');
  return { name, file, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}
