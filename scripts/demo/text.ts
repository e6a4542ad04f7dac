/**
 * Text that PostgreSQL accepts in a text column and inside jsonb: without NUL, which neither can hold, and with each
 * lone surrogate replaced by U+FFFD, which jsonb refuses.
 */
export function storableText(text: string): string {
  return text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Text of at most `maxCharacters` code points, which is how PostgreSQL counts a varchar(n); cut text ends in an ellipsis. */
export function limitedText(text: string, maxCharacters: number): string {
  // A string never has more code points than UTF-16 units, so most need no copy.
  if (text.length <= maxCharacters) {
    return text;
  }
  const characters = Array.from(text);
  return characters.length <= maxCharacters ? text : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}

/** A cleaned, trimmed, limited line; null when there is no text in it, or when it is no text at all. */
export function columnText(value: unknown, maxCharacters: number): string | null {
  if (typeof value !== 'string') {
    return null;
  }
  const text = storableText(value).trim();
  return text === '' ? null : limitedText(text, maxCharacters);
}

/** The lower-case ASCII letters and digits of a name, joined by hyphens: "José Núñez" becomes "jose-nunez". */
export function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** Text broken between words into lines of at most `maxColumns`. */
export function wrapped(text: string, maxColumns: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > maxColumns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
