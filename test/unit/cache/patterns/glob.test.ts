import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeGlob, matcherOf } from '../../../../src/cache/patterns/index.js';
import { InvalidArgumentError } from '../../../../src/errors.js';

const matches = (glob: string, name: string) => matcherOf(glob).matches([name])[0];

describe('a glob', () => {
  test.each([
    ['user:*', 'user:1', true],
    ['user:*', 'users:1', false],
    ['*:list:*', 'user:list:()', true],
    ['a*b*c', 'aXbXbXc', true],
    ['a*b*c', 'aXbXcX', false],
    ['h?llo', 'hello', true],
    ['h?llo', 'hllo', false],
    ['h[ae]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['h[a-c]llo', 'hbllo', true],
    ['h[c-a]llo', 'hbllo', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'aXb', false],
    ['[\\]]', ']', true],
    ['[a', 'a', true],
    ['[^', 'x', true],
    ['[]', 'x', false],
    ['a\\', 'a\\', true],
    ['**', 'x', true],
    ['?', '🦊', true],
    ['[é-ü]', 'ö', true],
    ['*🦊*', 'a🦊b', true],
  ])('%p means %p: %p', (glob, name, expected) => {
    expect(matches(glob, name)).toBe(expected);
  });

  test('begins with what stands before its first sign', () => {
    expect(matcherOf('user:*').literalBeginning).toBe('user:');
    expect(matcherOf('user\\*:1?').literalBeginning).toBe('user*:1');
    expect(matcherOf('*').literalBeginning).toBe('');
    expect(matcherOf('user').literalBeginning).toBe('user');
  });

  test('means one text alone when it was escaped', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'ab*?[]^-\\'), minLength: 1 }),
      fc.string({ unit: 'binary', minLength: 1 }),
    );
    fc.assert(
      fc.property(text, text, (one, other) => {
        const matcher = matcherOf(escapeGlob(one));
        expect(matcher.literalBeginning).toBe(one);
        expect(matcher.matches([one, other])).toEqual([true, one === other]);
      }),
    );
  });

  test('takes time in proportion to the name, however many stars it has', () => {
    const startedAt = performance.now();
    expect(matches(`${'a*'.repeat(40)}b`, 'a'.repeat(20_000))).toBe(false);
    // Twenty thousand steps; one that goes back to every star would not end at all.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test('is refused when it is empty, too long, or no text', () => {
    for (const glob of ['', 'a'.repeat(4_097), undefined, null, 7, {}]) {
      expect(() => matcherOf(glob as string)).toThrow(InvalidArgumentError);
    }
  });
});
