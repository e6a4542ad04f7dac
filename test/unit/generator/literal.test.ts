import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Literal, literal } from '../../../src/generator/emit/literal.js';
import { biomeFormat } from '../../support/generator/biome-format.js';

const DECLARATION = 'export const value = ';

function module(value: Literal): string {
  return `${DECLARATION}${literal(value, '', DECLARATION.length + 1)};\n`;
}

describe('a literal', () => {
  const name = fc.stringMatching(/^[a-z][A-Za-z0-9_]{0,40}$/);
  const text = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.constantFrom('constructor', "it's", 'a "b"', `'"`, '\\', '\n'),
  );
  const { value: tree } = fc.letrec<{ value: Literal; scalar: Literal; list: Literal; object: Literal }>(
    (tie) => ({
      value: fc.oneof({ maxDepth: 4 }, tie('scalar'), tie('list'), tie('object')),
      scalar: fc.oneof(text, fc.boolean(), fc.constant(null)),
      list: fc.array(fc.oneof(text, tie('object'), tie('list')), { maxLength: 5 }),
      object: fc.dictionary(name, tie('value'), { maxKeys: 5 }),
    }),
  );
  const values = fc.sample(
    fc.oneof(fc.dictionary(name, tree, { minKeys: 1, maxKeys: 6 }), fc.array(tree, { maxLength: 6 })),
    { numRuns: 400, seed: 7 },
  );

  test('is formatted as Biome formats it', async () => {
    const files = Object.fromEntries(values.map((value, index) => [`value-${index}.ts`, module(value)]));
    expect(files).toEqual(await biomeFormat(files));
  }, 120_000);

  test('says what the value is', () => {
    for (const value of values) {
      const code = literal(value).replaceAll(' as const', '');
      expect(new Function(`return (${code});`)()).toEqual(value);
    }
  });

  test('leaves out what is undefined', () => {
    expect(literal({ a: undefined, b: 1 })).toBe('{ b: 1 }');
  });
});
