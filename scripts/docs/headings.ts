import type { Page } from './pages.js';

const HEADING = /^#{1,6}\s+(.*?)\s*#*$/;

/** The anchors that the headings of a page have on GitHub, and those set by hand with `<a id="...">`. */
export function anchorsOf(page: Page): Set<string> {
  const anchors = new Set<string>();
  for (const { text } of proseLines(page)) {
    const heading = HEADING.exec(text)?.[1];
    if (heading !== undefined) {
      const anchor = anchorOf(heading);
      let free = anchor;
      for (let n = 1; anchors.has(free); n += 1) free = `${anchor}-${n}`;
      anchors.add(free);
    }
    for (const [, id = ''] of text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(id);
  }
  return anchors;
}

/** GitHub's rule: lower case, no punctuation but `-` and `_`, blanks become `-`; links and code count as their text. */
function anchorOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** The lines of a page that are neither in code blocks nor in comments, with their numbers. */
export function proseLines(page: Page): { text: string; line: number }[] {
  const prose: { text: string; line: number }[] = [];
  let fence: string | null = null;
  let inComment = false;
  for (const [index, text] of page.lines.entries()) {
    const ticks = /^\s*(`{3,}|~{3,})/.exec(text)?.[1];
    if (fence !== null) {
      if (ticks?.startsWith(fence)) fence = null;
    } else if (inComment) inComment = !text.includes('-->');
    else if (ticks !== undefined) fence = ticks;
    else if (/^\s*<!--/.test(text)) inComment = !text.includes('-->');
    else prose.push({ text, line: index + 1 });
  }
  return prose;
}
