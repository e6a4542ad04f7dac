import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BIOME = path.join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

type Files = Readonly<Record<string, string>>;

/** Files as Biome leaves them, by this repository's settings. */
export async function biomeFormat(files: Files): Promise<Files> {
  await mkdir(path.join(ROOT, '.holdfast'), { recursive: true });
  const folder = await mkdtemp(path.join(ROOT, '.holdfast/format-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
    await promisify(execFile)(process.execPath, [BIOME, 'format', '--write', folder], { cwd: ROOT });
    const names = Object.keys(files);
    const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
    return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
  } finally {
    await rm(folder, { recursive: true });
  }
}
