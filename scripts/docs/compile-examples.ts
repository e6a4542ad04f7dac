import path from 'node:path';
import { type Example, sourceOf } from './examples.js';
import type { Problem } from './pages.js';
import { runNode } from './run-program.js';
import type { Workspace } from './workspace.js';

const TIMEOUT_MS = 120_000;
/** A message without a place, such as one about the configuration, and one with it. */
const MESSAGE = /^(?:(?<file>.+?)\((?<line>\d+),\d+\): )?error (?<text>TS\d+: .*)$/;

/**
 * Compiles TypeScript examples against the sources of the library, all with one run of the compiler, as strictly as the
 * project itself. What is wrong in the sources is not looked at: `npm run typecheck` does that.
 */
export async function compileExamples(
  workspace: Workspace,
  examples: readonly Example[],
): Promise<Problem[]> {
  const byFile = new Map<string, Example>();
  const problems: Problem[] = [];
  for (const example of examples) {
    const file = workspace.fileOf(example, 'compile');
    const other = byFile.get(file);
    if (other === undefined) await workspace.write(example, 'compile');
    else
      problems.push(
        at(example, example.line, `the example in line ${other.line} has this file name already`),
      );
    byFile.set(file, example);
  }
  const tsc = path.join(workspace.root, 'node_modules/typescript/bin/tsc');
  const { exitCode, output, errors, timedOut } = await runNode(
    [tsc, '-p', workspace.tsconfig, '--noEmit', '--pretty', 'false'],
    { cwd: workspace.root, environment: { ...process.env, NO_COLOR: '1' }, timeoutMs: TIMEOUT_MS },
  );
  if (timedOut) throw new Error(`The compiler took longer than ${TIMEOUT_MS} ms for the examples.`);
  const messages = messagesIn(output);
  if (exitCode !== 0 && messages.length === 0) throw new Error(`The compiler failed:\n${output}\n${errors}`);
  for (const { file, line, text } of messages) {
    if (file === undefined) throw new Error(`The compiler did not look at the examples: ${text}`);
    const absolute = path.resolve(workspace.root, file);
    const example = byFile.get(absolute);
    if (example !== undefined) problems.push(at(example, sourceOf(example).pageLine(line), text));
    // What was generated from the schema of a page.
    else if (absolute.startsWith(workspace.folder)) problems.push({ file, line, message: text });
  }
  return problems;
}

function at({ page }: Example, line: number, message: string): Problem {
  return { file: page, line, message };
}

/** What the compiler says, with the indented lines that explain a message. */
function messagesIn(output: string): { file: string | undefined; line: number; text: string }[] {
  const messages: { file: string | undefined; line: number; text: string }[] = [];
  for (const line of output.split('\n')) {
    const found = MESSAGE.exec(line)?.groups;
    const last = messages.at(-1);
    if (found !== undefined) {
      messages.push({ file: found['file'], line: Number(found['line'] ?? 1), text: found['text'] ?? '' });
    } else if (last !== undefined && line.startsWith(' ')) last.text += `\n${line}`;
  }
  return messages;
}
