import { type Example, sourceOf } from './examples.js';
import type { Problem } from './pages.js';
import { printed, statedOutput } from './prints.js';
import { runNode } from './run-program.js';
import type { Workspace } from './workspace.js';

const TIMEOUT_MS = 60_000;

/** The servers that an example finds in its environment. */
export interface ExampleServers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly keyPrefix: string;
}

/**
 * Executes what `runs` covers in a TypeScript example, in a process of its own, which ends behind its last line. It must get
 * there, write nothing to standard error, and print what it states.
 */
export async function runExample(
  workspace: Workspace,
  example: Example,
  servers: ExampleServers,
): Promise<Problem[]> {
  const file = await workspace.write(example, 'run');
  const { exitCode, output, errors, timedOut } = await runNode(['--import', 'tsx', file], {
    cwd: workspace.root,
    environment: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_ENV: 'test',
      TSX_TSCONFIG_PATH: workspace.tsconfig,
      DATABASE_URL: servers.databaseUrl,
      REDIS_URL: servers.redisUrl,
      CACHE_PREFIX: servers.keyPrefix,
    },
    timeoutMs: TIMEOUT_MS,
  });
  const problem = (line: number, message: string): Problem[] => [{ file: example.page, line, message }];
  if (timedOut) return problem(example.line, `this example did not end within ${TIMEOUT_MS} ms`);
  const { text, pageLine } = sourceOf(example, example.executed);
  if (exitCode !== 0 || errors !== '') {
    const line = Number(new RegExp(`${escaped(file)}:(\\d+)`).exec(errors)?.[1] ?? 1);
    const what = exitCode === 0 ? 'wrote to standard error' : `failed with exit code ${exitCode}`;
    return problem(pageLine(line), `this example ${what}:\n${errors.trim()}`);
  }
  const stated = statedOutput(text);
  if (stated === null || printed(stated, output)) return [];
  return problem(
    example.line,
    `this example does not print what it says.\n  says:   ${stated}\n  prints: ${output}`,
  );
}

/** Output that is stated where nothing is executed, and so can be wrong unnoticed. */
export function unexecutedStatements(example: Example): Problem[] {
  if (example.language !== 'ts') return [];
  return example.excerpts.slice(example.executed).flatMap(({ line, lines }) =>
    lines.flatMap((text, index) =>
      statedOutput(text) === null
        ? []
        : [
            {
              file: example.page,
              line: line + index,
              message: 'this says what it prints, but is not executed: mark it "runs"',
            },
          ],
    ),
  );
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
