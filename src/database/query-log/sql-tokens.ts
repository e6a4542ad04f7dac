/** What a token of SQL is, as far as normalizing asks. */
export type SqlTokenKind =
  | 'word'
  | 'quotedName'
  | 'string'
  | 'number'
  | 'parameter'
  | 'operator'
  | 'punctuation';

export interface SqlToken {
  readonly kind: SqlTokenKind;
  /** As it stands in the statement; empty for literals and parameters, whose value nobody needs. */
  readonly text: string;
}

const STRING: SqlToken = { kind: 'string', text: '' };
const NUMBER: SqlToken = { kind: 'number', text: '' };
const PARAMETER: SqlToken = { kind: 'parameter', text: '' };
// Shared, as a bulk statement has hundreds of thousands of them.
const PUNCTUATION: ReadonlyMap<string, SqlToken> = new Map(
  ['(', ')', '[', ']', ',', ';', '.', ':', '::', ':='].map((text) => [text, { kind: 'punctuation', text }]),
);
const ALWAYS_PUNCTUATION = new Set(['(', ')', '[', ']', ',', ';']);

const LAST_BLANK = ' '.charCodeAt(0);
const DASH = '-'.charCodeAt(0);
const SLASH = '/'.charCodeAt(0);

const SPACE = /[ \t\n\r\f\v]+/y;
const LINE_COMMENT = /--[^\r\n]*/y;
const COMMENT_EDGE = /\/\*|\*\//g;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const PARAMETER_NUMBER = /\$\d+/y;
const DIGITS =
  /0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/y;
// No longer than a name may be, lest a run of signs, of which each is a token, be looked through for each.
const OPERATOR = /[-+*/<>=~!@#%^&|`?]{1,63}/y;
const COMMENT_IN_OPERATOR = /--|\/\*/;
const MAY_END_IN_SIGN = /[~!@#%^&|`?]/;
const COLONS = /::|:=/y;
const PREFIX_OF_STRING = /^[ebxn]$/i;

/**
 * The tokens of a statement, by the lexical rules of PostgreSQL with `standard_conforming_strings` on; comments and white
 * space are left out. Reads each character once. Never fails: what PostgreSQL would refuse gives some tokens or other,
 * and an end that is missing is the end of the statement.
 *
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
export function sqlTokens(sql: string): readonly SqlToken[] {
  const scanner = new SqlScanner(sql);
  const tokens: SqlToken[] = [];
  for (let token = scanner.next(); token !== null; token = scanner.next()) tokens.push(token);
  return tokens;
}

class SqlScanner {
  readonly #sql: string;
  #at = 0;

  constructor(sql: string) {
    this.#sql = sql;
  }

  next(): SqlToken | null {
    this.#skipBlanks();
    if (this.#at >= this.#sql.length) return null;
    const character = this.#sql.charAt(this.#at);
    if (ALWAYS_PUNCTUATION.has(character)) return this.#punctuation(this.#one(character));
    if (character === "'") return this.#string(false);
    if (character === '"') return this.#quotedName(this.#at);
    if (character === '$') return this.#dollar();
    const word = this.#take(WORD);
    if (word !== null) return this.#word(word);
    if (this.#take(DIGITS) !== null) return NUMBER;
    const operators = this.#take(OPERATOR);
    if (operators !== null) return this.#operator(operators);
    return this.#punctuation(this.#take(COLONS) ?? this.#one(character));
  }

  #skipBlanks(): void {
    for (;;) {
      // Looked at before it is matched, as this is done for every token of a long statement.
      const character = this.#sql.charCodeAt(this.#at);
      if (character <= LAST_BLANK) {
        if (this.#take(SPACE) === null) return;
      } else if (character === DASH) {
        if (this.#take(LINE_COMMENT) === null) return;
      } else if (character === SLASH && this.#sql.startsWith('/*', this.#at)) {
        this.#skipBlockComment();
      } else {
        return;
      }
    }
  }

  /** Comments nest in PostgreSQL, unlike in the standard. */
  #skipBlockComment(): void {
    COMMENT_EDGE.lastIndex = this.#at;
    let depth = 0;
    do {
      const edge = COMMENT_EDGE.exec(this.#sql);
      if (edge === null) {
        this.#at = this.#sql.length;
        return;
      }
      depth += edge[0] === '/*' ? 1 : -1;
    } while (depth > 0);
    this.#at = COMMENT_EDGE.lastIndex;
  }

  #word(word: string): SqlToken {
    const start = this.#at - word.length;
    const next = this.#sql.charAt(this.#at);
    if (next === "'" && PREFIX_OF_STRING.test(word)) return this.#string(word === 'e' || word === 'E');
    if (next === '&' && (word === 'u' || word === 'U')) {
      const quote = this.#sql.charAt(this.#at + 1);
      if (quote === "'" || quote === '"') this.#at += 1;
      if (quote === "'") return this.#string(false);
      if (quote === '"') return this.#quotedName(start);
    }
    return { kind: 'word', text: word };
  }

  #string(withBackslashes: boolean): SqlToken {
    this.#skipQuoted("'", withBackslashes);
    return STRING;
  }

  #quotedName(start: number): SqlToken {
    this.#skipQuoted('"', false);
    return { kind: 'quotedName', text: this.#sql.slice(start, this.#at) };
  }

  /** From one quote past the other; a doubled one, or one behind a backslash where that escapes, is not the end. */
  #skipQuoted(quote: string, withBackslashes: boolean): void {
    const sql = this.#sql;
    let from = this.#at + 1;
    let backslash = withBackslashes ? sql.indexOf('\\', from) : -1;
    for (;;) {
      const end = sql.indexOf(quote, from);
      if (backslash >= 0 && (backslash < end || end < 0)) {
        from = backslash + 2;
        backslash = sql.indexOf('\\', from);
      } else if (end >= 0 && sql.charAt(end + 1) === quote) {
        from = end + 2;
      } else {
        this.#at = end < 0 ? sql.length : end + 1;
        return;
      }
      // What was skipped over in a doubled quote is no longer ahead.
      if (backslash >= 0 && backslash < from) backslash = sql.indexOf('\\', from);
    }
  }

  #dollar(): SqlToken {
    if (this.#take(PARAMETER_NUMBER) !== null) return PARAMETER;
    const tag = this.#take(DOLLAR_QUOTE);
    if (tag === null) return this.#punctuation(this.#one('$'));
    const end = this.#sql.indexOf(tag, this.#at);
    this.#at = end < 0 ? this.#sql.length : end + tag.length;
    return STRING;
  }

  /** An operator ends where a comment begins; and in a sign only if it holds a character that none of SQL's own has. */
  #operator(run: string): SqlToken {
    const comment = run.search(COMMENT_IN_OPERATOR);
    let text = comment < 0 ? run : run.slice(0, comment);
    if (!MAY_END_IN_SIGN.test(text)) text = text.length > 1 ? text.replace(/(?<=.)[-+]+$/, '') : text;
    this.#at -= run.length - text.length;
    return { kind: 'operator', text };
  }

  #punctuation(text: string): SqlToken {
    return PUNCTUATION.get(text) ?? { kind: 'punctuation', text };
  }

  #one(character: string): string {
    this.#at += 1;
    return character;
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#sql);
    if (found === null) return null;
    this.#at = pattern.lastIndex;
    return found[0];
  }
}
