import { LatencyHistogram } from '../../../src/database/statistics/latency-histogram.js';
import { LoopTurns } from './loop-turns.js';

/** How long callers call: for a time, or so often all together. */
export type Extent = { readonly seconds: number } | { readonly operations: number };

/** What callers saw. */
export interface CallersResult {
  readonly opsPerSecond: number;
  readonly operations: number;
  readonly elapsedMs: number;
  /** Calls that rejected, or whose answer was wrong. */
  readonly errors: number;
  /** Of one call, from its start to its answer; null unless latencies were asked for. */
  readonly latencies: LatencyHistogram | null;
}

/** One call, the `n`th of all; resolves to whether the answer was right. */
export type Operation = (n: number) => Promise<boolean>;

/**
 * A closed loop: `count` callers, each of which calls again as soon as it has its answer. Noting every latency takes some 100
 * ns per call, which of the fastest calls is a good part: it is left out unless asked for.
 *
 * @param withLatencies whether each call is timed
 */
export async function callers(
  count: number,
  extent: Extent,
  operation: Operation,
  withLatencies = false,
): Promise<CallersResult> {
  const latencies = withLatencies ? new LatencyHistogram({ figures: 3 }) : null;
  const last = 'operations' in extent ? extent.operations : Number.POSITIVE_INFINITY;
  const turns = new LoopTurns();
  let next = 0;
  let done = 0;
  let errors = 0;
  let isOver = false;
  const timer = 'seconds' in extent ? setTimeout(() => (isOver = true), extent.seconds * 1_000) : undefined;
  const caller = async (): Promise<void> => {
    while (!isOver && next < last) {
      const n = next;
      next += 1;
      const begunAt = latencies === null ? 0 : performance.now();
      try {
        if (!(await operation(n))) errors += 1;
      } catch {
        errors += 1;
      }
      latencies?.record(performance.now() - begunAt);
      done += 1;
      const turn = turns.afterCall();
      if (turn !== null) await turn;
    }
  };
  const begunAt = performance.now();
  await Promise.all(Array.from({ length: count }, caller));
  const elapsedMs = performance.now() - begunAt;
  clearTimeout(timer);
  return { opsPerSecond: (done / elapsedMs) * 1_000, operations: done, elapsedMs, errors, latencies };
}

/**
 * The throughput of callers who all got right answers.
 *
 * @throws Error when one did not: then the figure would be of something else
 */
export async function throughput(count: number, extent: Extent, operation: Operation): Promise<number> {
  const { opsPerSecond, operations, errors } = await callers(count, extent, operation);
  if (errors > 0) throw new Error(`${errors} of ${operations} calls failed, or got a wrong answer.`);
  return opsPerSecond;
}
