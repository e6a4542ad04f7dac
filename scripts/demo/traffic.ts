import { setTimeout as delay } from 'node:timers/promises';
import type { RandomSource } from '../support/random.js';
import { LatencyRecorder } from './latency-recorder.js';
import { LoopTurn } from './loop-turn.js';

/** What the traffic consists of. */
export interface Workload {
  /** Chooses the next read; calling it makes the read. */
  nextRead(): () => Promise<unknown>;
  /** Makes the next write; false when there was nothing to write just now. */
  write(): Promise<boolean>;
}

/** How much traffic there is. */
export interface TrafficOptions {
  readonly durationMs: number;
  readonly readers: number;
  /** The share of writes among all operations, 0 to 1. */
  readonly writeShare: number;
  readonly random: RandomSource;
  readonly signal: AbortSignal;
  /** Told about ten times a second how far it is. */
  readonly onProgress?: (share: number, reads: number) => void;
}

/** What came of a phase of traffic. */
export interface TrafficResult {
  readonly elapsedMs: number;
  readonly reads: number;
  readonly writes: number;
  readonly errors: number;
  /** The message of the first error; null when there was none. */
  readonly firstError: string | null;
  readonly readLatency: LatencyRecorder;
  readonly writeLatency: LatencyRecorder;
}

const progressEveryMs = 100;
const pauseAfterErrorMs = 20;

/**
 * Serves a closed loop of traffic: each reader makes its next operation when the one before has ended, until the time
 * is up. Throws the signal's reason when it was aborted.
 */
export async function serveTraffic(workload: Workload, options: TrafficOptions): Promise<TrafficResult> {
  const { durationMs, random, signal, writeShare } = options;
  const readLatency = new LatencyRecorder();
  const writeLatency = new LatencyRecorder();
  const turns = new LoopTurn();
  let errors = 0;
  let firstError: string | null = null;
  const startedAt = performance.now();
  const deadline = startedAt + durationMs;

  const operate = async () => {
    if (random.next() < writeShare) {
      const writeAt = performance.now();
      if (await workload.write()) {
        writeLatency.recordMs(performance.now() - writeAt);
      }
      return;
    }
    const read = workload.nextRead();
    const readAt = performance.now();
    await read();
    readLatency.recordMs(performance.now() - readAt);
  };
  const reader = async () => {
    for (let now = performance.now(); now < deadline && !signal.aborted; now = performance.now()) {
      await turns.due(now);
      try {
        await operate();
      } catch (error) {
        errors += 1;
        firstError ??= error instanceof Error ? error.message : String(error);
        // Without a pause, a server that refuses at once would be asked in a busy loop.
        await delay(pauseAfterErrorMs);
      }
    }
  };

  const ticker = setInterval(() => {
    options.onProgress?.((performance.now() - startedAt) / durationMs, readLatency.count);
  }, progressEveryMs);
  try {
    await Promise.all(Array.from({ length: options.readers }, reader));
  } finally {
    clearInterval(ticker);
  }
  signal.throwIfAborted();
  return {
    elapsedMs: performance.now() - startedAt,
    reads: readLatency.count,
    writes: writeLatency.count,
    errors,
    firstError,
    readLatency,
    writeLatency,
  };
}
