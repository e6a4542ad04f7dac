import type { Operation } from './callers.js';
import { median } from './median.js';

/**
 * The median latency of one caller who calls so often, in milliseconds.
 *
 * @throws Error when an answer was wrong
 */
export async function sequentialLatencyMs(operations: number, operation: Operation): Promise<number> {
  const times = new Float64Array(operations);
  for (let n = 0; n < operations; n += 1) {
    const begunAt = performance.now();
    const isRight = await operation(n);
    times[n] = performance.now() - begunAt;
    if (!isRight) throw new Error(`Call ${n} got a wrong answer.`);
  }
  return median([...times]);
}
