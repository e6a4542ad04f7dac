import { checkPackage } from './build/check-package.mjs';
import { compilePackage } from './build/compile.mjs';
import { root } from './setup/run.mjs';

/*
 * `npm run build`: compiles src for `import` and for `require`, bundles it, and checks that the package can be used by its
 * name both ways.
 */
try {
  await compilePackage(root);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await checkPackage();
console.log('dist/esm and dist/cjs are built, and load by import and by require.');
