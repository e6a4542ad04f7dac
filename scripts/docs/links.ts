import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { anchorsOf, proseLines } from './headings.js';
import type { Page, Problem } from './pages.js';

const INLINE = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const DEFINITION = /^\s*\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/;
/** A file of the repository in inline code, such as `src/cache/relay.ts`. */
const FILE_IN_CODE = /^(?:src|scripts|test|prisma|docs)(?:\/[\w.-]+)+\/?$/;
/** Decisions tell what was so when they were made, also of files that have gone since. */
const HISTORY = 'docs/decisions/';

/** Whether the links of the pages lead to files and headings that there are; addresses outside are not called. */
export function checkLinks(root: string, pages: readonly Page[]): Problem[] {
  const anchors = new Map(pages.map((page) => [page.file, anchorsOf(page)]));
  return pages.flatMap((page) =>
    proseLines(page).flatMap(({ text, line }) => {
      const problem = (message: string): Problem => ({ file: page.file, line, message });
      const targets = [...withoutCode(text).matchAll(INLINE)].map(([, target = '']) => target);
      const definition = DEFINITION.exec(text)?.[1];
      if (definition !== undefined) targets.push(definition);
      const broken = targets
        .map((target) => problemWith(target, page.file, root, anchors))
        .filter((message) => message !== null);
      return [...broken, ...missingFiles(text, page.file, root)].map(problem);
    }),
  );
}

function problemWith(
  target: string,
  from: string,
  root: string,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
): string | null {
  if (/^https:\/\/|^mailto:/.test(target)) return null;
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) return `${target} is neither a file nor https`;
  const [relative = '', anchor] = target.split('#');
  const file =
    relative === '' ? from : path.posix.join(path.posix.dirname(from), decodeURIComponent(relative));
  if (!isInside(root, file)) return `${target} leads out of the repository`;
  const known = anchors.get(file);
  if (known === undefined && !existsSync(path.join(root, file))) return `there is no ${file}`;
  if (anchor === undefined) return null;
  if (known === undefined) return `${target}: nothing is known of headings in ${file}`;
  return known.has(anchor) ? null : `${file} has no heading #${anchor}; it has ${[...known].join(', ')}`;
}

function isInside(root: string, file: string): boolean {
  return path.resolve(root, file).startsWith(path.resolve(root));
}

/** Files and folders that inline code names and that do not exist. */
function missingFiles(text: string, from: string, root: string): string[] {
  if (from.startsWith(HISTORY)) return [];
  return [...text.matchAll(/`([^`]+)`/g)]
    .map(([, code = '']) => code)
    .filter((code) => FILE_IN_CODE.test(code) && !existsAs(path.join(root, code)))
    .map((code) => `there is no ${code}`);
}

function existsAs(file: string): boolean {
  return existsSync(file) && (!file.endsWith('/') || statSync(file).isDirectory());
}

/** Inline code may look like a link, and the text of a link may hold code. */
function withoutCode(text: string): string {
  return text.replace(/`[^`]*`/g, (code) => '-'.repeat(code.length));
}
