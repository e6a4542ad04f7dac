const BASE_MS = 10;
const CAP_MS = 1_000;

/**
 * How long to wait before the next attempt: a random time up to a ceiling that doubles. With all of it random ("full
 * jitter"), those who collided once come back spread out.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param attempt 0 for the first wait
 */
export function fullJitterMs(
  attempt: number,
  options: { readonly baseMs?: number; readonly capMs?: number; readonly random?: () => number } = {},
): number {
  const { baseMs = BASE_MS, capMs = CAP_MS, random = Math.random } = options;
  return random() * Math.min(capMs, baseMs * 2 ** attempt);
}
