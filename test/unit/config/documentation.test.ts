import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../../src/config/config.js';
import type { Variable } from '../../../src/config/variable.js';
import { allVariables } from '../../../src/config/variables.js';

const guide = readFileSync('docs/configuration.md', 'utf8');
const example = readFileSync('.env.example', 'utf8');

describe('docs/configuration.md', () => {
  test('has one row per variable, with other names, unit, default, meaning and effect as in the code', () => {
    const rows = guide.split('\n').filter((line) => /^\| `[A-Z]/.test(line));
    expect(rows).toEqual(allVariables.map(row));
  });

  test('speaks of no variable that does not exist', () => {
    const known = new Set(allVariables.flatMap(({ name, aliases }) => [name, ...aliases]));
    const mentioned =
      guide.match(/\b(?:DATABASE|DIRECT|DB|REDIS|UPSTASH|CACHE|ENABLE|SLOW)_[A-Z_]+\b/g) ?? [];
    expect(mentioned.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('.env.example', () => {
  const lines = [...example.matchAll(/^(# )?([A-Z][A-Z_]+)=(.*)$/gm)].map(
    ([, off, name = '', value = '']) => ({
      active: off === undefined,
      name,
      value,
    }),
  );

  test('lists every variable once, in the order of the code', () => {
    expect(lines.map(({ name }) => name)).toEqual(allVariables.map(({ name }) => name));
  });

  test('tells unit, default and other names of each, and shows the default or an example', () => {
    for (const variable of allVariables) expect(example).toContain(entry(variable));
  });

  test('sets only what has no usable default, and loads as it is', () => {
    const active = lines.filter((line) => line.active);
    expect(active.map(({ name }) => name)).toEqual(['DATABASE_URL', 'REDIS_URL']);
    expect(() => loadConfig(environmentOf(active))).not.toThrow();
  });

  // There is one shared cache, and certificates are checked with TLS alone.
  test.each([
    ['one Redis', ['REDIS_TLS_CA', 'REDIS_SENTINEL_', 'REDIS_CLUSTER_', 'UPSTASH_']],
    ['sentinels', ['REDIS_TLS_CA', 'REDIS_CLUSTER_', 'UPSTASH_']],
    ['a cluster', ['REDIS_TLS_CA', 'REDIS_URL', 'REDIS_HOST', 'REDIS_P', 'REDIS_SENTINEL_', 'UPSTASH_']],
    ['Upstash', ['REDIS_TLS_CA', 'REDIS_URL', 'REDIS_HOST', 'REDIS_P', 'REDIS_SENTINEL_', 'REDIS_CLUSTER_']],
  ])('loads with every line uncommented that goes with %s', (_, without) => {
    const chosen = lines.filter(({ name }) => !without.some((beginning) => name.startsWith(beginning)));
    expect(() => loadConfig(environmentOf(chosen))).not.toThrow();
  });
});

function environmentOf(lines: readonly { name: string; value: string }[]): Record<string, string> {
  return Object.fromEntries(lines.map(({ name, value }) => [name, value]));
}

function defaultOf(variable: Variable): string {
  if (variable.required) return 'required';
  if (variable.default === null || (Array.isArray(variable.default) && variable.default.length === 0))
    return 'none';
  const others = Object.entries(variable.defaultIn).map(
    ([name, value]) => `, ${value} with NODE_ENV=${name}`,
  );
  return `${variable.default}${others.join('')}`;
}

function row(variable: Variable): string {
  const aliases = variable.aliases.map((name) => `\`${name}\``).join(', ') || '-';
  const cells = [
    `\`${variable.name}\``,
    aliases,
    variable.unit ?? '-',
    defaultOf(variable),
    variable.meaning,
    variable.actedOn ? 'yes' : 'later',
  ];
  return `| ${cells.join(' | ')} |`;
}

function entry(variable: Variable): string {
  const facts = [
    ...(variable.unit === null ? [] : [variable.unit]),
    variable.required ? 'required' : `default: ${defaultOf(variable)}`,
    ...(variable.aliases.length === 0 ? [] : [`also ${variable.aliases.join(', ')}`]),
    ...(variable.actedOn ? [] : ['not acted on yet']),
  ];
  const off = variable.name === 'DATABASE_URL' || variable.name === 'REDIS_URL' ? '' : '# ';
  return `# ${variable.meaning}\n# (${facts.join('; ')})\n${off}${variable.name}=${variable.example ?? variable.default}\n`;
}
