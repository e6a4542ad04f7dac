import { describe, expect, test } from '@jest/globals';
import { examplesOf, sourceOf } from '../../../scripts/docs/examples.js';
import { pageOf, showProblem } from '../../../scripts/docs/pages.js';

const read = (...lines: string[]) => {
  const { examples, problems } = examplesOf(pageOf('docs/page.md', lines.join('\n')));
  return { examples, problems: problems.map(showProblem) };
};

describe('the examples of a page', () => {
  test('are its code blocks, by language and the line of their fence', () => {
    const { examples, problems } = read('# Page', '```ts', 'a();', '```', '', '~~~bash', 'npm test', '~~~');
    expect(problems).toEqual([]);
    expect(examples).toMatchObject([
      { page: 'docs/page.md', line: 2, language: 'ts', executed: 0 },
      { line: 6, language: 'sh' },
    ]);
  });

  test('must name a language that is checked', () => {
    expect(read('```', 'a', '```', '```cobol', 'a', '```').problems).toEqual([
      expect.stringMatching(/^docs\/page\.md:1: this code block names no language/),
      expect.stringMatching(/^docs\/page\.md:4: nothing checks "cobol"/),
    ]);
  });

  test('know for each line of their text, given and continued ones too, where it stands on the page', () => {
    const { examples, problems } = read(
      '<!-- example: given const a = 1; -->', // 1
      '```ts',
      'b(a);', // 3
      '```',
      'Text.',
      '<!-- example: continues, runs -->',
      '<!-- example: given',
      'const c = 2;', // 8
      '-->',
      '',
      '```typescript',
      'd(c);', // 12
      '```',
    );
    expect(problems).toEqual([]);
    expect(examples).toHaveLength(1);
    const { text, pageLine } = sourceOf(examples[0] as (typeof examples)[0]);
    const code = text
      .split('\n')
      .flatMap((line, index) => (line.trim() === '' ? [] : [[line.trim(), pageLine(index + 1)]]));
    expect(code).toEqual([
      ['const a = 1;', 1],
      ['b(a);', 3],
      ['const c = 2;', 8],
      ['d(c);', 12],
    ]);
  });

  test('are executed up to the last block that says so', () => {
    const { examples } = read(
      '<!-- example: runs -->',
      '```ts',
      'a();',
      '```',
      '<!-- example: continues -->',
      '```ts',
      'b();',
      '```',
    ); // prettier-ignore
    const [example] = examples;
    expect(sourceOf(example as NonNullable<typeof example>, example?.executed).text).toBe('a();\n');
  });

  test('continue the last one of their own language', () => {
    const { examples, problems } = read(
      '```ts',
      'a();',
      '```',
      '```sh',
      'npm test',
      '```',
      '<!-- example: continues -->',
      '```ts',
      'b();',
      '```',
    ); // prettier-ignore
    expect(problems).toEqual([]);
    expect(examples.map((example) => sourceOf(example).text)).toEqual(['a();\nb();\n', 'npm test\n']);
  });

  test('lose the indentation that a list gives them', () => {
    const { examples } = read('- point', '  ```ts', '  if (a) {', '    b();', '  }', '  ```');
    expect(examples.map((example) => sourceOf(example).text)).toEqual(['if (a) {\n  b();\n}\n']);
  });

  test('are left out only with a reason', () => {
    const { examples, problems } = read(
      '<!-- example: not checked: shows, with a comma, what not to do -->',
      '```ts',
      'a(',
      '```',
      '<!-- example: not checked -->',
      '```ts',
      'a(',
      '```',
    ); // prettier-ignore
    expect(examples).toMatchObject([{ line: 6 }]);
    expect(problems).toEqual([expect.stringMatching(/^docs\/page\.md:5: "not checked" needs a reason/)]);
  });
});

describe('marks that cannot be meant are problems', () => {
  test.each([
    ['a word that is no mark', ['<!-- example: run -->', '```ts', '```'], /:1: "run" is no mark/],
    ['a mark before text', ['<!-- example: runs -->', 'Text.', '```ts', '```'], /:1: no code block follows/],
    ['a mark at the end of the page', ['Text.', '<!-- example: runs -->'], /:2: no code block follows/],
    [
      'nothing to continue',
      ['<!-- example: continues -->', '```ts', '```'],
      /:2: there is no ts example before/,
    ],
    ['shell that runs', ['<!-- example: runs -->', '```sh', '```'], /:2: "runs" is for TypeScript/],
    ['a schema that is none', ['<!-- example: schema -->', '```ts', '```'], /:2: "schema" is for Prisma/],
    [
      'a file elsewhere',
      ['<!-- example: file ../a.ts -->', '```ts', '```'],
      /:1: "file \.\.\/a\.ts" leads out/,
    ],
    ['a block without end', ['Text.', '```ts', 'a();'], /:2: this code block never ends/],
    [
      'a reason among others',
      ['<!-- example: runs -->', '<!-- example: not checked: x -->', '```ts', '```'],
      /:2: .*stands alone/,
    ],
  ])('%s', (_name, lines, message) => {
    expect(read(...lines).problems).toEqual([expect.stringMatching(message)]);
  });
});
