import { InvalidArgumentError } from '../../errors.js';
import { globBeginning, globMatcher, globTokens } from './glob.js';
import { regExpBeginning, TimedRegExp } from './timed-reg-exp.js';

/** Tells which names a pattern means. */
export interface NameMatcher {
  /** What every name begins with that matches, as it is; empty where that is not known. */
  readonly literalBeginning: string;
  /**
   * For each name whether it matches.
   *
   * @throws PatternTimeoutError when a regular expression takes too long on them; the process stands still meanwhile
   */
  matches(names: readonly string[]): readonly boolean[];
}

export interface MatcherOptions {
  /** How long a regular expression may take for the names of one call. @default 250 */
  readonly timeLimitMs?: number;
}

const DEFAULT_TIME_LIMIT_MS = 250;
// A name is matched in the product of both lengths at the worst.
const MAX_PATTERN_LENGTH = 4_096;

/**
 * A matcher for the whole name with a glob as Redis has it, or for a place in it with a regular expression, which means
 * exactly what it means to JavaScript from the beginning of the name, whatever its `lastIndex`.
 *
 * In a glob `*` stands for any characters, `?` for one, `[abc]` and `[a-z]` for one of these, `[^a]` for one of all others, and a
 * character after `\` for itself. A character is one of Unicode, where Redis counts bytes.
 *
 * @throws InvalidArgumentError when it is neither, or empty, or longer than 4,096 characters
 */
export function matcherOf(pattern: string | RegExp, options: MatcherOptions = {}): NameMatcher {
  if (typeof pattern === 'string') {
    checkLength(pattern);
    const tokens = globTokens(pattern);
    const matches = globMatcher(tokens);
    return Object.freeze({
      literalBeginning: globBeginning(tokens),
      matches: (names: readonly string[]) => names.map(matches),
    });
  }
  if (Object.prototype.toString.call(pattern) !== '[object RegExp]') {
    throw new InvalidArgumentError(`A pattern must be a glob or a RegExp, not ${typeof pattern}.`);
  }
  checkLength(pattern.source);
  const timed = new TimedRegExp(pattern, options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS);
  return Object.freeze({
    literalBeginning: regExpBeginning(pattern),
    matches: (names: readonly string[]) => timed.matches(names),
  });
}

function checkLength(pattern: string): void {
  if (pattern !== '' && pattern.length <= MAX_PATTERN_LENGTH) return;
  throw new InvalidArgumentError(
    `A pattern must have 1 to ${MAX_PATTERN_LENGTH} characters, not ${pattern.length}.`,
    { context: { length: pattern.length, max: MAX_PATTERN_LENGTH } },
  );
}
