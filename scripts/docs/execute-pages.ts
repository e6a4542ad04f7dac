import { availableParallelism } from 'node:os';
import { forEachConcurrently } from '../demo/concurrently.js';
import { schemaOf } from './check-pages.js';
import { type Example, examplesOf } from './examples.js';
import { provideClient, schemaFile } from './page-schema.js';
import type { Page, Problem } from './pages.js';
import { runExample } from './run-examples.js';
import { runSqlExamples } from './run-sql.js';
import { Workspace } from './workspace.js';

/** A database of an example's own. */
export interface ExampleDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Where examples find their servers. */
export interface ExampleSurroundings {
  /** Makes a database with the tables of a Prisma schema, or of the reference domain where it is null. */
  createDatabase(schemaFile: string | null): Promise<ExampleDatabase>;
  /** An address and a key prefix that nobody has used. */
  redis(): { readonly url: string; readonly keyPrefix: string };
}

/** What a run of all examples gave. */
export interface Execution {
  readonly executed: readonly Example[];
  readonly problems: readonly Problem[];
}

/** Something to execute, once its page is prepared. */
interface Task {
  readonly examples: readonly Example[];
  run(): Promise<Problem[]>;
}

/**
 * Executes what the pages say that runs, and their SQL: each program on a database of its own, the SQL of a page on one.
 * As many at a time as there are processors.
 */
export async function executePages(
  root: string,
  pages: readonly Page[],
  surroundings: ExampleSurroundings,
): Promise<Execution> {
  const workspace = await Workspace.create(root);
  try {
    const prepared: Problem[] = [];
    const tasks: Task[] = [];
    for (const page of pages) {
      const { examples } = examplesOf(page);
      prepared.push(...(await preparePage(workspace, page, examples)));
      tasks.push(...tasksOf(workspace, page, examples, surroundings));
    }
    const found: Problem[][] = [];
    await forEachConcurrently(tasks, availableParallelism(), async (task, index) => {
      found[index] = await task.run();
    });
    return {
      executed: tasks.flatMap(({ examples }) => examples),
      problems: [...prepared, ...found.flat()],
    };
  } finally {
    await workspace.remove();
  }
}

async function preparePage(
  workspace: Workspace,
  page: Page,
  examples: readonly Example[],
): Promise<Problem[]> {
  const needed = examples.some(({ executed, language }) => executed > 0 || language === 'sql');
  if (!needed) return [];
  // They may import each other.
  for (const example of examples) if (example.language === 'ts') await workspace.write(example, 'compile');
  return provideClient(workspace, page.file, schemaOf(page.file, examples).schema);
}

function tasksOf(
  workspace: Workspace,
  page: Page,
  examples: readonly Example[],
  { createDatabase, redis }: ExampleSurroundings,
): Task[] {
  const { schema } = schemaOf(page.file, examples);
  const task = (executed: readonly Example[], work: (url: string) => Promise<Problem[]>): Task => ({
    examples: executed,
    run: async () => {
      const database = await createDatabase(schema === undefined ? null : schemaFile(workspace, schema));
      try {
        return await work(database.url);
      } finally {
        await database.drop();
      }
    },
  });
  const programs = examples.filter(({ executed }) => executed > 0);
  const sql = examples.filter(({ language }) => language === 'sql');
  const tasks = programs.map((program) =>
    task([program], (databaseUrl) => {
      const { url, keyPrefix } = redis();
      return runExample(workspace, program, { databaseUrl, redisUrl: url, keyPrefix });
    }),
  );
  if (sql.length > 0) tasks.push(task(sql, (url) => runSqlExamples(url, sql)));
  return tasks;
}
