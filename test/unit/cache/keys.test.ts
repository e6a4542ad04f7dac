import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalId, idFrom, KeySpace } from '../../../src/cache/keys.js';
import { InvalidArgumentError } from '../../../src/errors.js';

const UUID = '01a1fbff-9f45-777a-a675-e37296b22460';

describe('the canonical form of an id', () => {
  test('is one for both cases in which PostgreSQL takes a uuid', () => {
    expect(canonicalId(UUID.toUpperCase(), 'uuid', 'User')).toBe(UUID);
  });

  test('keeps the case of text', () => {
    expect(canonicalId('AbC', 'text', 'User')).toBe('AbC');
  });

  test.each([
    ['uuid', 'nope'],
    ['uuid', ''],
    ['uuid', 5],
    ['uuid', undefined],
    ['uuid', null],
    ['uuid', { id: UUID }],
    ['text', ''],
    ['text', 'a\0b'],
    ['text', 1],
    ['integer', 1.5],
    ['integer', Number.NaN],
    ['integer', '1'],
    ['integer', 2 ** 60],
    ['bigint', 1],
  ] as const)('refuses for %s the value %p instead of missing silently', (type, value) => {
    expect(() => canonicalId(value, type, 'User')).toThrow(InvalidArgumentError);
  });

  test('gives back the id it stands for', () => {
    expect(idFrom(canonicalId(-5, 'integer', 'X'), 'integer')).toBe(-5);
    expect(idFrom(canonicalId(2n ** 62n, 'bigint', 'X'), 'bigint')).toBe(2n ** 62n);
    expect(idFrom(canonicalId('x', 'text', 'X'), 'text')).toBe('x');
  });
});

describe('the keys of a key space', () => {
  const space = new KeySpace('holdfast', 'abc');

  test('differ wherever the ids differ, whatever characters they hold', () => {
    const id = fc.oneof(
      fc.string({ minLength: 1, unit: 'binary' }),
      fc.constantFrom('}', ':fence', 'x}:fence', '{', ':'),
    );
    fc.assert(
      fc.property(id, id, (a, b) => {
        const [first, second] = [space.entry('User', a), space.entry('User', b)];
        expect(first.entry === second.entry).toBe(a === b);
        expect(first.entry).not.toBe(second.fence);
        expect(space.scope('User').epochKey).not.toBe(first.entry);
      }),
    );
  });

  test('of two shapes of the schema have nothing in common', () => {
    const other = new KeySpace('holdfast', 'abd');
    expect(other.entry('User', '1').entry).not.toBe(space.entry('User', '1').entry);
    expect(other.epochKey).not.toBe(space.epochKey);
  });

  test('put an entry and its fences into one hash slot, as a cluster needs it', () => {
    const { entry, fence } = space.entry('User', 'x');
    const tag = (key: string): string | undefined => /\{(.*?)\}/.exec(key)?.[1];
    expect(tag(entry)).toBe(tag(fence));
  });
});
