import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run } from '../setup/run.mjs';
import { bundlePackage } from './bundle.mjs';

/** The two ways in which src is compiled: for `import`, and for `require`. */
const FORMATS = [
  { name: 'esm', project: 'tsconfig.build.json' },
  { name: 'cjs', project: 'tsconfig.cjs.json' },
];

/**
 * Compiles src into `dist` below a folder, once for each way of loading it, and bundles it.
 *
 * @throws Error with the compiler's messages
 */
export async function compilePackage(folder) {
  const dist = path.join(folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(path.join(dist, 'cjs'), { recursive: true });
  // Before the compilation: the nearest package.json decides what a .js file is.
  writeFileSync(path.join(dist, 'cjs/package.json'), '{ "type": "commonjs" }\n');
  for (const { name, project } of FORMATS) compile(project, path.join(dist, name));
  await bundlePackage(dist);
  makeExecutable(folder);
}

function compile(project, output) {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const { ok, output: messages } = run(process.execPath, [tsc, '-p', project, '--outDir', output]);
  if (!ok) throw new Error(`src does not compile with ${project}:\n${messages}`);
}

/** What package.json calls a command must be a program also where it is run from the checkout. */
function makeExecutable(folder) {
  const { bin = {} } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  for (const file of Object.values(bin)) {
    const program = path.join(folder, file);
    if (!existsSync(program)) throw new Error(`package.json names a command ${file}, which was not built.`);
    chmodSync(program, 0o755);
  }
}
