/*
 * An example states what it prints in comments: `// prints: Ada` behind the statement, or below it. Comment lines directly
 * below go on with it. Blanks and line breaks count as one blank, and `...` stands for any text, as ids and times need.
 */

const STATED = /\/\/\s*prints:\s*(.*)$/;
const CONTINUED = /^\s*\/\/\s?(.*)$/;

/** What an example says that it prints, in the order of the text; null where it says nothing. */
export function statedOutput(text: string): string | null {
  const stated: string[] = [];
  let within = false;
  for (const line of text.split('\n')) {
    const begun = STATED.exec(line)?.[1];
    const continued: string | undefined = within ? CONTINUED.exec(line)?.[1] : undefined;
    if (begun !== undefined) stated.push(begun);
    else if (continued !== undefined) stated.push(continued);
    within = begun !== undefined || continued !== undefined;
  }
  return stated.length === 0 ? null : normalized(stated.join(' '));
}

/** Whether a program that printed `output` printed all that was stated, and nothing else. */
export function printed(stated: string, output: string): boolean {
  const pattern = stated
    .split('...')
    .map((part) => part.trim().replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*?');
  return new RegExp(`^${pattern}$`, 's').test(normalized(output));
}

function normalized(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
