import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

function setUp(...steps: string[]) {
  return spawnSync(process.execPath, ['scripts/setup.mjs', ...steps], { encoding: 'utf8' });
}

/** Evaluates an expression against one of the set-up's modules, which are not TypeScript. */
function evaluate(module: string, expression: string): unknown {
  const source = `import * as m from './scripts/setup/${module}'; console.log(JSON.stringify(${expression}));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe('the set-up', () => {
  it('says nothing where everything is in place', () => {
    expect(setUp('install', 'generate')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('refuses a step that it does not know, and names those it does', () => {
    expect(setUp('everything')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('install, generate'),
    });
  });
});

describe('the installed packages', () => {
  const check = (wanted: object, installed: object | null) =>
    evaluate('install.mjs', `m.isInstalled(${JSON.stringify(wanted)}, ${JSON.stringify(installed)})`);
  const one = { '': { version: '0.1.0' }, 'node_modules/a': { version: '1.0.0' } };

  it('match the lockfile when each has its version', () => {
    expect(check(one, { 'node_modules/a': { version: '1.0.0' } })).toBe(true);
  });

  it('do not match when there are none, when one is missing, or when one has another version', () => {
    expect(check(one, null)).toBe(false);
    expect(check(one, {})).toBe(false);
    expect(check(one, { 'node_modules/a': { version: '1.0.1' } })).toBe(false);
  });

  it('match without an optional package, which may be for another platform', () => {
    expect(check({ 'node_modules/a': { version: '1.0.0', optional: true } }, {})).toBe(true);
  });
});
