import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { head } from '../../../src/generator/emit/parts.js';
import { GeneratorError } from '../../../src/generator/errors.js';
import { writeOutput } from '../../../src/generator/write-output.js';

let folder: string;

beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'holdfast-output-')), 'out');
});

afterEach(() => rm(path.dirname(folder), { recursive: true }));

function files(...names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name, `${head(name)}export {};\n`]));
}

const inFolder = (name: string) => path.join(folder, name);

describe('the output folder', () => {
  test('is made where it is missing, with all its files', async () => {
    const given = files('index.ts', 'repositories/user-repository.ts');
    expect(writeOutput(folder, given)).toEqual({ written: [...given.keys()], unchanged: [], removed: [] });
    for (const [name, text] of given) expect(await readFile(inFolder(name), 'utf8')).toBe(text);
  });

  test('keeps a file untouched that is right already, and rewrites one that is not', async () => {
    writeOutput(folder, files('index.ts', 'metadata.ts'));
    const past = new Date('2020-01-01T00:00:00Z');
    for (const name of ['index.ts', 'metadata.ts']) await utimes(inFolder(name), past, past);
    const changed = new Map([
      ...files('index.ts'),
      ['metadata.ts', `${head('metadata.ts')}export const a = 1;\n`],
    ]);
    expect(writeOutput(folder, changed)).toEqual({
      written: ['metadata.ts'],
      unchanged: ['index.ts'],
      removed: [],
    });
    expect((await stat(inFolder('index.ts'))).mtime).toEqual(past);
    expect((await stat(inFolder('metadata.ts'))).mtime).not.toEqual(past);
  });

  test('loses the file of a model that is no more, and nothing that was not generated', async () => {
    writeOutput(
      folder,
      files('index.ts', 'repositories/user-repository.ts', 'repositories/old-repository.ts'),
    );
    const own = [
      'notes.ts',
      'repositories/mine.ts',
      'repositories/copy.ts',
      'repositories/notes.md',
      'deep/index.ts',
    ];
    await mkdir(inFolder('deep'));
    for (const name of own) await writeFile(inFolder(name), 'export {};\n');
    // A class that began as a copy of a generated one is its author's.
    await writeFile(inFolder('repositories/copy.ts'), head('repositories/old-repository.ts'));
    expect(writeOutput(folder, files('index.ts', 'repositories/user-repository.ts')).removed).toEqual([
      'repositories/old-repository.ts',
    ]);
    expect(existsSync(inFolder('repositories/old-repository.ts'))).toBe(false);
    for (const name of own) expect(existsSync(inFolder(name))).toBe(true);
  });

  test('is refused, and left as it is, where a file is in the way that was not generated', async () => {
    await mkdir(inFolder('repositories'), { recursive: true });
    await writeFile(inFolder('index.ts'), 'export const mine = 1;\n');
    await writeFile(inFolder('repositories/user-repository.ts'), '');
    const refused = () =>
      writeOutput(folder, files('index.ts', 'metadata.ts', 'repositories/user-repository.ts'));
    expect(refused).toThrow(GeneratorError);
    expect(refused).toThrow(`${inFolder('index.ts')}, ${inFolder('repositories/user-repository.ts')}`);
    expect(await readFile(inFolder('index.ts'), 'utf8')).toBe('export const mine = 1;\n');
    expect(existsSync(inFolder('metadata.ts'))).toBe(false);
  });

  test('takes a generated file for its own whose line ends git has changed', async () => {
    const [[name, text] = ['', '']] = files('index.ts');
    await mkdir(folder);
    await writeFile(inFolder(name), text.replaceAll('\n', '\r\n'));
    expect(writeOutput(folder, files('index.ts')).written).toEqual(['index.ts']);
  });
});
