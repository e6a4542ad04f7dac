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
 * @param untimed which part of them runs before the clock starts, and does not count
 */
export async function callers(
  count: number,
  extent: Extent,
  operation: Operation,
  withLatencies = false,
  untimed = 0,
): Promise<CallersResult> {
  const latencies = withLatencies ? new LatencyHistogram({ figures: 3 }) : null;
  const last = 'operations' in extent ? extent.operations : Number.POSITIVE_INFINITY;
  const turns = new LoopTurns();
  let next = 0;
  let done = 0;
  let errors = 0;
  let isOver = false;
  let timed = { from: performance.now(), after: 0 };
  const startClock = (): void => {
    timed = { from: performance.now(), after: done };
  };
  const untimedCalls = untimed > 0 && 'operations' in extent ? Math.floor(last * untimed) : null;
  const timers =
    'seconds' in extent
      ? [
          setTimeout(() => (isOver = true), extent.seconds * 1_000),
          ...(untimed > 0 ? [setTimeout(startClock, extent.seconds * 1_000 * untimed)] : []),
        ]
      : [];
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
      if (done === untimedCalls) startClock();
      const turn = turns.afterCall();
      if (turn !== null) await turn;
    }
  };
  await Promise.all(Array.from({ length: count }, caller));
  const elapsedMs = performance.now() - timed.from;
  for (const timer of timers) clearTimeout(timer);
  const operations = done - timed.after;
  return { opsPerSecond: (operations / elapsedMs) * 1_000, operations, elapsedMs, errors, latencies };
}

const UNTIMED = 0.1;

/**
 * The throughput of callers who all got right answers. Their first tenth is not timed: when garbage was collected while nothing
 * ran, V8 threw away code that it had optimized, which no service meets between two requests.
 *
 * @throws Error when one did not: then the figure would be of something else
 */
export async function throughput(count: number, extent: Extent, operation: Operation): Promise<number> {
  const { opsPerSecond, errors } = await callers(count, extent, operation, false, UNTIMED);
  if (errors > 0) throw new Error(`Calls that failed, or got a wrong answer: ${errors}.`);
  return opsPerSecond;
}
