import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { embeddedScripts } from '../../../scripts/embed-lua.js';
import * as eachScripts from '../../../src/cache/store/each-scripts.js';
import * as sharedScripts from '../../../src/cache/store/scripts.js';

const embedded = embeddedScripts();
const folder = path.join(path.dirname(embedded[0]?.file ?? ''), 'lua');
const files = readdirSync(folder).sort();
const isPrelude = (file: string): boolean => file === 'each.lua';
const { script: _, ...ownScripts } = sharedScripts;
const scripts = { ...ownScripts, ...eachScripts };

describe('the embedded scripts', () => {
  test.each(embedded)(
    'are what `npx tsx scripts/embed-lua.ts` makes of the Lua files: $file',
    ({ file, text }) => {
      expect(readFileSync(file, 'utf8')).toBe(text);
    },
  );

  test('are there, each under the hash that Redis gives it', () => {
    expect(Object.keys(scripts)).toHaveLength(files.filter((file) => !isPrelude(file)).length);
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
    if (file.startsWith('each-')) expect(header).toMatch(/^-- item\b/m);
    else expect(header).toMatch(/\bARGV\b/);
    if (/\bKEYS\b/.test(body) && !file.startsWith('each-')) expect(header).toMatch(/^-- KEYS\b/m);
  });

  test('touches no key but those that it was given', () => {
    const touched = body.matchAll(/redis\.call\(\s*'(?!TIME|PUBLISH|SCAN|INFO|CLUSTER)\w+',\s*([^,)]+)/g);
    const names = new Set([...touched].map(([, name]) => name));
    // Directly, or through a name that a line of the script binds to one of its keys.
    const bound = new Set(
      [...body.matchAll(/local (\w+)(?:, \w+)* = KEYS\[/g)].flatMap(([line]) => line.match(/\w+/g) ?? []),
    );
    // Or through a list of some of them, or of what lies beside them.
    const lists = new Set([...body.matchAll(/(\w+)\[#\1 \+ 1\] = KEYS\[/g)].map(([, list]) => list));
    const unknown = [...names].filter((name = '') => {
      const list = /^(?:unpack\()?(\w+)/.exec(name)?.[1];
      return list !== 'KEYS' && !lists.has(list) && !bound.has(name) && name !== 'key';
    });
    expect(unknown).toEqual([]);
  });
});
