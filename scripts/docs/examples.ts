import { type CodeBlock, codeBlocks, type Excerpt } from './code-blocks.js';
import type { Page, Problem } from './pages.js';

/** The languages that are checked, by the names they go by behind a fence. `text` is for what a program prints. */
const LANGUAGES = {
  ts: 'ts',
  typescript: 'ts',
  sql: 'sql',
  sh: 'sh',
  bash: 'sh',
  json: 'json',
  prisma: 'prisma',
  env: 'env',
  text: 'text',
} as const;

export type Language = (typeof LANGUAGES)[keyof typeof LANGUAGES];

/** A code block of a page, with those that continue it. */
export interface Example {
  readonly page: string;
  /** The line of its first fence. */
  readonly line: number;
  readonly language: Language;
  /** The path below the page's folder that it was given; null where it may lie anywhere. */
  readonly file: string | null;
  /** Whether it is the Prisma schema of the page. */
  readonly schema: boolean;
  /** What the page gives and shows, in order. */
  readonly excerpts: readonly Excerpt[];
  /** How many of the excerpts are executed; 0 where none are. */
  readonly executed: number;
}

/** The text of an example, and where its lines come from. */
export interface Source {
  readonly text: string;
  /** The line of the page on which line `line` of the text stands, both counted from 1. */
  pageLine(line: number): number;
}

/** The examples of a page that are to be checked. */
export function examplesOf(page: Page): { examples: Example[]; problems: Problem[] } {
  const { blocks, problems } = codeBlocks(page);
  const examples: Example[] = [];
  for (const block of blocks) {
    const { marks } = block;
    const problem = (message: string) => problems.push({ file: page.file, line: block.line, message });
    const language = languageOf(block.language);
    if (language === null) {
      const known = Object.keys(LANGUAGES).join(', ');
      problem(
        block.language === ''
          ? `this code block names no language; it may be one of ${known}`
          : `nothing checks "${block.language}"; known are ${known}`,
      );
    } else if (marks.runs && language !== 'ts') {
      problem(`"runs" is for TypeScript, and this is ${language}`);
    } else if (marks.schema && language !== 'prisma') {
      problem(`"schema" is for Prisma, and this is ${language}`);
    } else if (marks.notChecked === null && marks.continues) {
      const before = examples.findLastIndex((example) => example.language === language);
      if (before === -1) problem(`there is no ${language} example before this that it could continue`);
      else examples[before] = continued(examples[before] as Example, block);
    } else if (marks.notChecked === null) {
      const begun: Example = {
        page: page.file,
        line: block.line,
        language,
        file: marks.file,
        schema: marks.schema,
        excerpts: [],
        executed: 0,
      };
      examples.push(continued(begun, block));
    }
  }
  return { examples, problems };
}

/** The text of an example: of all of it, or of its first `excerpts`. */
export function sourceOf(example: Example, excerpts: number = example.excerpts.length): Source {
  const pageLines: number[] = [];
  const lines: string[] = [];
  for (const excerpt of example.excerpts.slice(0, excerpts)) {
    for (const [index, line] of excerpt.lines.entries()) {
      pageLines.push(excerpt.line + index);
      lines.push(line);
    }
  }
  return {
    text: `${lines.join('\n')}\n`,
    pageLine: (line) => pageLines[line - 1] ?? pageLines.at(-1) ?? example.line,
  };
}

function continued(example: Example, { given, code, marks }: CodeBlock): Example {
  const excerpts = [...example.excerpts, ...given, code];
  return {
    ...example,
    schema: example.schema || marks.schema,
    excerpts,
    executed: marks.runs ? excerpts.length : example.executed,
  };
}

function languageOf(word: string): Language | null {
  const name = word.toLowerCase();
  return Object.hasOwn(LANGUAGES, name) ? LANGUAGES[name as keyof typeof LANGUAGES] : null;
}
