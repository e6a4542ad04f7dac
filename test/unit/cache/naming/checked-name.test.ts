import { expect, test } from '@jest/globals';
import { checkedName, MAX_NAME_BYTES } from '../../../../src/cache/naming/index.js';
import { InvalidArgumentError } from '../../../../src/errors.js';

test.each(['a', '__proto__', 'constructor', ' ', '\0', '\n', '*', '漢🦊', '\ud83e', 'a b:{c}'])(
  'a text that is not empty is a key: %p',
  (key) => {
    expect(checkedName(key)).toBe(key);
  },
);

test('a key has up to 512 KB, as its UTF-8 counts them', () => {
  expect(checkedName('a'.repeat(MAX_NAME_BYTES))).toHaveLength(MAX_NAME_BYTES);
  expect(() => checkedName('a'.repeat(MAX_NAME_BYTES + 1))).toThrow('not 524289');
  expect(checkedName('é'.repeat(MAX_NAME_BYTES / 2))).toHaveLength(MAX_NAME_BYTES / 2);
  expect(() => checkedName('é'.repeat(MAX_NAME_BYTES / 2 + 1))).toThrow(InvalidArgumentError);
});

test.each(['', null, undefined, 7, 7n, {}, ['a'], new String('a'), Symbol('a'), () => 'a'])(
  'what is no text, or empty, is no key: %p',
  (key) => {
    expect(() => checkedName(key)).toThrow(InvalidArgumentError);
  },
);
