import { type Context, createContext, Script } from 'node:vm';
import { PatternTimeoutError } from './pattern-errors.js';

/** Asks for each name anew: an expression with `g` or `y` goes on where the last match ended. */
const SCRIPT = new Script('names.map((name) => { expression.lastIndex = 0; return expression.test(name); })');

/**
 * A regular expression with an end to its patience. JavaScript's own engine goes back and forth without bound for one such as
 * `(a+)+$`; V8 can be stopped in the midst of it, though only from a script that was given a time limit.
 */
export class TimedRegExp {
  readonly #context: Context;
  readonly #shown: string;
  readonly #timeLimitMs: number;

  constructor(expression: RegExp, timeLimitMs: number) {
    // A copy: its `lastIndex` is its owner's.
    const copy = new RegExp(expression.source, expression.flags);
    this.#context = createContext({ expression: copy, names: [] });
    this.#shown = `/${expression.source.slice(0, 100)}/${expression.flags}`;
    this.#timeLimitMs = timeLimitMs;
  }

  /**
   * For each name whether the expression is found in it.
   *
   * @throws PatternTimeoutError when that takes longer than the time limit
   */
  matches(names: readonly string[]): readonly boolean[] {
    if (names.length === 0) return [];
    this.#context['names'] = names;
    try {
      return Array.from(SCRIPT.runInContext(this.#context, { timeout: this.#timeLimitMs }) as boolean[]);
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw new PatternTimeoutError(
        `${this.#shown} took longer than ${this.#timeLimitMs} ms for ${names.length} keys. Write it without nested ` +
          'repetition, begin it with ^ and the text that the keys begin with, or use a glob or a tag.',
        {
          context: { pattern: this.#shown, timeLimitMs: this.#timeLimitMs, names: names.length },
          cause: error,
        },
      );
    } finally {
      this.#context['names'] = [];
    }
  }
}

// What means itself in every expression.
const LITERAL = /^[\w:@/ %,=~!'"<>&;#-]*/;

/**
 * What every name begins with in which an expression is found, as far as that is plain: behind a `^`, in an expression that
 * gives no choice and does not look at lines or past case.
 */
export function regExpBeginning({ source, flags }: RegExp): string {
  if (!source.startsWith('^') || source.includes('|') || /[im]/.test(flags)) return '';
  const [literal = ''] = LITERAL.exec(source.slice(1)) ?? [];
  const next = source[1 + literal.length];
  const isRepeated = next === '*' || next === '?' || next === '{';
  return isRepeated ? literal.slice(0, -1) : literal;
}
