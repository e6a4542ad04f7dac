import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { checkPages } from '../../../scripts/docs/check-pages.js';
import { examplesOf } from '../../../scripts/docs/examples.js';
import { readPages, showProblem } from '../../../scripts/docs/pages.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

test('the documentation compiles, and its links, commands and settings exist', async () => {
  const pages = await readPages(root);
  expect((await checkPages(root, pages)).map(showProblem)).toEqual([]);
  // That the check sees what it is to check.
  expect(pages.map(({ file }) => file)).toEqual(expect.arrayContaining(['README.md', 'docs/database.md']));
  expect(pages.flatMap((page) => examplesOf(page).examples).length).toBeGreaterThan(10);
}, 180_000);
