/*
 * `npx tsx scripts/embed-lua.ts`: copies the Lua scripts of src/cache/store/lua into scripts.ts and each-scripts.ts beside
 * them, since code that is loaded both by `import` and by `require` has no common way to find a file next to it. A test holds
 * them equal.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const STORE = fileURLToPath(new URL('../src/cache/store', import.meta.url));
/** What the scripts that are called `each-` begin with. */
const PRELUDE = 'each.lua';
const GENERATED = '// Generated from lua/*.lua by scripts/embed-lua.ts. Do not edit.\n';

/** A module of scripts, and the text that it should have. */
export interface Embedded {
  readonly file: string;
  readonly text: string;
}

/** The modules, with the text that they should have. */
export function embeddedScripts(): readonly Embedded[] {
  const files = readdirSync(path.join(STORE, 'lua'))
    .filter((file) => file !== PRELUDE)
    .sort();
  return [
    { file: path.join(STORE, 'scripts.ts'), text: scripts(files.filter((file) => !isForEach(file))) },
    { file: path.join(STORE, 'each-scripts.ts'), text: eachScripts(files.filter(isForEach)) },
  ];
}

function isForEach(file: string): boolean {
  return file.startsWith('each-');
}

function scripts(files: readonly string[]): string {
  return [
    `${GENERATED}import { createHash } from 'node:crypto';\n`,
    '/** A Lua script and the name under which Redis keeps it. */\nexport interface RedisScript {\n' +
      '  readonly source: string;\n  readonly sha1: string;\n}\n',
    '/** A script of this source. */\nexport function script(source: string): RedisScript {\n' +
      "  return Object.freeze({ source, sha1: createHash('sha1').update(source).digest('hex') });\n}\n",
    ...files.map((file) => `${heading(file)}script(\`\n${sourceOf(file)}\`);\n`),
  ].join('\n');
}

function eachScripts(files: readonly string[]): string {
  return [
    `${GENERATED}import { script } from './scripts.js';\n`,
    `/** See lua/${PRELUDE}. */\nconst EACH = \`\n${sourceOf(PRELUDE)}\`;\n`,
    ...files.map((file) => `${heading(file)}script(\`\${EACH}\n${sourceOf(file)}\`);\n`),
  ].join('\n');
}

function heading(file: string): string {
  return `/** See lua/${file}. */\nexport const ${path.parse(file).name.toUpperCase().replaceAll('-', '_')} = `;
}

function sourceOf(file: string): string {
  const source = readFileSync(path.join(STORE, 'lua', file), 'utf8');
  if (/[`\\]|\$\{/.test(source)) throw new Error(`${file} holds a character that would need escaping.`);
  return source;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { file, text } of embeddedScripts()) writeFileSync(file, text);
}
