import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkEnvironment, checkJson } from './check-data.js';
import { compileExamples } from './compile-examples.js';
import { type Example, examplesOf } from './examples.js';
import { checkLinks } from './links.js';
import { checkSchema, provideClient } from './page-schema.js';
import type { Page, Problem } from './pages.js';
import { unexecutedStatements } from './run-examples.js';
import { checkShell, type ShellSurroundings } from './shell-commands.js';
import { Workspace } from './workspace.js';

/** Everything that can be said of pages without a server: links, marks, and examples as far as they are not executed. */
export async function checkPages(root: string, pages: readonly Page[]): Promise<Problem[]> {
  const read = pages.map(examplesOf);
  const examples = read.flatMap((page) => page.examples);
  const surroundings = await shellSurroundings(root);
  const problems = [
    ...checkLinks(root, pages),
    ...read.flatMap((page) => page.problems),
    ...examples.flatMap(unexecutedStatements),
    ...examples.flatMap((example) => checkText(example, surroundings)),
  ];
  const workspace = await Workspace.create(root);
  try {
    for (const page of pages) {
      const { schema, problems: wrong } = schemaOf(page.file, examples);
      problems.push(...wrong, ...(await provideClient(workspace, page.file, schema)));
    }
    const fragments = examples.filter(({ language, schema }) => language === 'prisma' && !schema);
    for (const fragment of fragments) problems.push(...(await checkSchema(workspace, fragment)));
    problems.push(
      ...(await compileExamples(
        workspace,
        examples.filter(({ language }) => language === 'ts'),
      )),
    );
  } finally {
    await workspace.remove();
  }
  return problems.sort((a, b) => a.file.localeCompare(b.file, 'en') || a.line - b.line);
}

/** The schema that a page states for its examples, if it does. */
export function schemaOf(
  page: string,
  examples: readonly Example[],
): { schema: Example | undefined; problems: Problem[] } {
  const [schema, second] = examples.filter((example) => example.page === page && example.schema);
  if (second === undefined) return { schema, problems: [] };
  const message = 'a page has one "schema"; mark what belongs to it "continues"';
  return { schema, problems: [{ file: page, line: second.line, message }] };
}

function checkText(example: Example, surroundings: ShellSurroundings): Problem[] {
  switch (example.language) {
    case 'sh':
      return checkShell(example, surroundings);
    case 'json':
      return checkJson(example);
    case 'env':
      return checkEnvironment(example);
    default:
      return [];
  }
}

async function shellSurroundings(root: string): Promise<ShellSurroundings> {
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    readonly scripts?: Readonly<Record<string, string>>;
    readonly bin?: Readonly<Record<string, string>>;
  };
  return {
    root,
    scripts: new Set(Object.keys(manifest.scripts ?? {})),
    bins: new Set(Object.keys(manifest.bin ?? {})),
  };
}
