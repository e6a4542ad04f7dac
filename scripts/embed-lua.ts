/*
 * `npx tsx scripts/embed-lua.ts`: copies the Lua scripts of src/cache/store/lua into scripts.ts beside them, since code
 * that is loaded both by `import` and by `require` has no common way to find a file next to it. A test holds the two
 * equal.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const STORE = fileURLToPath(new URL('../src/cache/store', import.meta.url));

/** The text that scripts.ts should have. */
export function embeddedScripts(): string {
  const files = readdirSync(path.join(STORE, 'lua')).sort();
  const constants = files.map((file) => {
    const source = readFileSync(path.join(STORE, 'lua', file), 'utf8');
    if (/[`\\]|\$\{/.test(source)) throw new Error(`${file} holds a character that would need escaping.`);
    return `/** See lua/${file}. */\nexport const ${path.parse(file).name.toUpperCase()} = script(\`\n${source}\`);\n`;
  });
  return [
    "// Generated from lua/*.lua by scripts/embed-lua.ts. Do not edit.\nimport { createHash } from 'node:crypto';\n",
    '/** A Lua script and the name under which Redis keeps it. */\nexport interface RedisScript {\n' +
      '  readonly source: string;\n  readonly sha1: string;\n}\n',
    'function script(source: string): RedisScript {\n' +
      "  return Object.freeze({ source, sha1: createHash('sha1').update(source).digest('hex') });\n}\n",
    ...constants,
  ].join('\n');
}

export const EMBEDDED = path.join(STORE, 'scripts.ts');

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(EMBEDDED, embeddedScripts());
