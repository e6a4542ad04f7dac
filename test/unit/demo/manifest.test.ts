import { describe, expect, test } from '@jest/globals';
import { parseManifest } from '../../../scripts/demo/manifest.js';

const parse = (fields: object) => parseManifest(JSON.stringify(fields), 'the-folder');

describe('a package.json', () => {
  test('in good order is taken as it is', () => {
    const manifest = parse({
      name: '@scope/rock',
      version: '1.2.3',
      description: 'A rock.',
      dependencies: { stone: '^1.0.0' },
      keywords: ['Rock', 'stone'],
      author: 'Barney <b@rubble.com>',
      repository: { type: 'git', url: 'git+https://github.com/bedrock/rock.git' },
    });
    expect(manifest).toEqual({
      name: '@scope/rock',
      version: '1.2.3',
      description: 'A rock.',
      dependencies: { stone: '^1.0.0' },
      keywords: ['rock', 'stone'],
      person: { name: 'Barney', email: 'b@rubble.com', githubLogin: null },
      githubOwner: 'bedrock',
    });
  });

  test('that starts with a byte order mark is read', () => {
    expect(parseManifest('\ufeff{"name":"rock"}', 'the-folder')?.name).toBe('rock');
  });

  test('without any field takes its name from its folder', () => {
    expect(parse({})).toEqual({
      name: 'the-folder',
      version: null,
      description: null,
      dependencies: {},
      keywords: [],
      person: null,
      githubOwner: null,
    });
  });

  test.each(['', 'not json', '[]', 'null', '"text"', '{"name":'])('that is %p is not one', (text) => {
    expect(parseManifest(text, 'the-folder')).toBeNull();
  });

  test('with fields of the wrong type counts them as absent', () => {
    const manifest = parse({ name: 7, version: {}, description: ['x'], dependencies: 'none', keywords: 5 });
    expect(manifest).toEqual(parse({}));
  });

  test.each([['text'], [['a', 'b']], [null], [3]])('with dependencies %p has none', (dependencies) => {
    expect(parse({ dependencies })?.dependencies).toEqual({});
  });

  test('keeps of its dependencies only those with a version range', () => {
    const dependencies = { stone: '^1.0.0', sand: 2, clay: null };
    expect(parse({ dependencies })?.dependencies).toEqual({ stone: '^1.0.0' });
  });

  test('with a dependency named like a property of all objects keeps it as data', () => {
    const manifest = parseManifest('{"dependencies":{"__proto__":"^1.0.0"}}', 'the-folder');
    expect(Object.keys(manifest?.dependencies ?? {})).toEqual(['__proto__']);
  });

  test('loses NUL bytes and lone surrogates wherever they stand', () => {
    const manifest = parse({
      name: 'ro\u0000ck',
      description: 'half \ud83d pair',
      dependencies: { 'st\u0000one': '^1\u0000' },
      keywords: ['\u0000a\u0000'],
    });
    expect(manifest?.name).toBe('rock');
    expect(manifest?.description).toBe('half \ufffd pair');
    expect(manifest?.dependencies).toEqual({ stone: '^1' });
    expect(manifest?.keywords).toEqual(['a']);
  });

  test('with text longer than its column has it cut, never inside a character', () => {
    const manifest = parse({
      name: '🪨'.repeat(300),
      version: '1'.repeat(300),
      description: 'x'.repeat(9000),
    });
    expect(Array.from(manifest?.name ?? '')).toHaveLength(255);
    expect(manifest?.name.endsWith('🪨…')).toBe(true);
    expect(manifest?.version).toHaveLength(255);
    expect(manifest?.description).toHaveLength(4000);
  });

  test('with keywords in one string has them split, lower-cased and without doubles', () => {
    expect(parse({ keywords: 'Rock, stone  rock,,' })?.keywords).toEqual(['rock', 'stone']);
  });

  test('with a list of authors belongs to the first', () => {
    expect(parse({ author: ['Wilma', 'Betty'] })?.person?.name).toBe('Wilma');
  });

  test('without a usable author belongs to its first maintainer, then its first contributor', () => {
    const contributors = [{ name: 'Betty' }];
    expect(parse({ author: '', maintainers: ['Wilma'], contributors })?.person?.name).toBe('Wilma');
    expect(parse({ author: {}, contributors })?.person?.name).toBe('Betty');
  });

  test.each([
    ['bedrock/rock', 'bedrock'],
    ['github:Bedrock/rock', 'bedrock'],
    ['git@github.com:bedrock/rock.git', 'bedrock'],
    ['gitlab:bedrock/rock', null],
    [{ url: 5 }, null],
    [null, null],
  ])('with the repository %p names the owner %p', (repository, owner) => {
    expect(parse({ repository })?.githubOwner).toBe(owner);
  });

  test('without a repository names the owner in its homepage', () => {
    expect(parse({ homepage: 'https://github.com/bedrock/rock#readme' })?.githubOwner).toBe('bedrock');
  });
});
