/** What stands in a part of a key as it is. No glob means anything by it, and no part ends at it. */
const PLAIN = /^[\w.@-]*$/;
const TO_ESCAPE = /[^\w.@-]/gu;

/**
 * A text as a part of a key: letters and digits of ASCII, `_`, `.`, `@` and `-` are themselves, all else is `%` and two
 * digits for each byte of its UTF-8. So no `:` in it ends the part, and no `*` in it is a glob. Different texts stay different.
 */
export function escaped(text: string): string {
  return PLAIN.test(text) ? text : text.replaceAll(TO_ESCAPE, escapedCharacter);
}

function escapedCharacter(character: string): string {
  // Half of a surrogate pair has no UTF-8 of its own; `%u` begins no byte.
  if (!character.isWellFormed()) return `%u${character.charCodeAt(0).toString(16).toUpperCase()}`;
  let text = '';
  for (const byte of Buffer.from(character)) text += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return text;
}
