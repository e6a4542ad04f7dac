import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';

/** The modules that package.json names, as places in `dist/esm` and `dist/cjs`. */
const ENTRY_POINTS = ['index', 'domain/index', 'integrations/keyv', 'generator/bin'];

/** Stays as it was compiled: an application that imports Prisma's client from here gets the one that the domain uses. */
const GENERATED = path.join('domain', 'generated', 'prisma');

/** What the entry points share. A module goes into the first chunk that its place fits, with what it imports. */
const CHUNKS = [
  // The generator throws errors of holdfast, and needs nothing else of it.
  { name: 'errors', test: /[\\/]esm[\\/]errors\.js$/, priority: 3 },
  {
    name: 'library',
    test: /[\\/]esm[\\/](?:cache|config|database|maintenance|repositories)[\\/]/,
    priority: 2,
  },
  // Its classes have the names of those that extend them: in one file, one of the two would be given another.
  { name: 'generated', test: /[\\/]esm[\\/]domain[\\/]generated[\\/]/, priority: 1 },
];

const FORMATS = [
  { name: 'esm', format: 'es' },
  { name: 'cjs', format: 'cjs' },
];

/**
 * Makes few files of the many that were compiled, since to find and to link 400 of them takes longer than to run them. What
 * several entry points use is in files of its own, which they share, so that a class exists once however it was imported.
 *
 * @param dist has what was compiled in `esm` and `cjs`; what is bundled is taken from `esm`. Declarations stay as they are
 * @throws Error when a class would get another name, by which errors are known in logs
 */
export async function bundlePackage(dist) {
  const compiled = path.join(dist, 'esm');
  const bundle = await rolldown({
    input: Object.fromEntries(ENTRY_POINTS.map((name) => [name, path.join(compiled, `${name}.js`)])),
    platform: 'node',
    external: (id, importer) => isOutside(compiled, id, importer),
    // Nothing is dropped, and so no import that is there for its effect alone.
    treeshake: false,
    plugins: [withSourceMaps()],
    logLevel: 'warn',
  });
  const outputs = [];
  for (const { name, format } of FORMATS) {
    const folder = path.join(dist, name);
    const { output } = await bundle.generate({
      format,
      dir: folder,
      sourcemap: true,
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name].js',
      // As the compiler translates it: programs that run CommonJS in a sandbox, such as Jest, may not import.
      dynamicImportInCjs: false,
      codeSplitting: { groups: CHUNKS },
      // The declarations and the source maps have them.
      comments: { jsdoc: false },
    });
    outputs.push({ folder, files: output });
  }
  await bundle.close();
  // Only now: what is bundled was read from there.
  for (const { folder, files } of outputs) {
    checkClassNames(files);
    removeCode(folder);
    for (const { fileName, code, source } of files) write(path.join(folder, fileName), code ?? source);
  }
}

/** Packages, and the generated client. */
function isOutside(compiled, id, importer) {
  if (!id.startsWith('.') && !path.isAbsolute(id)) return true;
  const file = path.resolve(importer === undefined ? compiled : path.dirname(importer), id);
  return path.relative(compiled, file).startsWith(GENERATED + path.sep);
}

/** Leads from the bundle through what was compiled to the source. */
function withSourceMaps() {
  return {
    name: 'with-source-maps',
    load: (file) => ({ code: readFileSync(file, 'utf8'), map: readFileSync(`${file}.map`, 'utf8') }),
  };
}

/** Two classes of one name in one file: one of them has been given another. */
function checkClassNames(files) {
  const renamed = files.flatMap(({ code = '' }) =>
    [...code.matchAll(/\bclass (\w+\$\d+)|\bvar (\w+\$\d+) = class\b/g)].map(
      ([, own, given]) => own ?? given,
    ),
  );
  assert.deepEqual(renamed, [], `Classes of one name, of which one was renamed: ${renamed.join(', ')}`);
}

/** Removes all but the declarations and the generated client. */
function removeCode(folder) {
  for (const file of readdirSync(folder, { recursive: true })) {
    if (/\.js(?:\.map)?$/.test(file) && !file.startsWith(GENERATED + path.sep))
      rmSync(path.join(folder, file));
  }
}

function write(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
