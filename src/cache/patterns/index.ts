export { escapeGlob } from './glob.js';
export {
  invalidateByPattern,
  type NamedKey,
  type PatternInvalidation,
  type PatternProgress,
  type PatternReport,
} from './invalidate-by-pattern.js';
export { type MatcherOptions, matcherOf, type NameMatcher } from './name-matcher.js';
export { PatternTimeoutError } from './pattern-errors.js';
