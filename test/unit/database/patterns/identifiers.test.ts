import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  parseTableName,
  quoteIdentifier,
  quoteTableName,
} from '../../../../src/database/patterns/identifiers.js';
import { InvalidArgumentError } from '../../../../src/errors.js';

describe('the name of a table', () => {
  test.each([
    ['users', { name: 'users' }],
    ['public.users', { schema: 'public', name: 'users' }],
    ['"Odd.Schema"."Say ""hi"""', { schema: 'Odd.Schema', name: 'Say "hi"' }],
    ['Sales.order', { schema: 'Sales', name: 'order' }],
    ['select', { name: 'select' }],
  ])('is read from %s', (text, name) => {
    expect(parseTableName(text)).toEqual(name);
  });

  test.each(['', '.', 'a.', '.a', 'a.b.c', '"a', '"a"b', 'a"b', 'a..b', '""'])(
    'is refused when it is %j',
    (text) => {
      expect(() => quoteTableName(parseTableName(text))).toThrow(InvalidArgumentError);
    },
  );

  test('is read back from its quoted form, whatever it is', () => {
    const part = fc
      .string({ minLength: 1, maxLength: 15, unit: 'grapheme' })
      .filter((text) => !text.includes('\0') && Buffer.byteLength(text) < 64);
    fc.assert(
      fc.property(part, part, (schema, name) => {
        expect(parseTableName(quoteTableName({ schema, name }))).toEqual({ schema, name });
      }),
    );
  });
});

test('a name is refused when it is empty, too long for the server, or has a null byte', () => {
  for (const name of ['', 'x'.repeat(64), 'ü'.repeat(32), 'a\0b']) {
    expect(() => quoteIdentifier(name)).toThrow(InvalidArgumentError);
  }
  expect(quoteIdentifier('x'.repeat(63))).toBe(`"${'x'.repeat(63)}"`);
});
