import { describe, expect, test } from '@jest/globals';
import type { ColumnShape } from '../../../../src/database/patterns/table-shape.js';
import { toText } from '../../../../src/database/patterns/values.js';
import { InvalidArgumentError } from '../../../../src/errors.js';

const column = (baseType: string, category: string): ColumnShape => ({
  name: 'it',
  quoted: '"it"',
  type: baseType,
  baseType,
  category,
  notNull: false,
  generated: false,
});
const text = column('text', 'S');
const json = column('jsonb', 'U');
const list = column('_text', 'A');

class Money {
  toString(): string {
    return '12.50';
  }
}

describe('a value', () => {
  test.each<[unknown, ColumnShape, string | null]>([
    [null, text, null],
    ['plain', text, 'plain'],
    [2n ** 63n, column('numeric', 'N'), '9223372036854775808'],
    [true, column('bool', 'B'), 'true'],
    [Buffer.from([0, 255]), column('bytea', 'U'), '\\x00ff'],
    [new Date('2026-01-02T03:04:05.678Z'), column('timestamptz', 'D'), '2026-01-02T03:04:05.678Z'],
    [new Date(Date.UTC(10_000, 0)), column('timestamptz', 'D'), '10000-01-01T00:00:00.000Z'],
    [new Date('-000043-03-15T00:00:00Z'), column('timestamptz', 'D'), '0044-03-15T00:00:00.000Z BC'],
    [new Money(), column('numeric', 'N'), '12.50'],
    ['a text', json, '"a text"'],
    [{ a: [1, null] }, json, '{"a":[1,null]}'],
    [['a', null, 'say "hi" \\'], list, '{"a",NULL,"say \\"hi\\" \\\\"}'],
    [[['a'], ['b']], list, '{{"a"},{"b"}}'],
  ])('%p is written as PostgreSQL reads it', (value, of, expected) => {
    expect(toText(value, of)).toBe(expected);
  });

  test.each<[string, unknown, ColumnShape]>([
    ['undefined', undefined, text],
    ['a function', () => 1, text],
    ['an invalid date', new Date(Number.NaN), column('timestamptz', 'D')],
    ['a text with a null byte', 'a\0b', text],
    ['half a surrogate pair', 'a\ud800b', text],
    ['a plain object where no JSON belongs', { a: 1 }, text],
    ['an array where no array belongs', [1], text],
    ['undefined in an array', ['a', undefined], list],
    ['a bigint in JSON', { a: 1n }, json],
  ])('is refused with the name of its column when it is %s', (_, value, of) => {
    expect(() => toText(value, of)).toThrow(InvalidArgumentError);
    expect(() => toText(value, of)).toThrow(/"it"/);
  });
});
