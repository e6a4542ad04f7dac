/** One character of a name that a glob asks for, or any number of them. */
export type GlobToken =
  | { readonly kind: 'character'; readonly code: number }
  | { readonly kind: 'any' }
  | {
      readonly kind: 'class';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [number, number])[];
    }
  | { readonly kind: 'star' };

const ANY: GlobToken = Object.freeze({ kind: 'any' });
const STAR: GlobToken = Object.freeze({ kind: 'star' });

/** A text as the glob that means it alone. */
export function escapeGlob(text: string): string {
  return text.replaceAll(/[*?[\]^\\-]/g, '\\$&');
}

/** What a glob asks for, one after the other. Every text is a glob; what is left open ends where the glob does. */
export function globTokens(glob: string): readonly GlobToken[] {
  const characters = Array.from(glob);
  const tokens: GlobToken[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at];
    if (character === '*') {
      if (tokens.at(-1) !== STAR) tokens.push(STAR);
    } else if (character === '?') tokens.push(ANY);
    else if (character === '[') {
      const { token, end } = classAt(characters, at + 1);
      tokens.push(token);
      at = end;
    } else {
      if (character === '\\' && at + 1 < characters.length) at += 1;
      tokens.push({ kind: 'character', code: codeAt(characters, at) });
    }
  }
  return tokens;
}

/** The characters between brackets, and where the second bracket is. */
function classAt(characters: readonly string[], start: number): { token: GlobToken; end: number } {
  const negated = characters[start] === '^';
  const ranges: [number, number][] = [];
  let at = negated ? start + 1 : start;
  for (; at < characters.length && characters[at] !== ']'; at += 1) {
    const left = characters.length - at;
    if (characters[at] === '\\' && left >= 2) {
      at += 1;
      ranges.push([codeAt(characters, at), codeAt(characters, at)]);
    } else if (left >= 3 && characters[at + 1] === '-') {
      const [one, other] = [codeAt(characters, at), codeAt(characters, at + 2)];
      ranges.push([Math.min(one, other), Math.max(one, other)]);
      at += 2;
    } else ranges.push([codeAt(characters, at), codeAt(characters, at)]);
  }
  return { token: { kind: 'class', negated, ranges }, end: at };
}

/** What all names begin with that a glob means. */
export function globBeginning(tokens: readonly GlobToken[]): string {
  let beginning = '';
  for (const token of tokens) {
    if (token.kind !== 'character') break;
    beginning += String.fromCodePoint(token.code);
  }
  return beginning;
}

/**
 * Whether a glob means a name. Only the last star is ever taken back: what an earlier one could take over, it could as well.
 * So the time is at most the product of both lengths.
 */
export function globMatcher(tokens: readonly GlobToken[]): (name: string) => boolean {
  return (name) => {
    let [at, index] = [0, 0];
    // Behind the last star, and where what it stands for ends.
    let [afterStar, starEnd] = [-1, 0];
    while (at < name.length) {
      const code = name.codePointAt(at) as number;
      const token = tokens[index];
      if (token?.kind === 'star') {
        index += 1;
        [afterStar, starEnd] = [index, at];
      } else if (token !== undefined && takes(token, code)) {
        at += widthOf(code);
        index += 1;
      } else if (afterStar >= 0) {
        starEnd += widthOf(name.codePointAt(starEnd) as number);
        [at, index] = [starEnd, afterStar];
      } else return false;
    }
    return index === tokens.length || (index === tokens.length - 1 && tokens[index]?.kind === 'star');
  };
}

function takes(token: GlobToken, code: number): boolean {
  switch (token.kind) {
    case 'character':
      return token.code === code;
    case 'class':
      return token.ranges.some(([low, high]) => code >= low && code <= high) !== token.negated;
    default:
      return token.kind === 'any';
  }
}

function codeAt(characters: readonly string[], at: number): number {
  return characters[at]?.codePointAt(0) as number;
}

function widthOf(code: number): number {
  return code > 0xffff ? 2 : 1;
}
