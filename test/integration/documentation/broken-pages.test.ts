import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { checkPages } from '../../../scripts/docs/check-pages.js';
import { executePages } from '../../../scripts/docs/execute-pages.js';
import { pageOf, showProblem } from '../../../scripts/docs/pages.js';
import { exampleSurroundings } from './example-surroundings.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const page = (...lines: string[]) => pageOf('docs/page.md', lines.join('\n'));

async function executed(...lines: string[]): Promise<string[]> {
  const { problems } = await executePages(root, [page(...lines)], exampleSurroundings);
  return problems.map(showProblem);
}

describe('what is wrong on a page is found, with its line', () => {
  test('where TypeScript does not compile, each by itself and in what continues it', async () => {
    const problems = await checkPages(root, [
      page(
        '```ts',
        "import { loadConfig } from 'holdfast';",
        'const pool = loadConfig().database.pool;',
        '```',
        '<!-- example: continues -->',
        '```ts',
        'pool.max.toFixed();',
        'pool.maximum;', // 8
        '```',
        '```ts',
        'pool;', // 11
        '```',
        '```ts',
        "import { gone } from 'holdfast';", // 14
        "import { repositoryFactory } from 'holdfast/domain';",
        'const names: string[] = [];',
        'names[0].length;', // 17
        '```',
      ),
    ]);
    expect(problems.map(showProblem)).toEqual([
      expect.stringMatching(/^docs\/page\.md:8: TS2339: Property 'maximum' does not exist/),
      expect.stringMatching(/^docs\/page\.md:11: TS2304: Cannot find name 'pool'/),
      expect.stringMatching(/^docs\/page\.md:14: TS2305/),
      expect.stringMatching(/^docs\/page\.md:17: TS2532/),
    ]);
  }, 120_000);

  test('where Prisma refuses a schema, or examples do not fit the client generated from it', async () => {
    const problems = await checkPages(root, [
      page('```prisma', 'model Note {', '  id Int @id', '  tag Tag', '}', '```'),
      pageOf(
        'docs/other.md',
        [
          '<!-- example: schema -->',
          '```prisma',
          'generator client {',
          '  provider = "prisma-client"',
          '  output   = "../generated/prisma"',
          '}',
          'model Note {',
          '  id Int @id',
          '}',
          '```',
          '```ts',
          "import type { Note } from './generated/prisma/client.js';",
          'export const right: Note = { id: 1 };',
          "export const wrong: Note = { id: 'one' };", // 14
          '```',
        ].join('\n'),
      ),
    ]);
    expect(problems.map(showProblem)).toEqual([
      expect.stringMatching(/^docs\/other\.md:14: TS2322/),
      expect.stringMatching(/^docs\/page\.md:4: Prisma says: .*"Tag"/s),
    ]);
  }, 120_000);

  test('where an example throws, or prints something else than it says', async () => {
    const problems = await executed(
      '<!-- example: runs -->',
      '```ts',
      "console.log('Ada'); // prints: Ada",
      "throw new Error('broken');", // 4
      '```',
      '<!-- example: runs -->',
      '```ts',
      'console.log(6 * 7); // prints: 54',
      '```',
      '<!-- example: runs -->',
      '```ts',
      'console.assert(6 * 7 === 54);', // 12
      '```',
    );
    expect(problems).toEqual([
      expect.stringMatching(/^docs\/page\.md:4: this example failed with exit code 1:.*broken/s),
      expect.stringMatching(/^docs\/page\.md:7: this example does not print what it says\.\n.*54\n.*42/),
      expect.stringMatching(/^docs\/page\.md:12: this example wrote to standard error:\nAssertion failed/),
    ]);
  }, 120_000);

  test('where PostgreSQL refuses SQL, also with parameters', async () => {
    const problems = await executed(
      '```sql',
      'SELECT count(*) FROM users;',
      'SELECT count(*) FROM persons;', // 3
      '```',
      '```sql',
      'SELECT name',
      'FROM users WHERE ide = $1;', // 7
      '```',
    );
    expect(problems).toEqual([
      'docs/page.md:3: PostgreSQL says: relation "persons" does not exist',
      'docs/page.md:7: PostgreSQL says: column "ide" does not exist',
    ]);
  }, 120_000);
});

test('an example runs against the tables of its own schema, and what it states is compared', async () => {
  expect(
    await executed(
      '<!-- example: schema -->',
      '```prisma',
      'generator client {',
      '  provider = "prisma-client"',
      '  output   = "../generated/prisma"',
      '}',
      'model Note {',
      '  id   Int    @id',
      '  text String',
      '}',
      '```',
      '<!-- example: file factory.ts -->',
      '```ts',
      "import { defineRepositoryFactory } from 'holdfast';",
      "import { PrismaClient } from './generated/prisma/client.js';",
      'export const factory = defineRepositoryFactory({}, { PrismaClient }).getInstance();',
      '```',
      '<!-- example: runs -->',
      '```ts',
      "import { factory } from './factory.js';",
      "await factory.prisma.note.create({ data: { id: 7, text: 'hold fast' } });",
      'console.log(await factory.prisma.note.findMany());',
      "// prints: [ { id: 7, text: 'hold fast' } ]",
      '```',
      '```sql',
      'SELECT text FROM "Note";',
      '```',
    ),
  ).toEqual([]);
}, 120_000);
