/** `documentation` has three slashes, `plain` two; a `block` comment stands between slashes and stars. */
export type CommentKind = 'documentation' | 'plain' | 'block';

/** A line of a Prisma schema, its comments apart from the rest. */
export interface SplitLine {
  /** Without comments and the white space around. */
  readonly code: string;
  /** Columns count from 1, and are those of the text after the slashes. */
  readonly comments: readonly {
    readonly kind: CommentKind;
    readonly text: string;
    readonly column: number;
  }[];
  /** Whether a comment goes on in the next line. */
  readonly opensComment: boolean;
}

const STRING = /"(?:[^"\\]|\\.)*"?/y;

/** @param insideComment whether the line begins inside a block comment */
export function splitLine(line: string, insideComment: boolean): SplitLine {
  // Most lines have none.
  if (!insideComment && !line.includes('/')) return { code: line.trim(), comments: [], opensComment: false };
  const comments: SplitLine['comments'][number][] = [];
  let code = '';
  let at = 0;
  const take = (kind: CommentKind, from: number, to: number): void => {
    comments.push({ kind, text: line.slice(from, to), column: from + 1 });
    at = to;
  };
  if (insideComment) {
    const end = line.indexOf('*/');
    take('block', 0, end < 0 ? line.length : end);
    if (end < 0) return { code, comments, opensComment: true };
    at += 2;
  }
  while (at < line.length) {
    if (line.startsWith('//', at)) {
      const isDocumentation = line.startsWith('///', at);
      take(isDocumentation ? 'documentation' : 'plain', at + (isDocumentation ? 3 : 2), line.length);
    } else if (line.startsWith('/*', at)) {
      const end = line.indexOf('*/', at + 2);
      take('block', at + 2, end < 0 ? line.length : end);
      if (end < 0) return { code: code.trim(), comments, opensComment: true };
      at += 2;
    } else {
      // A string may hold what looks like a comment.
      STRING.lastIndex = at;
      const next = STRING.exec(line)?.[0] ?? line.charAt(at);
      code += next;
      at += next.length;
    }
  }
  return { code: code.trim(), comments, opensComment: false };
}
