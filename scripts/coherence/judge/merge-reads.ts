import { type ReadColumns, TOOK_UNIT_NS } from '../history.js';
import type { Read } from './register-judge.js';

/** A read and the register that it was of. */
export interface RegisterRead extends Read {
  readonly register: number;
}

/**
 * The reads of all processes in the order in which they ended. Each process's own are in that order already, so they
 * are merged, and nothing is sorted or copied: there are millions.
 */
export function* mergeReads(byProcess: readonly (readonly ReadColumns[])[]): Generator<RegisterRead> {
  const streams = byProcess.map((chunks, process) => new Stream(chunks, process));
  for (;;) {
    let first: Stream | null = null;
    for (const stream of streams)
      if (stream.endedAt < (first?.endedAt ?? Number.POSITIVE_INFINITY)) first = stream;
    if (first === null) return;
    yield first.take();
  }
}

/** The reads of one process that were not taken yet. */
class Stream {
  readonly #chunks: readonly ReadColumns[];
  readonly #process: number;
  #chunk = 0;
  #row = 0;

  constructor(chunks: readonly ReadColumns[], process: number) {
    this.#chunks = chunks.filter((chunk) => chunk.endedAt.length > 0);
    this.#process = process;
  }

  /** When the next one ended; Infinity when there is none. */
  get endedAt(): number {
    return this.#chunks[this.#chunk]?.endedAt[this.#row] ?? Number.POSITIVE_INFINITY;
  }

  take(): RegisterRead {
    const columns = this.#chunks[this.#chunk];
    const row = this.#row;
    this.#row += 1;
    if (this.#row >= (columns?.endedAt.length ?? 0)) {
      this.#chunk += 1;
      this.#row = 0;
    }
    const endedAt = columns?.endedAt[row] ?? Number.NaN;
    return {
      process: this.#process,
      register: columns?.register[row] ?? Number.NaN,
      state: columns?.state[row] ?? Number.NaN,
      begunAt: endedAt - (columns?.took[row] ?? Number.NaN) * TOOK_UNIT_NS,
      endedAt,
    };
  }
}
