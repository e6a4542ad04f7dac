import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { examplesOf } from '../../../scripts/docs/examples.js';
import { pageOf, showProblem } from '../../../scripts/docs/pages.js';
import { checkShell } from '../../../scripts/docs/shell-commands.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const surroundings = { root, scripts: new Set(['demo', 'test']), bins: new Set(['holdfast-generator']) };

function problems(...lines: string[]): string[] {
  const { examples } = examplesOf(pageOf('a.md', ['```sh', ...lines, '```'].join('\n')));
  return examples.flatMap((example) => checkShell(example, surroundings)).map(showProblem);
}

test('commands that exist are no problem, with assignments, options, pipes and comments around them', () => {
  expect(
    problems(
      '# npm run nothing',
      'npm run demo -- --seconds 30   # npm run nothing',
      "A='b c' D=e npm test && npm install holdfast",
      'npm run --silent \\',
      '  demo | psql "$DATABASE_URL"',
      'npx prisma generate; npx holdfast-generator',
      'node scripts/setup.mjs install',
    ),
  ).toEqual([]);
});

test.each([
  ['npm run dmeo', 'package.json has no script "dmeo"'],
  ['npm start', 'package.json has no script "start"'],
  ['npm test && npx prsima generate', 'no package brings a program "prsima" for npx'],
  ['node scripts/gone.mjs', 'there is no file "scripts/gone.mjs" for node'],
  ['X=1 nmp test', '"nmp" is not a program that readers are known to have'],
])('%s is a problem', (command, message) => {
  expect(problems('npm test', command)).toEqual([expect.stringContaining(`a.md:3: ${message}`)]);
});
