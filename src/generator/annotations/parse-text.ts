import type { Annotation, AnnotationArgument } from './annotation.js';

/** An annotation in the text of a comment, or what was found in the place of one. */
export type FoundAnnotation = (Pick<Annotation, 'name' | 'args'> | { readonly mistake: string }) & {
  readonly text: string;
  /** Where it begins in the text, from 0. */
  readonly at: number;
};

/** White space, or the text's beginning, stands before it: `ada@holdfast.dev` is none. */
const START = /(?<!\S)@holdfast\./gi;
const NAME = /@holdfast\.([A-Za-z]\w*)/y;
/** Each with the space that may follow it. A string holds `\"` and `\\` for a quote and a backslash. */
const ARGUMENT = /(?:"((?:[^"\\]|\\["\\])*)"|(-?\d+(?:\.\d+)?)|([A-Za-z]\w*))\s*/y;
const OPENING = /\(\s*/y;
const COMMA = /,\s*/y;
const WORD = /\S+/y;

/** Finds every annotation in the text of one comment, wherever in its words. */
export function parseAnnotations(text: string): readonly FoundAnnotation[] {
  const found: FoundAnnotation[] = [];
  START.lastIndex = 0;
  for (let match = START.exec(text); match !== null; match = START.exec(text)) {
    const annotation = new TextParser(text, match.index).parse();
    found.push(annotation);
    START.lastIndex = match.index + annotation.text.length;
  }
  return found;
}

class TextParser {
  readonly #text: string;
  readonly #start: number;
  #at: number;

  constructor(text: string, start: number) {
    this.#text = text;
    this.#start = start;
    this.#at = start;
  }

  parse(): FoundAnnotation {
    const name = this.#take(NAME)?.[1];
    if (name === undefined) return this.#mistake('expected a name as in "@holdfast.ttl(600)", in lower case');
    const args: AnnotationArgument[] = [];
    if (this.#text[this.#at] === '(') {
      const mistake = this.#arguments(args);
      if (mistake !== null) return this.#mistake(mistake);
    }
    // `@holdfast.lookup.` may end a sentence; `@holdfast.lookup.email` and `@holdfast.ttl (600)` are meant to say something.
    if (!/^[.,;:!?)]*(?:\s+[^\s(]|\s*$)/.test(this.#text.slice(this.#at))) {
      return this.#mistake('expected a space after it, and none before its arguments');
    }
    return { name, args, text: this.#text.slice(this.#start, this.#at), at: this.#start };
  }

  /** Reads `(a, b)`, and says what is wrong with it. */
  #arguments(into: AnnotationArgument[]): string | null {
    this.#take(OPENING);
    if (this.#text[this.#at] !== ')') {
      do {
        const argument = this.#argument();
        if (argument === null) return 'expected a number, a field, or a string in double quotes as argument';
        into.push(argument);
      } while (this.#take(COMMA) !== null);
    }
    if (this.#text[this.#at] !== ')') return 'expected ")" after its arguments, on the same line';
    this.#at += 1;
    return null;
  }

  #argument(): AnnotationArgument | null {
    const found = this.#take(ARGUMENT);
    if (found === null) return null;
    const [, text, number, word] = found;
    if (text !== undefined) return { kind: 'string', value: text.replaceAll(/\\(.)/g, '$1') };
    return number === undefined ? { kind: 'word', value: word ?? '' } : { kind: 'number', value: number };
  }

  #mistake(mistake: string): FoundAnnotation {
    // What comes next is read again, in case there is an annotation in it.
    this.#at = this.#start;
    this.#take(WORD);
    return { mistake, text: this.#text.slice(this.#start, this.#at), at: this.#start };
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at += match[0].length;
    return match;
  }
}
