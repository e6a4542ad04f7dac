import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A page of the documentation. */
export interface Page {
  /** Its path from the root of the repository, with `/`. */
  readonly file: string;
  readonly lines: readonly string[];
}

/** Something wrong on a page. */
export interface Problem {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

/** The API reference is generated, and checked by what generates it. */
const GENERATED = 'docs/api';

/** README.md and every page below docs, in the order of their names. */
export async function readPages(root: string): Promise<Page[]> {
  const entries = await readdir(path.join(root, 'docs'), { recursive: true, withFileTypes: true });
  const below = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => !file.startsWith(`${GENERATED}/`))
    .sort();
  return Promise.all(
    ['README.md', ...below].map(async (file) => pageOf(file, await readFile(path.join(root, file), 'utf8'))),
  );
}

/** A page with this text. */
export function pageOf(file: string, text: string): Page {
  return { file, lines: text.split(/\r?\n/) };
}

/** A problem as compilers print one, so that editors find the place. */
export function showProblem({ file, line, message }: Problem): string {
  return `${file}:${line}: ${message}`;
}
