import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { anchorsOf } from '../../../scripts/docs/headings.js';
import { checkLinks } from '../../../scripts/docs/links.js';
import { pageOf, showProblem } from '../../../scripts/docs/pages.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function problems(...lines: string[]): string[] {
  const target = pageOf('docs/configuration.md', '# Configuration\n## Query log');
  return checkLinks(root, [pageOf('docs/page.md', ['# The page', ...lines].join('\n')), target]).map(
    showProblem,
  );
}

test('headings have the anchors that GitHub gives them', () => {
  const page = pageOf(
    'a.md',
    [
      "# P1: what's `new` & *good*",
      '## Same',
      '## Same',
      '```sh',
      '# no heading',
      '```',
      '## [Link](b.md) ##',
    ].join('\n'),
  );
  expect([...anchorsOf(page)]).toEqual(['p1-whats-new--good', 'same', 'same-1', 'link']);
});

test('links to files, folders, headings and addresses are followed as far as they lie inside', () => {
  expect(
    problems(
      '[a](configuration.md#query-log), [b](#the-page), [c](decisions), [d](../src/errors.ts), [e](https://example.org/x)',
      '[f]: ../README.md',
      '`[no](link.md)` and `src/errors.ts`, `test/unit/`',
      '```ts',
      '// [no](link.md)',
      '```',
    ),
  ).toEqual([]);
});

test.each([
  ['[a](gone.md)', 'there is no docs/gone.md'],
  ['[`code`](gone.md)', 'there is no docs/gone.md'],
  [
    '[a](configuration.md#gone)',
    'docs/configuration.md has no heading #gone; it has configuration, query-log',
  ],
  ['[a](#gone)', 'docs/page.md has no heading #gone; it has the-page'],
  ['[a](../../elsewhere.md)', '../../elsewhere.md leads out of the repository'],
  ['[a](http://example.org)', 'http://example.org is neither a file nor https'],
  ['[a]: gone.md', 'there is no docs/gone.md'],
  ['see `src/gone.ts`', 'there is no src/gone.ts'],
])('%s is a problem', (text, message) => {
  expect(problems(text)).toEqual([`docs/page.md:2: ${message}`]);
});
