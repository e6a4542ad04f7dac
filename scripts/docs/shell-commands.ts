import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Example, sourceOf } from './examples.js';
import type { Problem } from './pages.js';

/** What an example in shell may call. */
export interface ShellSurroundings {
  readonly root: string;
  /** The names in `scripts` of package.json. */
  readonly scripts: ReadonlySet<string>;
  /** The names in `bin` of package.json. */
  readonly bins: ReadonlySet<string>;
}

/** Programs that are there without the project's doing. */
const ELSEWHERE = new Set([
  'cd',
  'cp',
  'createdb',
  'curl',
  'docker',
  'export',
  'git',
  'mkdir',
  'psql',
  'redis-cli',
]);
const NPM_COMMANDS = new Set(['ci', 'i', 'init', 'install', 'pack', 'uninstall']);
const ASSIGNMENT = /^[A-Za-z_]\w*=/;

/** Whether each command in a shell example exists. */
export function checkShell(example: Example, surroundings: ShellSurroundings): Problem[] {
  const { text, pageLine } = sourceOf(example);
  const problems: Problem[] = [];
  let joined = '';
  for (const [index, line] of text.split('\n').entries()) {
    joined += line.replace(/\\$/, ' ');
    if (line.endsWith('\\')) continue;
    for (const command of commandsIn(joined)) {
      const message = problemWith(command, surroundings);
      if (message !== null) problems.push({ file: example.page, line: pageLine(index + 1), message });
    }
    joined = '';
  }
  return problems;
}

/** The commands of a line, each as its words, without assignments before it and comments behind. */
function commandsIn(line: string): string[][] {
  const words = line.match(/"[^"]*"|'[^']*'|#.*$|&&|\|\||[|;&]|[^\s"'|;&]+(?:"[^"]*"|'[^']*')?/g) ?? [];
  const commands: string[][] = [[]];
  for (const word of words) {
    if (word.startsWith('#')) break;
    if (/^(&&?|\|\|?|;)$/.test(word)) commands.push([]);
    else if (!(ASSIGNMENT.test(word) && commands.at(-1)?.length === 0)) commands.at(-1)?.push(word);
  }
  return commands.filter((command) => command.length > 0);
}

function problemWith(words: readonly string[], surroundings: ShellSurroundings): string | null {
  const [program = '', ...args] = words;
  const first = args.find((argument) => !argument.startsWith('-')) ?? '';
  if (ELSEWHERE.has(program)) return null;
  if (program === 'npm') {
    if (NPM_COMMANDS.has(first)) return null;
    const script =
      first === 'run' ? (args.slice(args.indexOf('run') + 1).find((a) => !a.startsWith('-')) ?? '') : first;
    return surroundings.scripts.has(script) ? null : `package.json has no script "${script}"`;
  }
  if (program === 'npx') {
    const installed = existsSync(path.join(surroundings.root, 'node_modules/.bin', first));
    return installed || surroundings.bins.has(first)
      ? null
      : `no package brings a program "${first}" for npx`;
  }
  if (program === 'node') {
    return existsSync(path.join(surroundings.root, first)) ? null : `there is no file "${first}" for node`;
  }
  return `"${program}" is not a program that readers are known to have; scripts/docs/shell-commands.ts lists those`;
}
