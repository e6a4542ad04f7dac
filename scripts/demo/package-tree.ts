import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { errorCode } from '../support/error-code.js';
import { forEachConcurrently } from './concurrently.js';
import { type Manifest, parseManifest } from './manifest.js';

/** One installed package: what its package.json says, and what its folder holds without packages nested in it. */
export interface InstalledPackage {
  /** Where it is, relative to the node_modules that was read, with forward slashes. */
  readonly location: string;
  readonly manifest: Manifest;
  readonly fileCount: number;
  readonly sizeBytes: bigint;
  /** Files that hold code: JavaScript, or TypeScript other than declarations. */
  readonly codeFileCount: number;
}

/** What a node_modules folder holds. */
export interface PackageTree {
  /** In the order of their locations. */
  readonly packages: readonly InstalledPackage[];
  /** The locations of folders whose package.json is not a JSON object. */
  readonly unreadable: readonly string[];
}

interface FolderSize {
  fileCount: number;
  sizeBytes: bigint;
  codeFileCount: number;
}

const foldersAtOnce = 8;

/** Reads all packages under a node_modules folder: scoped ones, nested ones, and linked ones once each. */
export async function readPackageTree(nodeModules: string, signal?: AbortSignal): Promise<PackageTree> {
  const root = await realpath(nodeModules);
  const folders = await findPackageFolders(root);
  const packages: InstalledPackage[] = [];
  const unreadable: string[] = [];
  await forEachConcurrently(
    [...folders],
    foldersAtOnce,
    async ([folder, name]) => {
      const location = relative(root, folder).split(sep).join('/');
      const text = (await existing(readFile(join(folder, 'package.json'), 'utf8'))) ?? '';
      const manifest = parseManifest(text, name);
      if (manifest === null) {
        unreadable.push(location);
      } else {
        packages.push({ location, manifest, ...(await measureFolder(folder)) });
      }
    },
    signal,
  );
  packages.sort((a, b) => (a.location < b.location ? -1 : 1));
  return { packages, unreadable: unreadable.sort() };
}

/** The real paths of all package folders, each with the name under which it was found first. */
async function findPackageFolders(nodeModules: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const pending = [nodeModules];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const [name, path] of await listPackageNames(folder)) {
      const target = await existing(realpath(path));
      if (target !== null && !found.has(target) && (await isFile(join(target, 'package.json')))) {
        found.set(target, name);
        pending.push(join(target, 'node_modules'));
      }
    }
  }
  return found;
}

/** The names and paths in one node_modules folder, where a scope is a folder of its own. */
async function listPackageNames(nodeModules: string): Promise<[name: string, path: string][]> {
  const names: [string, string][] = [];
  for (const entry of await listFolder(nodeModules)) {
    const path = join(nodeModules, entry.name);
    if (entry.name.startsWith('@')) {
      const scoped = await listFolder(path);
      names.push(
        ...scoped.map((inner): [string, string] => [`${entry.name}/${inner.name}`, join(path, inner.name)]),
      );
    } else if (!entry.name.startsWith('.')) {
      names.push([entry.name, path]);
    }
  }
  return names;
}

async function measureFolder(packageFolder: string): Promise<FolderSize> {
  const size: FolderSize = { fileCount: 0, sizeBytes: 0n, codeFileCount: 0 };
  const pending = [packageFolder];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const entries = await listFolder(folder);
    const files = entries.filter((entry) => entry.isFile());
    const sizes = await Promise.all(files.map((file) => existing(lstat(join(file.parentPath, file.name)))));
    size.fileCount += files.length;
    size.sizeBytes += BigInt(sizes.reduce((sum, stats) => sum + (stats?.size ?? 0), 0));
    size.codeFileCount += files.filter((file) => isCode(file.name)).length;
    for (const entry of entries) {
      const isNestedTree = entry.name === 'node_modules' && folder === packageFolder;
      if (entry.isDirectory() && !isNestedTree) {
        pending.push(join(folder, entry.name));
      }
    }
  }
  return size;
}

function isCode(fileName: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(fileName) && !/\.d\.[cm]?ts$/.test(fileName);
}

async function isFile(path: string): Promise<boolean> {
  const stats = await existing(lstat(path));
  return stats?.isFile() ?? false;
}

async function listFolder(folder: string): Promise<Dirent[]> {
  return (await existing(readdir(folder, { withFileTypes: true }))) ?? [];
}

/** The result of a file system call, or null when what it asks for is not there, or no folder. */
async function existing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return null;
    }
    throw error;
  }
}
