import { HoldfastError } from '../../errors.js';

/** A regular expression took too long on some names. What it had matched before is in the context. */
export class PatternTimeoutError extends HoldfastError {
  readonly code = 'PATTERN_TIMEOUT';
}
