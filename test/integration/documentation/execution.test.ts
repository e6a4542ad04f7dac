import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { executePages } from '../../../scripts/docs/execute-pages.js';
import { readPages, showProblem } from '../../../scripts/docs/pages.js';
import { exampleSurroundings } from './example-surroundings.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

test('the examples that the documentation says run do, and print what they say', async () => {
  const { executed, problems } = await executePages(root, await readPages(root), exampleSurroundings);
  expect(problems.map(showProblem)).toEqual([]);
  expect(executed.map(({ page }) => page)).toEqual(
    expect.arrayContaining(['README.md', 'docs/configuration.md', 'docs/query-patterns.md']),
  );
}, 600_000);
