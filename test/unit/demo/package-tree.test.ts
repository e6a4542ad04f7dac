import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readPackageTree } from '../../../scripts/demo/package-tree.js';

describe('the packages under node_modules', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'holdfast-packages-'));
  });

  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  async function write(path: string, content: string): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }

  test('include scoped and nested ones, in the order of their locations', async () => {
    await write('rock/package.json', '{"name":"rock"}');
    await write('@bedrock/stone/package.json', '{"name":"@bedrock/stone"}');
    await write('rock/node_modules/sand/package.json', '{"name":"sand"}');
    await write('rock/node_modules/@bedrock/clay/package.json', '{"name":"@bedrock/clay"}');
    const { packages } = await readPackageTree(root);
    expect(packages.map((found) => found.location)).toEqual([
      '@bedrock/stone',
      'rock',
      'rock/node_modules/@bedrock/clay',
      'rock/node_modules/sand',
    ]);
  });

  test('have the size of their own files, without packages nested in them', async () => {
    await write('rock/package.json', '{}');
    await write('rock/index.js', '12345');
    await write('rock/lib/deep/index.d.ts', '123');
    await write('rock/node_modules/sand/package.json', '{"name":"sand"}');
    const [rock] = (await readPackageTree(root)).packages;
    expect(rock).toMatchObject({ location: 'rock', fileCount: 3, sizeBytes: 10n, codeFileCount: 1 });
  });

  test('that sit in the test data of a package count as its files', async () => {
    await write('rock/package.json', '{}');
    await write('rock/test/node_modules/fake/package.json', '{}');
    const { packages } = await readPackageTree(root);
    expect(packages.map((found) => [found.location, found.fileCount])).toEqual([['rock', 2]]);
  });

  test('leave out hidden folders, plain files and folders without a package.json', async () => {
    await write('.bin/package.json', '{}');
    await write('.package-lock.json', '{}');
    await write('notes.txt', '');
    await write('empty/readme.md', '');
    await write('odd/package.json/file', '');
    expect((await readPackageTree(root)).packages).toEqual([]);
  });

  test('whose package.json cannot be parsed are named apart', async () => {
    await write('broken/package.json', '{"name": ');
    await write('rock/package.json', '{}');
    const { packages, unreadable } = await readPackageTree(root);
    expect(packages.map((found) => found.location)).toEqual(['rock']);
    expect(unreadable).toEqual(['broken']);
  });

  test('that are linked are read once, and a circle of links ends', async () => {
    await write('.store/rock/package.json', '{"name":"rock"}');
    await mkdir(join(root, '.store/rock/node_modules'));
    await symlink(join(root, '.store/rock'), join(root, '.store/rock/node_modules/self'));
    await symlink(join(root, '.store/rock'), join(root, 'a'));
    await symlink(join(root, '.store/rock'), join(root, 'b'));
    await symlink(join(root, 'nowhere'), join(root, 'dangling'));
    const { packages } = await readPackageTree(root);
    expect(packages.map((found) => found.manifest.name)).toEqual(['rock']);
  });

  test('are not read when the signal was aborted', async () => {
    await write('rock/package.json', '{}');
    await expect(readPackageTree(root, AbortSignal.abort())).rejects.toThrow('aborted');
  });
});
