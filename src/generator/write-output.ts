import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mark } from './emit/parts.js';
import { GeneratorError } from './errors.js';

/** What became of the files of an output folder. */
export interface WrittenOutput {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Brings the output folder to hold these files, by their paths in it. Files that are right already are not touched, since
 * compilers watch them. Files that this generator wrote before and that are no longer wanted go; others stay.
 *
 * @throws GeneratorError when a file is in the way that this generator did not write; then nothing was changed
 */
export function writeOutput(folder: string, files: ReadonlyMap<string, string>): WrittenOutput {
  const present = new Map([...files.keys()].map((file) => [file, contentOf(path.join(folder, file))]));
  refuseForeign(folder, present);
  const written: string[] = [];
  const unchanged: string[] = [];
  for (const [file, content] of files) {
    if (present.get(file) === content) unchanged.push(file);
    else {
      const target = path.join(folder, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, content);
      written.push(file);
    }
  }
  const removed = ownFilesIn(folder).filter((file) => !files.has(file));
  for (const file of removed) rmSync(path.join(folder, file));
  return { written, unchanged, removed };
}

function refuseForeign(folder: string, present: ReadonlyMap<string, string | null>): void {
  const foreign = [...present].flatMap(([file, content]) =>
    content === null || isOwn(file, content) ? [] : [path.join(folder, file)],
  );
  if (foreign.length === 0) return;
  throw new GeneratorError(
    `These files are in the way, and this generator did not write them: ${foreign.join(', ')}. Move them, or give the ` +
      'generator another output.',
    { context: { files: foreign } },
  );
}

function ownFilesIn(folder: string): readonly string[] {
  return ['', 'repositories/'].flatMap((prefix) => {
    const inside = path.join(folder, prefix);
    if (!existsSync(inside)) return [];
    return readdirSync(inside, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map(({ name }) => prefix + name)
      .filter((file) => isOwn(file, contentOf(path.join(folder, file)) ?? ''));
  });
}

/** The mark names the file, so that a copy of it under another name, made to be changed, is nobody's but its author's. */
function isOwn(file: string, content: string): boolean {
  return content.slice(0, content.indexOf('\n')).trimEnd() === mark(file);
}

function contentOf(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}
