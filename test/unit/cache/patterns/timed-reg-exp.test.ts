import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matcherOf, PatternTimeoutError } from '../../../../src/cache/patterns/index.js';
import { InvalidArgumentError } from '../../../../src/errors.js';

describe('a regular expression', () => {
  test('means what it means to JavaScript, with its flags', () => {
    const names = ['user:1', 'USER:2', 'a user:3', 'other', 'user:x', 'é', '🦊'];
    for (const expression of [
      /^user:\d+$/,
      /user/i,
      /user:\d/,
      /^.$/u,
      /^.$/,
      /(?<=a )user/,
      /^(u).*\d$|\u{1F98A}/u,
    ]) {
      expect(matcherOf(expression).matches(names)).toEqual(names.map((name) => expression.test(name)));
    }
  });

  test('starts each name anew, also with g and y, and leaves the lastIndex of its owner', () => {
    const global = /a/g;
    global.lastIndex = 1;
    expect(matcherOf(global).matches(['a', 'a', 'ba', 'b'])).toEqual([true, true, true, false]);
    expect(matcherOf(/a/y).matches(['a', 'a', 'ba'])).toEqual([true, true, false]);
    expect(global.lastIndex).toBe(1);
  });

  test.each([
    [/^user:\d+/, 'user:'],
    [/^user:\*/, 'user:'],
    [/^users?:/, 'user'],
    [/^users*:/, 'user'],
    [/^users+:/, 'users'],
    [/^users{0,2}:/, 'user'],
    [/^user:(1|2)/, ''],
    [/user:/, ''],
    [/^user:/i, ''],
    [/^user:/m, ''],
    [/^user:/g, 'user:'],
    [/^user:$/, 'user:'],
    [/^/, ''],
  ])('%p begins with %p', (expression, beginning) => {
    expect(matcherOf(expression).literalBeginning).toBe(beginning);
  });

  test('matches no name without its beginning', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      ':',
      '.',
      'a?',
      'b*',
      'a+',
      '\\d',
      '(a)',
      '[ab]',
      '$',
      'a{0}',
      'a{0,1}',
      '|',
    );
    const source = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => `^${pieces.join('')}`);
    const name = fc.string({ unit: fc.constantFrom('a', 'b', ':', '1'), maxLength: 6 });
    fc.assert(
      fc.property(source, fc.array(name, { minLength: 5, maxLength: 20 }), (text, names) => {
        const expression = new RegExp(text);
        const { literalBeginning } = matcherOf(expression);
        for (const each of names)
          if (expression.test(each)) expect(each.startsWith(literalBeginning)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('that would go back and forth for ever is stopped after its time, and is of use again', () => {
    const matcher = matcherOf(/^(a+)+$/, { timeLimitMs: 1_000 });
    const startedAt = performance.now();
    expect(() => matcher.matches(['b', `${'a'.repeat(5_000)}!`])).toThrow(PatternTimeoutError);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(matcher.matches(['aaa', 'b'])).toEqual([true, false]);
  });

  test('says when it timed out how many names it was given, and what it is', () => {
    const matcher = matcherOf(/(a+)+$/, { timeLimitMs: 20 });
    expect(() => matcher.matches([`${'a'.repeat(100)}!`])).toThrow(
      expect.objectContaining({
        code: 'PATTERN_TIMEOUT',
        context: { pattern: '/(a+)+$/', timeLimitMs: 20, names: 1 },
      }),
    );
  });

  test('of another realm is one too, and what only looks like one is not', () => {
    expect(() => matcherOf({ source: 'a', flags: '' } as RegExp)).toThrow(InvalidArgumentError);
    expect(() => matcherOf(new RegExp('a'.repeat(4_097)))).toThrow(InvalidArgumentError);
  });
});
