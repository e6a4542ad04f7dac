import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { EMBEDDED, embeddedScripts } from '../../../scripts/embed-lua.js';
import * as scripts from '../../../src/cache/store/scripts.js';

const folder = path.join(path.dirname(EMBEDDED), 'lua');
const files = readdirSync(folder).sort();

describe('scripts.ts', () => {
  test('is what `npx tsx scripts/embed-lua.ts` makes of the Lua files', () => {
    expect(readFileSync(EMBEDDED, 'utf8')).toBe(embeddedScripts());
  });

  test('has each script under the hash that Redis gives it', () => {
    expect(Object.keys(scripts)).toHaveLength(files.length);
    for (const { source, sha1 } of Object.values(scripts)) {
      expect(sha1).toBe(createHash('sha1').update(source).digest('hex'));
    }
  });
});

describe.each(files)('%s', (file) => {
  const lines = readFileSync(path.join(folder, file), 'utf8').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('--'));
  const header = lines.slice(0, end).join('\n');
  const body = lines.slice(end).join('\n');

  test('begins with what it does, and with its KEYS and ARGV', () => {
    expect(lines[0]).toMatch(/^-- [A-Z].{20}/);
    expect(header).toMatch(/^-- KEYS\b/m);
    expect(header).toMatch(/\bARGV\b/);
  });

  test('touches no key but those that it was given', () => {
    const touched = body.matchAll(/redis\.call\(\s*'(?!TIME|PUBLISH)\w+',\s*([^,)]+)/g);
    const names = new Set([...touched].map(([, name]) => name));
    // Directly, or through a name that a line of the script binds to one of its keys.
    const bound = new Set([...body.matchAll(/local (\w+) = KEYS\[/g)].map(([, name]) => name));
    const unknown = [...names].filter(
      (name) => !name?.startsWith('KEYS[') && !bound.has(name) && name !== 'key',
    );
    expect(unknown).toEqual([]);
  });
});
