import { createHash } from 'node:crypto';
import { KEYWORDS, QUERY_STARTS } from './sql-keywords.js';
import { type SqlToken, sqlTokens } from './sql-tokens.js';

/** What all statements have in common that differ in nothing but their values. */
export interface StatementShape {
  /** 16 hexadecimal digits that stay the same over time and on every machine. */
  readonly fingerprint: string;
  /** The statement with `?` for every value, without comments; at most 2,000 characters. */
  readonly text: string;
}

const VALUE = '?';
const MAX_TEXT_LENGTH = 2_000;
const FINGERPRINT_DIGITS = 16;
// Deeper than people and query builders write; what is deeper still is left out, not to run out of stack.
const MAX_DEPTH = 200;
const LEFT_OUT = '...';

/**
 * The shape of a statement. Literals and parameters become `?`, lists of them (`IN`, the rows of `VALUES`, `ARRAY[...]`)
 * keep one of each kind however long they are, names of savepoints go, keywords are written large and other unquoted
 * names small, and white space is made even. Time grows with the length of the statement:
 * some 10 µs for a usual one, a tenth of a second per megabyte.
 */
export function statementShape(sql: string): StatementShape {
  const text = new ShapeWriter(sqlTokens(sql)).write();
  return {
    fingerprint: createHash('sha256').update(text).digest('hex').slice(0, FINGERPRINT_DIGITS),
    text: text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}${LEFT_OUT}` : text,
  };
}

type PartKind = 'keyword' | 'name' | 'value' | 'operator' | 'punctuation' | 'group';

const NO_SPACE_BEFORE = new Set([',', ')', ']', ';', '.', ':', '::']);
const NO_SPACE_AFTER = new Set(['(', '[', '.', ':', '::', '']);

/** Text that grows part by part, with white space where a reader expects it and nowhere else. */
class Sentence {
  text = '';
  lastKind: PartKind = 'punctuation';
  lastPart = '';
  partBeforeLast = '';

  add(kind: PartKind, part: string): void {
    this.text += this.#touches(kind, part) ? part : ` ${part}`;
    this.lastKind = kind;
    this.partBeforeLast = this.lastPart;
    this.lastPart = part;
  }

  /** Whether what stands last can be the left side of an operator. */
  get endsInOperand(): boolean {
    const { lastKind, lastPart } = this;
    return lastKind === 'name' || lastKind === 'value' || lastKind === 'group' || lastPart === 'END';
  }

  #touches(kind: PartKind, part: string): boolean {
    if (NO_SPACE_AFTER.has(this.lastPart) || NO_SPACE_BEFORE.has(part)) return true;
    if (kind !== 'group') return false;
    return part.startsWith('[') ? this.endsInOperand || this.lastPart === 'ARRAY' : this.lastKind === 'name';
  }
}

/** How the elements of a group are put together again. */
type Collapse = (elements: readonly string[]) => readonly string[];

const keepAll: Collapse = (elements) => elements;
/** One of each; sorted, so that the order in which the kinds come makes no difference. */
const oneOfEach: Collapse = (elements) => [...new Set(elements)].sort();
const oneOfEachRun: Collapse = (elements) =>
  elements.filter((element, index) => element !== elements[index - 1]);

class ShapeWriter {
  readonly #tokens: readonly SqlToken[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly SqlToken[]) {
    this.#tokens = tokens;
  }

  write(): string {
    const sentence = new Sentence();
    while (this.#at < this.#tokens.length) this.#next(sentence, false);
    return sentence.text.replace(/;+$/, '');
  }

  /** Takes the next token, and what belongs to it, into the sentence. */
  #next(sentence: Sentence, inArray: boolean): void {
    const token = this.#tokens[this.#at];
    if (token === undefined) return;
    this.#at += 1;
    switch (token.kind) {
      case 'string':
        // Two strings in a row are one that was broken over lines.
        if (this.#tokens[this.#at - 2]?.kind !== 'string' || sentence.lastPart !== VALUE) {
          sentence.add('value', VALUE);
        }
        break;
      case 'number':
      case 'parameter':
        sentence.add('value', VALUE);
        break;
      case 'word':
        this.#word(sentence, token.text);
        break;
      case 'quotedName':
        this.#name(sentence, token.text);
        break;
      case 'operator':
        if (!this.#isSignOfNumber(sentence, token.text)) sentence.add('operator', token.text);
        break;
      default:
        if (token.text === '(') sentence.add('group', this.#parentheses(sentence));
        else if (token.text === '[') this.#brackets(sentence, inArray);
        else sentence.add('punctuation', token.text);
    }
  }

  #word(sentence: Sentence, word: string): void {
    const large = word.toUpperCase();
    if (sentence.lastPart === '.' || !KEYWORDS.has(large)) this.#name(sentence, word.toLowerCase());
    else if (isLiteralWord(large, sentence)) sentence.add('value', VALUE);
    else sentence.add('keyword', large);
  }

  #name(sentence: Sentence, name: string): void {
    sentence.add('name', sentence.lastPart === 'SAVEPOINT' ? VALUE : name);
  }

  #isSignOfNumber(sentence: Sentence, operator: string): boolean {
    if (operator !== '-' && operator !== '+') return false;
    return this.#tokens[this.#at]?.kind === 'number' && !sentence.endsInOperand;
  }

  #parentheses(sentence: Sentence): string {
    if (sentence.lastPart === 'VALUES') return this.#rows();
    const isQuery = QUERY_STARTS.has(this.#tokens[this.#at]?.text.toUpperCase() ?? '');
    return `(${this.#elements(')', sentence.lastPart === 'IN' && !isQuery ? oneOfEach : keepAll, false)})`;
  }

  /** `(..), (..), ..` after VALUES; the first parenthesis has been taken. */
  #rows(): string {
    const rows: string[] = [];
    for (;;) {
      rows.push(`(${this.#elements(')', keepAll, false)})`);
      const [comma, open] = [this.#tokens[this.#at], this.#tokens[this.#at + 1]];
      if (comma?.text !== ',' || open?.kind !== 'punctuation' || open.text !== '(') break;
      this.#at += 2;
    }
    return oneOfEach(rows).join(', ');
  }

  #brackets(sentence: Sentence, inArray: boolean): void {
    const isArray = sentence.lastPart === 'ARRAY' || (inArray && !sentence.endsInOperand);
    sentence.add('group', `[${this.#elements(']', isArray ? oneOfEachRun : keepAll, isArray)}]`);
  }

  /** What stands between commas up to the closing mark, which is taken too. */
  #elements(closing: string, collapse: Collapse, inArray: boolean): string {
    if (this.#depth >= MAX_DEPTH) {
      this.#at = this.#tokens.length;
      return LEFT_OUT;
    }
    this.#depth += 1;
    const elements: string[] = [];
    let element = new Sentence();
    for (;;) {
      const token = this.#tokens[this.#at];
      const mark = token?.kind === 'punctuation' ? token.text : null;
      if (token === undefined || mark === closing) break;
      if (mark === ',') {
        this.#at += 1;
        elements.push(element.text);
        element = new Sentence();
      } else {
        this.#next(element, inArray);
      }
    }
    this.#at += 1;
    this.#depth -= 1;
    elements.push(element.text);
    return collapse(elements).join(', ');
  }
}

/** TRUE, FALSE and NULL where they are values, and not part of `IS NOT TRUE`, `NOT NULL` or `SET NULL`. */
function isLiteralWord(large: string, { lastPart, partBeforeLast }: Sentence): boolean {
  if (large !== 'TRUE' && large !== 'FALSE' && large !== 'NULL') return false;
  if (lastPart === 'IS' || (lastPart === 'NOT' && partBeforeLast === 'IS')) return false;
  return large !== 'NULL' || (lastPart !== 'NOT' && lastPart !== 'SET');
}
