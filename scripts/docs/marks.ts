/*
 * Marks tell how the code block behind them is checked. They are HTML comments, which nobody sees on the page:
 *
 *   <!-- example: continues -->                goes on where the example before it, of the same language, ended
 *   <!-- example: runs -->                     is executed, with all that it continues
 *   <!-- example: file src/users.ts -->        is this file, so that other examples of the page import it
 *   <!-- example: schema -->                   is the Prisma schema of the page's other examples
 *   <!-- example: not checked: the reason -->  is only looked at by readers
 *   <!-- example: given                        has these lines before it, which the page does not show
 *   declare const id: string;
 *   -->
 *
 * Several stand in one comment, with commas, or in several comments.
 */

/** How a code block is checked. */
export interface Marks {
  readonly continues: boolean;
  readonly runs: boolean;
  readonly schema: boolean;
  /** The path of the file that the block is; null where it is none in particular. */
  readonly file: string | null;
  /** Why the block is not checked; null where it is. */
  readonly notChecked: string | null;
}

/** Those of a block with no mark before it. */
export const NO_MARKS: Marks = Object.freeze({
  continues: false,
  runs: false,
  schema: false,
  file: null,
  notChecked: null,
});

/** Marks that cannot be understood; the message says which. */
export class MarkError extends Error {}

/**
 * What a comment adds to the marks before it.
 *
 * @param text what stands behind `example:`
 * @throws MarkError for a word that is no mark, and for marks that contradict each other
 */
export function withMarks(before: Marks, text: string): Marks {
  const reason = /^not checked\b:?(.*)$/s.exec(text.trim())?.[1]?.trim();
  if (reason === '') throw new MarkError('"not checked" needs a reason: <!-- example: not checked: why -->');
  const marks =
    reason === undefined
      ? text.split(',').reduce((marked, word) => withMark(marked, word.trim()), before)
      : { ...before, notChecked: reason };
  if (marks.notChecked !== null && (marks.runs || marks.continues || marks.schema || marks.file !== null)) {
    throw new MarkError('"not checked" stands alone: what is not checked can be nothing else');
  }
  if (marks.continues && marks.file !== null) {
    throw new MarkError('"file" belongs to the block that begins the file, not to one that continues it');
  }
  return marks;
}

function withMark(marks: Marks, word: string): Marks {
  if (word === 'continues' || word === 'runs' || word === 'schema') return { ...marks, [word]: true };
  const file = /^file (\S+)$/.exec(word)?.[1];
  if (file === undefined) {
    throw new MarkError(
      `"${word}" is no mark: there are "continues", "runs", "schema", "file PATH", "given" and "not checked: REASON"`,
    );
  }
  if (file.startsWith('/') || file.split('/').includes('..')) {
    throw new MarkError(`"file ${file}" leads out of the page's own folder`);
  }
  return { ...marks, file };
}
