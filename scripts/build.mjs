import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkPackage } from './build/check-package.mjs';
import { root, run } from './setup/run.mjs';

/*
 * `npm run build`: compiles src twice, for `import` and for `require`, and checks that the package can be used by its
 * name both ways.
 */
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
const isTypeScript = (file) => file.endsWith('.ts');

function compile(project, output) {
  const { ok, output: messages } = run(process.execPath, [tsc, '-p', project]);
  if (!ok) {
    console.error(messages);
    process.exit(1);
  }
  // Lua and SQL lie in files of their own next to the code that sends them.
  cpSync(path.join(root, 'src'), path.join(root, output), {
    recursive: true,
    filter: (file) => !isTypeScript(file),
  });
}

rmSync(path.join(root, 'dist'), { recursive: true, force: true });
mkdirSync(path.join(root, 'dist/cjs'), { recursive: true });
// Before the compilation: the nearest package.json decides what a .js file is.
writeFileSync(path.join(root, 'dist/cjs/package.json'), '{ "type": "commonjs" }\n');
compile('tsconfig.build.json', 'dist/esm');
compile('tsconfig.cjs.json', 'dist/cjs');
await checkPackage();
console.log('dist/esm and dist/cjs are built, and load by import and by require.');
