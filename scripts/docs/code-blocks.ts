import { MarkError, type Marks, NO_MARKS, withMarks } from './marks.js';
import type { Page, Problem } from './pages.js';

/** Lines of a page that follow each other. */
export interface Excerpt {
  /** The number of the first. */
  readonly line: number;
  readonly lines: readonly string[];
}

/** A fenced code block. */
export interface CodeBlock {
  /** The line of its fence. */
  readonly line: number;
  /** The first word behind the fence, as it is written; '' where there is none. */
  readonly language: string;
  readonly marks: Marks;
  /** What goes before it and is not shown. */
  readonly given: readonly Excerpt[];
  readonly code: Excerpt;
}

const FENCE = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)/;
const MARK = /^\s*<!--\s*example:/;
const GIVEN = /^\s*given\b/;

/** The code blocks of a page, each with the marks before it. */
export function codeBlocks(page: Page): { blocks: CodeBlock[]; problems: Problem[] } {
  const blocks: CodeBlock[] = [];
  const problems: Problem[] = [];
  const problem = (line: number, message: string) => problems.push({ file: page.file, line, message });
  let marks = NO_MARKS;
  let given: Excerpt[] = [];
  let markedAt: number | null = null;
  const forgetMarks = () => {
    if (markedAt !== null) problem(markedAt, 'no code block follows this mark');
    marks = NO_MARKS;
    given = [];
    markedAt = null;
  };

  for (let at = 0; at < page.lines.length; at += 1) {
    const text = page.lines[at] ?? '';
    const line = at + 1;
    const fence = FENCE.exec(text);
    if (fence !== null) {
      const [, indentation = '', ticks = '', language = ''] = fence;
      const end = endOfBlock(page, at, ticks);
      if (end === -1) problem(line, 'this code block never ends');
      const code = page.lines.slice(at + 1, end === -1 ? undefined : end);
      const lines = code.map((shown) => withoutIndentation(shown, indentation.length));
      blocks.push({ line, language, marks, given, code: { line: line + 1, lines } });
      markedAt = null;
      forgetMarks();
      at += code.length + 1;
    } else if (MARK.test(text)) {
      markedAt ??= line;
      const comment = commentAt(page, at);
      const words = comment.lines.join(' ');
      try {
        if (GIVEN.test(words)) given.push(withoutWord(comment, GIVEN));
        else marks = withMarks(marks, words);
      } catch (error) {
        if (!(error instanceof MarkError)) throw error;
        problem(line, error.message);
      }
      at += comment.lines.length - 1;
    } else if (text.trim() !== '') {
      forgetMarks();
    }
  }
  forgetMarks();
  return { blocks, problems };
}

/** The index of the line that closes the block which line `start` opens; -1 where none does. */
function endOfBlock(page: Page, start: number, ticks: string): number {
  return page.lines.findIndex((line, index) => {
    const closing = line.trim();
    return index > start && closing.startsWith(ticks) && closing === ticks.charAt(0).repeat(closing.length);
  });
}

function withoutIndentation(line: string, width: number): string {
  return line.slice(0, width).trim() === '' ? line.slice(width) : line;
}

/** What stands in the comment that begins on line `start`, without its delimiters; one never closed goes to the end. */
function commentAt(page: Page, start: number): Excerpt {
  const length = page.lines.slice(start).findIndex((line) => line.includes('-->')) + 1;
  const lines = page.lines.slice(start, length === 0 ? undefined : start + length);
  return {
    line: start + 1,
    lines: lines.map((line) => line.replace(MARK, '').replace(/-->.*$/, '')),
  };
}

function withoutWord(comment: Excerpt, word: RegExp): Excerpt {
  const [first = '', ...others] = comment.lines;
  return { line: comment.line, lines: [first.replace(word, ''), ...others] };
}
