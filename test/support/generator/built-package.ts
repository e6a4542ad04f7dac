import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The package as `npm run build` makes it, in a folder of its own, so that nobody else's build is in the way. */
export interface BuiltPackage {
  readonly folder: string;
  remove(): Promise<void>;
}

/** Compiles src for both module systems; some five seconds. */
export async function buildPackage(): Promise<BuiltPackage> {
  const parent = path.join(ROOT, '.holdfast/test-packages');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(parent, 'package-'));
  const remove = () => rm(folder, { recursive: true });
  try {
    await compile(folder);
    for (const file of ['package.json', 'README.md', 'LICENSE'])
      await copyFile(path.join(ROOT, file), path.join(folder, file));
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** In a process of its own: the bundler is native, and takes no regular expression of the realm that a test runs in. */
async function compile(folder: string): Promise<void> {
  const { href } = pathToFileURL(path.join(ROOT, 'scripts/build/compile.mjs'));
  const program = `import { compilePackage } from ${JSON.stringify(href)}; await compilePackage(${JSON.stringify(folder)});`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
}
