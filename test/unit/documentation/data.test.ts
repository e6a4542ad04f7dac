import { expect, test } from '@jest/globals';
import { checkEnvironment, checkJson } from '../../../scripts/docs/check-data.js';
import { type Example, examplesOf } from '../../../scripts/docs/examples.js';
import { pageOf, showProblem } from '../../../scripts/docs/pages.js';

function problems(
  check: (example: Example) => Parameters<typeof showProblem>[0][],
  ...lines: string[]
): string[] {
  return examplesOf(pageOf('a.md', lines.join('\n')))
    .examples.flatMap(check)
    .map(showProblem);
}

test('JSON that cannot be parsed is a problem of its line', () => {
  expect(problems(checkJson, '```json', '{ "a": [1, 2] }', '```')).toEqual([]);
  expect(problems(checkJson, '```json', '{', '  "a": 1,', '}', '```')).toEqual([
    expect.stringMatching(/^a\.md:4: this is no JSON/),
  ]);
});

test('settings that there are not, and lines that are none, are problems', () => {
  expect(problems(checkEnvironment, '```env', '# Comment', 'DATABASE_URL=postgresql://a', '', '```')).toEqual(
    [],
  );
  expect(problems(checkEnvironment, '```env', 'DATABASE_URI=a', 'redis', '```')).toEqual([
    'a.md:2: there is no setting DATABASE_URI',
    'a.md:3: this is not NAME=value',
  ]);
});
