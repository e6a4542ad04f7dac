import { describe, expect, test } from '@jest/globals';
import { scanSchema } from '../../../src/generator/schema-text/scan-schema.js';

function scan(text: string) {
  return scanSchema([{ name: 'a.prisma', path: '/a.prisma', text }]);
}

/** Each comment's text with what it belongs to: `block`, `block.field` or nothing. */
function owners(text: string): readonly (readonly [text: string, owner: string])[] {
  return scan(text).comments.map(({ text: words, owner, kind }) => {
    const name = owner === null ? '' : [owner.block, owner.field].filter(Boolean).join('.');
    return [`${kind} ${words.trim()}`, name];
  });
}

describe('a comment of a schema', () => {
  test('belongs to the block or the field below it, whatever plain comments are between', () => {
    expect(owners('/// one\n// two\n/// three\nmodel A {\n  /// four\n\n  id Int @id\n}')).toEqual([
      ['plain two', ''],
      ['documentation one', 'A'],
      ['documentation three', 'A'],
      ['documentation four', 'A.id'],
    ]);
  });

  test('belongs to the line that it ends', () => {
    expect(owners('model A { /// one\n  id Int @id /// two\n} /// three')).toEqual([
      ['documentation one', 'A'],
      ['documentation two', 'A.id'],
      ['documentation three', ''],
    ]);
  });

  test('belongs to nothing above an empty line between blocks, an attribute of a block, or its end', () => {
    const text = '/// one\n\nmodel A {\n  id Int @id\n  /// two\n  @@index([id])\n  /// three\n}\n/// four';
    expect(owners(text).map(([, owner]) => owner)).toEqual(['', '', '', '']);
  });

  test('is none inside a string, whatever quotes are in it', () => {
    expect(owners('model A {\n  a String @default("/// \\" // x") /// one\n}')).toEqual([
      ['documentation one', 'A.a'],
    ]);
  });

  test('between slashes and stars is one, over several lines too, and what follows is read', () => {
    const text = 'model A {\n  a Int /* one */ @id /// two\n  /* three\n  /// four */ b Int /// five\n}';
    expect(owners(text)).toEqual([
      ['block one', ''],
      ['documentation two', 'A.a'],
      ['block three', ''],
      ['block /// four', ''],
      ['documentation five', 'A.b'],
    ]);
  });

  test('has its line and column, with any line ends', () => {
    const { comments } = scan('model A {\r\n  id Int @id /// one\r\n}\r\n');
    expect(comments).toMatchObject([{ line: 2, column: 17, text: ' one' }]);
  });
});

test('models and views have their places; generators and enums of the same name do not take them', () => {
  const { models } = scan('\nview A {\n  id Int\n}\ngenerator B {\n}\nmodel B {\n}\nenum A {\n}');
  expect([...models]).toEqual([
    ['A', { file: 'a.prisma', line: 2, column: 1 }],
    ['B', { file: 'a.prisma', line: 7, column: 1 }],
  ]);
});
