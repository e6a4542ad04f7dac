import { userId } from '../users.js';

/** The ids of the seeded users from one index on, scattered: neighbours in the list are not neighbours in the table. */
export function scatteredIds(count: number, from = 0): readonly string[] {
  const stride = strideFor(count);
  return Array.from({ length: count }, (_, n) => userId(from + ((n * stride) % count)));
}

/** A step that meets every index once before it comes back: it shares no factor with their number. */
function strideFor(count: number): number {
  let stride = Math.max(1, Math.floor(count * 0.618));
  while (commonFactor(stride, count) !== 1) stride += 1;
  return stride;
}

function commonFactor(a: number, b: number): number {
  return b === 0 ? a : commonFactor(b, a % b);
}

/** The id at a place of a list that is walked round and round. */
export function idAt(ids: readonly string[], n: number): string {
  return ids[n % ids.length] ?? '';
}
