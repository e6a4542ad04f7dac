import { SearchTermError } from './errors.js';
import { wholeNumber } from './limits.js';

const MAX_TERM_LENGTH = 256;

/**
 * A term to search for, without the spaces around it.
 *
 * @throws SearchTermError when it is too short or too long
 */
export function checkedTerm(given: string, minTermLength: number | undefined): string {
  const min = wholeNumber('minTermLength', minTermLength, { fallback: 2, min: 1, max: MAX_TERM_LENGTH });
  const term = typeof given === 'string' ? given.trim() : '';
  const length = [...term].length;
  if (length >= min && length <= MAX_TERM_LENGTH) return term;
  throw new SearchTermError(
    `A search term has from ${min} to ${MAX_TERM_LENGTH} characters, this one has ${length}.`,
    { context: { length, min, max: MAX_TERM_LENGTH } },
  );
}
